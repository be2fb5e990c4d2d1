/* SPDX-License-Identifier: MIT */

/*
 * A connection that carries GETs with hard limits, over evhttp: the only file
 * that knows its client.
 *
 * evhttp tells too little (a connection that was refused and one that was
 * reset look alike) and believes too much (sizes, and a server that promises
 * to keep a connection open).  So the file watches the connection itself:
 *
 *	on_handshake	OpenSSL begins the handshake: TCP is up
 *	on_session	a TLS session to resume another time
 *	on_message	TLS talks to itself; too much of that is an error
 *	on_event	the connection is up, or why it did not come up
 *	on_input	bytes came; too many of them are an error
 *	on_head		evhttp has read the header
 *	on_body		a part of the body
 *	on_error	evhttp's own word for a failure; on_done follows
 *	on_done		the fetch is over; or earlier, in link_fail()
 *	on_close	evhttp lets go of the connection, for any reason
 *
 * Each only records.  The link is freed by its owner, from the event loop.
 */

#include "link.h"

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "error.h"
#include "model.h"

/* Limits that hold whatever a modem sends. */
#define HEAD_MAX	(16 * 1024)	/* status line and header */
#define BODY_MAX	(1024 * 1024)
/* With all that comes around it: `100 Continue` before the header, and the
 * sizes of chunks, which may be of a byte each. */
#define HEADS_MAX	(4 * HEAD_MAX)
#define ANSWER_MAX	(8 * BODY_MAX)
/* Of TLS, for one answer: a handshake is about ten, then come tickets. */
#define MESSAGES_MAX	64

/* Seconds.  evhttp's own timers count from one I/O event to the next and
 * would never end a fetch that drips; the deadline is the probe's, and comes
 * earlier in all but absurd configurations. */
#define EVHTTP_TIMEOUT 600

/* What came for the request that was sent last. */
struct reply {
	bool				 coming;	/* more is to come */
	bool				 keeps;		/* the link open */
	size_t				 bytes;
	unsigned			 messages;	/* of TLS */
	int				 status;	/* 0: no header yet */
	char				 location[80];	/* of a redirect */
	enum evhttp_request_error	 error;		/* if on_error ran */
};

struct link {
	struct peer			*peer;
	struct fetch			*fetch;
	struct event			*wake;
	struct evhttp_connection	*evcon;
	struct bufferevent		*bev;	/* evcon's */
	SSL				*ssl;	/* bev's; NULL: plain HTTP */

	int64_t				 opened;
	int64_t				 setup_time;	/* 0: not up */
	unsigned			*counted;	/* in peer->stats */
	unsigned			 answers;
	bool				 up;
	bool				 offered;	/* a session */
	bool				 dead;		/* closed, or must be */
	int				 error;		/* errno: not up */
	unsigned long			 tls_error;	/* OpenSSL's: not up */
	struct tls_facts		 facts;
	struct reply			 reply;

	/* What evhttp had set before on_event was put in front of it. */
	bufferevent_event_cb		 evhttp_event;
	void				*evhttp_arg;
};

static void	 link_watch(struct link *);
static void	 link_describe(struct link *);
static void	 link_explain_connect(struct link *);
static void	 link_explain_answer(struct link *);
static void	 link_fail(struct link *, enum cm_reason, const char *, ...)
		    CM_PRINTF(3, 4);
static void	 on_handshake(const SSL *, int, int);
static int	 on_session(SSL *, SSL_SESSION *);
static void	 on_message(int, int, int, const void *, size_t, SSL *, void *);
static void	 on_event(struct bufferevent *, short, void *);
static void	 on_input(struct evbuffer *, const struct evbuffer_cb_info *,
		    void *);
static int	 on_head(struct evhttp_request *, void *);
static void	 on_body(struct evhttp_request *, void *);
static void	 on_error(enum evhttp_request_error, void *);
static void	 on_done(struct evhttp_request *, void *);
static void	 on_close(struct evhttp_connection *, void *);

/* Count the link as one of these and of no others; NULL: not at all. */
static void
link_count(struct link *l, unsigned *which)
{
	if (l->counted != NULL)
		(*l->counted)--;
	l->counted = which;
	if (which != NULL)
		(*which)++;
}

struct link *
link_open(struct peer *peer, struct event *wake)
{
	struct link *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->peer = peer;
	l->wake = wake;
	l->opened = clock_now();
	if (peer->context != NULL) {
		l->ssl = tls_new(peer->context, &peer->policy, peer->name,
		    peer->address);
		if (l->ssl == NULL)
			goto fail;
		l->offered = session_offer(&peer->session, l->ssl);
		/* Frees the SSL object also when it fails. */
		l->bev = bufferevent_openssl_socket_new(peer->base, -1,
		    l->ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
	} else
		l->bev = bufferevent_socket_new(peer->base, -1,
		    BEV_OPT_CLOSE_ON_FREE);
	if (l->bev == NULL)
		goto fail;
	l->evcon = evhttp_connection_base_bufferevent_new(peer->base, NULL,
	    l->bev, peer->address, peer->port);
	if (l->evcon == NULL) {
		bufferevent_free(l->bev);
		goto fail;
	}
	evhttp_connection_set_timeout(l->evcon, EVHTTP_TIMEOUT);
	evhttp_connection_set_max_headers_size(l->evcon, HEAD_MAX);
	evhttp_connection_set_closecb(l->evcon, on_close, l);
	if (*peer->source != '\0')
		evhttp_connection_set_local_address(l->evcon, peer->source);
	if (evbuffer_add_cb(bufferevent_get_input(l->bev), on_input, l) ==
	    NULL) {
		evhttp_connection_free(l->evcon);
		goto fail;
	}
	if (l->ssl != NULL) {
		SSL_set_app_data(l->ssl, l);
		SSL_set_info_callback(l->ssl, on_handshake);
		SSL_set_msg_callback(l->ssl, on_message);
	}
	link_count(l, &peer->stats->connecting);
	return l;
fail:
	free(l);
	return NULL;
}

/* Errors of making a socket that no modem has part in. */
static bool
is_limit(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

/* Why nothing can be sent from an address, as an errno; 0 if it can: evhttp
 * would not say why, and leave the request to nobody. */
static int
source_error(const char *source)
{
	struct sockaddr_storage ss;
	int error = 0, length = sizeof(ss);
	evutil_socket_t fd;

	if (*source == '\0')
		return 0;
	if (evutil_parse_sockaddr_port(source, (struct sockaddr *)&ss,
	    &length) != 0)
		return EINVAL;
	fd = socket(ss.ss_family, SOCK_STREAM, 0);
	if (fd == -1)
		return errno;
	if (bind(fd, (struct sockaddr *)&ss, (socklen_t)length) != 0)
		error = errno;
	evutil_closesocket(fd);
	return error;
}

void
link_send(struct link *l, struct fetch *f)
{
	struct evhttp_request *req = evhttp_request_new(on_done, l);
	struct evkeyvalq *headers;
	int error;

	l->fetch = f;
	l->reply = (struct reply){ .coming = true, .error = EVREQ_HTTP_EOF };
	if (l->up) {
		link_count(l, &l->peer->stats->busy);
		link_describe(l);
	}
	trace_add(f->trace, l->up ? "%s: asked on an open connection" :
	    "%s: a new connection", endpoints[f->page].name);
	fetch_enter(f, l->up ? PHASE_WAIT : PHASE_CONNECT);
	if (req == NULL) {
		link_fail(l, CM_EXPORTER_LIMIT, "no memory for a request");
		return;
	}
	error = l->up ? 0 : source_error(l->peer->source);
	if (error != 0) {
		evhttp_request_free(req);
		link_fail(l, is_limit(error) ? CM_EXPORTER_LIMIT :
		    CM_UNREACHABLE, "the exporter cannot connect from %s: %s",
		    l->peer->source,
		    evutil_socket_error_to_string(error));
		return;
	}
	evhttp_request_set_header_cb(req, on_head);
	evhttp_request_set_chunked_cb(req, on_body);
	evhttp_request_set_error_cb(req, on_error);
	headers = evhttp_request_get_output_headers(req);
	/* Without memory for these the modem refuses: a failed fetch. */
	evhttp_add_header(headers, "Host", l->peer->host);
	evhttp_add_header(headers, "User-Agent", l->peer->user_agent);
	/* HTTP/1.0 servers keep a connection only if they are asked to. */
	evhttp_add_header(headers, "Connection", "keep-alive");
	/* Nothing is inflated: a small answer cannot become a large one. */
	evhttp_add_header(headers, "Accept-Encoding", "identity");

	errno = 0;
	if (evhttp_make_request(l->evcon, req, EVHTTP_REQ_GET,
	    endpoints[f->page].path) != 0 && !f->done)
		link_fail(l, CM_UNREACHABLE, "the request could not be made");
	if (!f->done && !l->up)
		link_watch(l);
}

/* Tell the probe of its first TLS connection. */
static void
link_describe(struct link *l)
{
	if (l->ssl == NULL || l->fetch->facts->version[0] != '\0')
		return;
	if (l->facts.version[0] == '\0')
		tls_describe(l->ssl, &l->facts);
	*l->fetch->facts = l->facts;
}

/*
 * Put on_event in front of evhttp's own callback for as long as the
 * connection is being set up: evhttp does not say why that failed, and when
 * it calls on_done, errno has been overwritten.
 */
static void
link_watch(struct link *l)
{
	evutil_socket_t fd = bufferevent_getfd(l->bev);
	bufferevent_data_cb on_read, on_write;
	int on = 1;

	/* evhttp sets no other callbacks before the connection is up, and all
	 * of them anew then (http.c, evhttp_connection_connect_ and _cb). */
	bufferevent_getcb(l->bev, &on_read, &on_write, &l->evhttp_event,
	    &l->evhttp_arg);
	bufferevent_setcb(l->bev, NULL, NULL, on_event, l);
	/* A request is one small write: waiting for more gains nothing. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

struct fetch *
link_fetch(const struct link *l)
{
	return l->fetch;
}

/* Some servers choke on a session that they do not know. */
static bool
link_was_offered(const struct link *l)
{
	return l->offered && !l->up && l->fetch->phase == PHASE_TLS;
}

void
link_part(struct link *l)
{
	/* Or are only slower than a probe has time. */
	if (link_was_offered(l) &&
	    (l->fetch->error.reason != CM_TIMEOUT ||
	    clock_now() - l->opened >= LINK_MOMENT))
		session_forget(&l->peer->session);
	l->fetch = NULL;
	if (l->up)
		link_count(l, &l->peer->stats->idle);
}

bool
link_choked(const struct link *l)
{
	return link_was_offered(l) &&
	    l->fetch->error.reason == CM_TLS_HANDSHAKE_FAILED;
}

bool
link_is_up(const struct link *l)
{
	return l->up;
}

bool
link_is_served(const struct link *l)
{
	return l->ssl != NULL ? l->up : l->answers > 0 || l->reply.bytes > 0;
}

/* Bytes that nobody asked for would be taken as the next answer. */
bool
link_is_idle(const struct link *l)
{
	return l->fetch == NULL && l->up && !l->dead && !l->reply.coming &&
	    l->reply.keeps &&
	    evbuffer_get_length(bufferevent_get_input(l->bev)) == 0;
}

bool
link_is_spent(const struct link *l)
{
	/* The page of an error may yet end, and leave the link idle. */
	bool coming = l->reply.coming && l->reply.keeps && !l->dead &&
	    l->reply.status != 200;

	return l->fetch == NULL && !coming && !link_is_idle(l);
}

bool
link_is_silent(const struct link *l)
{
	return l->reply.bytes == 0;
}

unsigned
link_answers(const struct link *l)
{
	return l->answers;
}

int64_t
link_opened(const struct link *l)
{
	return l->opened;
}

int64_t
link_setup_time(const struct link *l)
{
	return l->setup_time;
}

void
link_free(struct link *l)
{
	/* What is still to come of OpenSSL and libevent finds nobody. */
	if (l->ssl != NULL) {
		if (l->up && !l->dead)
			SSL_shutdown(l->ssl);
		SSL_set_info_callback(l->ssl, NULL);
		SSL_set_msg_callback(l->ssl, NULL);
		SSL_set_app_data(l->ssl, NULL);
	}
	link_count(l, NULL);
	evbuffer_remove_cb(bufferevent_get_input(l->bev), on_input, l);
	bufferevent_disable(l->bev, EV_READ | EV_WRITE);
	evhttp_connection_set_closecb(l->evcon, NULL, NULL);
	evhttp_connection_free(l->evcon);
	ERR_clear_error();
	free(l);
}

/* Whether TCP is up is asked when OpenSSL is first let at the socket, which
 * is when it has become writable, connected or not. */
static void
on_handshake(const SSL *ssl, int where, int result)
{
	struct link *l = SSL_get_app_data(ssl);
	evutil_socket_t fd = bufferevent_getfd(l->bev);
	struct sockaddr_storage ss;
	socklen_t length = sizeof(ss), error_length = sizeof(l->error);

	(void)result;
	if ((where & SSL_CB_HANDSHAKE_START) == 0 || l->up || l->error != 0)
		return;
	if (getpeername(fd, (struct sockaddr *)&ss, &length) != 0)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &l->error,
		    &error_length);
	/* A connection that was reset already had been up before. */
	if (l->error == 0 || l->error == ECONNRESET)
		fetch_enter(l->fetch, PHASE_TLS);
}

void
link_keep_sessions(SSL_CTX *ctx)
{
	SSL_CTX_sess_set_new_cb(ctx, on_session);
}

/* Called within the handshake or, with TLS 1.3, within a later read. */
static int
on_session(SSL *ssl, SSL_SESSION *session)
{
	struct link *l = SSL_get_app_data(ssl);

	if (l != NULL && !l->dead) {
		if (l->peer->chokes)
			session_forget(&l->peer->session);
		else
			session_keep(&l->peer->session, session);
		if (l->fetch == NULL)	/* the pool may be at rest */
			session_rest(&l->peer->session);
		event_active(l->wake, 0, 0);
	}
	return 0;	/* the session stays OpenSSL's */
}

/* Called within whatever OpenSSL does, which passes over some messages for as
 * long as they come: only the end of the connection ends that. */
static void
on_message(int sent, int version, int type, const void *bytes, size_t length,
    SSL *ssl, void *arg)
{
	struct link *l = SSL_get_app_data(ssl);

	(void)version;
	(void)bytes;
	(void)length;
	(void)arg;
	/* Beyond the types of RFC 8446, 5.1 are OpenSSL's own. */
	if (sent || type > SSL3_RT_HANDSHAKE || l->dead ||
	    ++l->reply.messages <= MESSAGES_MAX)
		return;
	l->dead = true;
	shutdown(bufferevent_getfd(l->bev), SHUT_RDWR);
	event_active(l->wake, 0, 0);
	if (l->fetch != NULL)
		link_fail(l, l->up ? CM_HTTP_PROTOCOL :
		    CM_TLS_HANDSHAKE_FAILED, "more than %d messages of TLS "
		    "came, and no answer", MESSAGES_MAX);
}

/* Count a handshake, and look at whose it was.  False: the link has failed. */
static bool
link_check_tls(struct link *l)
{
	struct peer *peer = l->peer;
	bool resumed = SSL_session_reused(l->ssl);
	enum cm_reason reason;
	char why[128];

	if (resumed)
		peer->stats->handshakes_resumed++;
	else
		peer->stats->handshakes_full++;
	if (l->offered)
		peer->resumes_none = !resumed;
	link_describe(l);
	reason = tls_check(l->ssl, &peer->policy, why, sizeof(why));
	if (reason == CM_OK)
		return true;
	/* A resumed session keeps its verdict: the next is to be a new one. */
	l->dead = true;
	session_forget(&peer->session);
	link_fail(l, reason, "%s", why);
	return false;
}

static void
link_trace(const struct link *l)
{
	const char *page = endpoints[l->fetch->page].name;

	if (l->ssl == NULL)
		trace_add(l->fetch->trace, "%s: connected, asked", page);
	else
		trace_add(l->fetch->trace, "%s: connected, %s, %s, %s "
		    "handshake, asked", page, SSL_get_version(l->ssl),
		    SSL_get_cipher_name(l->ssl),
		    SSL_session_reused(l->ssl) ? "resumed" : "full");
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct link *l = arg;

	if (what & BEV_EVENT_CONNECTED) {
		/* evhttp does not hear of a link that is not to be used. */
		if (l->ssl != NULL && !link_check_tls(l))
			return;
		l->up = true;
		l->setup_time = clock_now() - l->opened;
		link_count(l, &l->peer->stats->busy);
		link_trace(l);
		fetch_enter(l->fetch, PHASE_WAIT);
		event_active(l->wake, 0, 0);
	} else if (l->error == 0) {
		l->error = EVUTIL_SOCKET_ERROR();
		l->tls_error = bufferevent_get_openssl_error(bev);
	}
	l->evhttp_event(bev, what, l->evhttp_arg);
}

/* What nobody waits for any more: the rest of an answer, within bounds. */
static void
link_drain(struct link *l, size_t bytes)
{
	l->reply.bytes += bytes;
	if (!l->reply.coming || l->reply.bytes > HEAD_MAX + BODY_MAX) {
		l->dead = true;
		event_active(l->wake, 0, 0);
	}
}

static void
on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	static const char http[] = "HTTP/";
	struct link *l = arg;
	char first[sizeof(http) - 1];
	ev_ssize_t n;

	if (info->n_added == 0)
		return;
	if (l->fetch == NULL) {
		link_drain(l, info->n_added);
		return;
	}
	fetch_enter(l->fetch, PHASE_TRANSFER);
	if (l->reply.bytes == 0) {
		event_active(l->wake, 0, 0);
		n = evbuffer_copyout(input, first, sizeof(first));
		if (n > 0 && memcmp(first, http, (size_t)n) != 0)
			link_fail(l, CM_HTTP_PROTOCOL, "the answer is not "
			    "HTTP: it begins '%.*s'", (int)n, first);
	}
	l->reply.bytes += info->n_added;
	/* evhttp bounds neither a chunk's size line nor waits for less than a
	 * whole chunk. */
	if (evbuffer_get_length(input) > HEAD_MAX + BODY_MAX)
		link_fail(l, CM_TOO_LARGE, "more than %d bytes came without "
		    "end of a line or chunk", HEAD_MAX + BODY_MAX);
	else if (l->reply.bytes >
	    (l->reply.status == 0 ? HEADS_MAX : ANSWER_MAX))
		link_fail(l, CM_TOO_LARGE, "%zu bytes came, and the answer%s "
		    "did not end", l->reply.bytes,
		    l->reply.status == 0 ? "'s header" : "");
}

static int
on_head(struct evhttp_request *req, void *arg)
{
	struct link *l = arg;
	struct evkeyvalq *headers = evhttp_request_get_input_headers(req);
	const char *location = evhttp_find_header(headers, "Location");
	const char *connection, *coding;
	bool whole;

	/* Nobody asked for `100 Continue`, and evhttp would wait for what
	 * follows it in vain, on TLS, or heap up the headers of many. */
	l->reply.status = evhttp_request_get_response_code(req);
	if (location != NULL)
		evutil_snprintf(l->reply.location,
		    sizeof(l->reply.location), " to '%s'", location);
	coding = evhttp_find_header(headers, "Transfer-Encoding");
	whole = evhttp_find_header(headers, "Content-Length") != NULL ||
	    (coding != NULL && strcasecmp(coding, "chunked") == 0);
	connection = evhttp_find_header(headers, "Connection");
	/* RFC 9112, 9.3; evhttp does not look at the version. */
	l->reply.keeps = whole && (connection != NULL ?
	    strcasecmp(connection, "keep-alive") == 0 :
	    req->major == 1 && req->minor >= 1);
	/* A body without a length ends with the connection, also where a
	 * server promises to keep that open: evhttp would take it as empty. */
	while (!whole && evhttp_remove_header(headers, "Connection") == 0)
		;
	if (l->fetch == NULL)
		return 0;
	l->fetch->whole = whole;
	/* Of any other status the body says nothing, and may never end. */
	if (l->reply.status != 200)
		link_explain_answer(l);
	return 0;
}

static void
on_body(struct evhttp_request *req, void *arg)
{
	struct link *l = arg;
	struct evbuffer *part = evhttp_request_get_input_buffer(req);
	const unsigned char *bytes = evbuffer_pullup(part, -1);

	if (l->fetch == NULL || l->fetch->done || bytes == NULL)
		return;
	/* Copied: a chunk of one byte that is moved takes half a KiB. */
	if (evbuffer_add(l->fetch->body, bytes,
	    evbuffer_get_length(part)) != 0)
		link_fail(l, CM_EXPORTER_LIMIT, "no memory for the answer");
	else if (evbuffer_get_length(l->fetch->body) > BODY_MAX)
		link_fail(l, CM_TOO_LARGE, "the answer is larger than %d "
		    "bytes", BODY_MAX);
}

static void
on_error(enum evhttp_request_error error, void *arg)
{
	struct link *l = arg;

	l->reply.error = error;
}

/* A body without a length ends where the connection does, also if that ends
 * in a reset: whether it is whole is for its JSON to say. */
static bool
link_has_body(const struct link *l)
{
	return !l->fetch->whole && l->reply.error == EVREQ_HTTP_EOF &&
	    evbuffer_get_length(l->fetch->body) > 0;
}

/* Three ways lead here: an answer; no request, after on_error; and a request
 * without a status, when the connection did not come up. */
static void
on_done(struct evhttp_request *req, void *arg)
{
	struct link *l = arg;

	l->reply.coming = false;
	if (req != NULL && evhttp_request_get_response_code(req) != 0)
		l->answers++;
	else
		l->dead = true;
	event_active(l->wake, 0, 0);
	if (l->fetch == NULL || l->fetch->done)
		return;
	if (l->error == 0)
		l->error = EVUTIL_SOCKET_ERROR();
	if (l->reply.status == 200 && (req != NULL || link_has_body(l))) {
		fetch_finish(l->fetch);
	} else if (l->up)
		link_explain_answer(l);
	else
		link_explain_connect(l);
}

/* Only a mark: it runs in the midst of evhttp's work on the connection. */
static void
on_close(struct evhttp_connection *evcon, void *arg)
{
	struct link *l = arg;

	(void)evcon;
	l->dead = true;
	event_active(l->wake, 0, 0);
}

static void
link_explain_connect(struct link *l)
{
	const char *why = ERR_reason_error_string(l->tls_error);
	const char *source = l->peer->source;
	enum cm_reason reason;

	if (l->fetch->phase == PHASE_TLS) {
		link_fail(l, CM_TLS_HANDSHAKE_FAILED,
		    "the TLS handshake failed: %s", why != NULL ? why :
		    "the connection was closed");
		return;
	}
	switch (l->error) {
	case ECONNREFUSED:
		reason = CM_CONNECT_REFUSED;
		break;
	case ETIMEDOUT:
		reason = CM_CONNECT_TIMEOUT;
		break;
	case ECONNRESET:	/* it had been up, for a moment */
	case EPIPE:
	case ENOTCONN:
		reason = CM_CONNECTION_RESET;
		break;
	default:	/* no socket, no port of ours; or no route, no host */
		reason = is_limit(l->error) ||
		    (l->error == EADDRNOTAVAIL && *source == '\0') ?
		    CM_EXPORTER_LIMIT : CM_UNREACHABLE;
		break;
	}
	link_fail(l, reason, "the connection failed%s%s: %s",
	    *source != '\0' ? ", from " : "", source,
	    evutil_socket_error_to_string(l->error));
}

static void
link_explain_answer(struct link *l)
{
	if (l->reply.status >= 300 && l->reply.status < 400)
		link_fail(l, CM_REDIRECT, "the answer's status is %d%s",
		    l->reply.status, l->reply.location);
	else if (l->reply.status != 0 && l->reply.status != 200)
		link_fail(l, CM_HTTP_STATUS, "the answer's status is %d",
		    l->reply.status);
	else if (l->reply.error == EVREQ_HTTP_TIMEOUT)
		link_fail(l, CM_TIMEOUT, "nothing came for %d seconds",
		    EVHTTP_TIMEOUT);
	else if (l->reply.bytes == 0)
		link_fail(l, CM_CONNECTION_RESET, "the connection was closed "
		    "without an answer%s", l->ssl == NULL && l->answers == 0 ?
		    ": perhaps it speaks HTTPS" : "");
	else if (l->reply.error == EVREQ_HTTP_INVALID_HEADER &&
	    l->reply.status == 0 && l->reply.bytes > HEAD_MAX)
		link_fail(l, CM_TOO_LARGE, "the answer's header is larger "
		    "than %d bytes", HEAD_MAX);
	else if (l->reply.error == EVREQ_HTTP_INVALID_HEADER)
		link_fail(l, CM_HTTP_PROTOCOL, "the answer's header cannot be "
		    "read");
	else if (l->reply.error == EVREQ_HTTP_DATA_TOO_LONG)
		link_fail(l, CM_HTTP_PROTOCOL, "a chunk's size, or what came "
		    "after the last chunk, could not be read");
	else
		link_fail(l, CM_TRUNCATED, "the connection was closed within "
		    "the answer");
}

static void
link_fail(struct link *l, enum cm_reason reason, const char *fmt, ...)
{
	char what[160];
	va_list ap;

	va_start(ap, fmt);
	evutil_vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	fetch_fail(l->fetch, l->peer, reason, what);
	event_active(l->wake, 0, 0);
}
