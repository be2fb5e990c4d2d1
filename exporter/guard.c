/* SPDX-License-Identifier: MIT */

/*
 * Clients' connections.  evhttp bounds a request's header and body, but not a
 * chunk's size line, which it searches for its end again with every byte that
 * comes (http.c, evhttp_handle_chunked_read); and its timeouts begin anew with
 * every byte.
 *
 * evhttp does not tell of a connection that ends before its first request, so
 * that each is looked at once a second while any is in a hurry.  It is held
 * until then, lest its bufferevent be gone.
 */

#include "guard.h"

#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include <stdlib.h>
#include <string.h>

#include "listen.h"
#include "log.h"
#include "monotonic.h"
#include "tls_server.h"
#include "web.h"

#define LINES_MAX	256	/* of a head; browsers send some twenty */
#define REST		1	/* seconds: who waits longer can be spared */
/* Bytes, at once: a modem's page is twice what libevent writes unless told. */
#define WRITE_MAX	(64 * 1024)

enum phase {
	ASKING,			/* or about to, on a new connection */
	ASKED,			/* the answer is being made */
	READING,		/* the client, our answer */
	IDLE			/* evhttp's own timeout counts */
};

/* Seconds that a phase may take; 0: any. */
static const int64_t limits[] = {
	[ASKING] = 10, [ASKED] = 0, [READING] = 10, [IDLE] = 0
};

struct client {
	struct client		*next;
	struct client		*previous;
	struct guard		*guard;
	struct bufferevent	*bev;		/* a reference of our own */
	enum phase		 phase;
	int64_t			 since;
	size_t			 lines;		/* since the last request */
	bool			 strange;	/* no request of it is taken */
};

struct guard {
	struct web	*web;		/* is it TLS? */
	size_t		 limit;		/* bytes that wait to be read */
	unsigned long	 most;
	unsigned long	 count;
	unsigned long	 asked;		/* those that are */
	struct client	 ring;		/* its head; the next is the one that
					 * changed last */
	struct event	*sweep;
	int64_t		 complained;
};

static struct bufferevent *on_connection(struct event_base *, void *);
static void	on_input(struct evbuffer *, const struct evbuffer_cb_info *,
		    void *);
static bool	is_strange(struct client *, struct evbuffer *, size_t);
static void	on_sweep(evutil_socket_t, short, void *);
static bool	is_gone(const struct client *);
static void	make_room(struct guard *);
static struct client *find_spare(const struct guard *);
static void	enter(struct client *, enum phase);
static void	cut(struct client *);
static void	client_free(struct client *);

struct guard *
guard_new(struct event_base *base, struct evhttp *http, struct web *web,
    size_t limit, unsigned long most)
{
	struct guard *guard = calloc(1, sizeof(*guard));

	if (guard == NULL)
		return NULL;
	guard->sweep = evtimer_new(base, on_sweep, guard);
	if (guard->sweep == NULL) {
		free(guard);
		return NULL;
	}
	guard->web = web;
	guard->limit = limit;
	guard->most = most;
	guard->ring.next = guard->ring.previous = &guard->ring;
	evhttp_set_bevcb(http, on_connection, guard);
	return guard;
}

void
guard_free(struct guard *guard)
{
	struct client *client, *next;

	for (client = guard->ring.next; client != &guard->ring; client = next) {
		next = client->next;
		client_free(client);
	}
	event_free(guard->sweep);
	free(guard);
}

static int64_t
seconds(void)
{
	return monotonic_now() / 1000000;
}

/* NULL: libevent makes one without a guard. */
static struct bufferevent *
on_connection(struct event_base *base, void *arg)
{
	struct guard *guard = arg;
	struct client *client;
	SSL_CTX *tls;

	client = calloc(1, sizeof(*client));
	if (client == NULL)
		return NULL;
	web_refresh(guard->web);
	tls = web_tls(guard->web);
	client->bev = tls != NULL ? tls_server_accept(base, tls) :
	    bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (client->bev == NULL) {
		free(client);
		return NULL;
	}
	bufferevent_incref(client->bev);
	client->guard = guard;
	client->next = client->previous = client;
	bufferevent_setwatermark(client->bev, EV_READ, 0, guard->limit);
	bufferevent_set_max_single_write(client->bev, WRITE_MAX);
	evbuffer_add_cb(bufferevent_get_input(client->bev), on_input, client);
	enter(client, ASKING);
	if (++guard->count >= guard->most && log_again(&guard->complained))
		log_line(LEVEL_WARN, "as many connections as "
		    "--web.max-connections allows", NULL);
	make_room(guard);
	return client->bev;
}

static void
on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct client *client = arg;

	if (info->n_added == 0)
		return;
	if (client->phase == IDLE)
		enter(client, ASKING);
	/* What waits at the high-water mark will never be a request.  Only a
	 * mark: evhttp may be reading this very buffer, and forgets a request
	 * that is being answered when its connection ends. */
	if (evbuffer_get_length(input) >= client->guard->limit ||
	    is_strange(client, input, info->n_added))
		client->strange = true;
}

/* Has what was added a NUL, or too many lines? */
static bool
is_strange(struct client *client, struct evbuffer *input, size_t added)
{
	struct evbuffer_iovec part;
	struct evbuffer_ptr at;
	const char *p, *end;
	bool strange = false;

	evbuffer_ptr_set(input, &at, evbuffer_get_length(input) - added,
	    EVBUFFER_PTR_SET);
	for (; added > 0; added -= part.iov_len) {
		evbuffer_peek(input, -1, &at, &part, 1);
		p = part.iov_base;
		end = p + part.iov_len;
		strange = strange || memchr(p, '\0', part.iov_len) != NULL;
		for (; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
			client->lines++;
		evbuffer_ptr_set(input, &at, part.iov_len, EVBUFFER_PTR_ADD);
	}
	return strange || client->lines > LINES_MAX;
}

static void
on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct timeval second = { .tv_sec = 1 };
	struct guard *guard = arg;
	struct client *client, *next;
	int64_t now = seconds();
	bool again = false;

	(void)fd;
	(void)what;
	for (client = guard->ring.next; client != &guard->ring; client = next) {
		next = client->next;
		if (client->phase == ASKED && evbuffer_get_length(
		    bufferevent_get_output(client->bev)) > 0)
			enter(client, READING);
		if (is_gone(client) || (limits[client->phase] > 0 &&
		    now - client->since > limits[client->phase]) ||
		    (client->strange && client->phase != ASKED))
			cut(client);
		else if (client->phase != IDLE)
			again = true;
	}
	make_room(guard);
	if (again || guard->count >= guard->most)
		event_add(guard->sweep, &second);
}

/* evhttp has set a callback since the beginning; freeing takes it away. */
static bool
is_gone(const struct client *client)
{
	bufferevent_event_cb on_event;

	bufferevent_getcb(client->bev, NULL, NULL, &on_event, NULL);
	return on_event == NULL;
}

/* The one that has waited longest for a request, and a while at least: one
 * that has just come is about to ask.  NULL for none. */
static struct client *
find_spare(const struct guard *guard)
{
	int64_t before = seconds() - REST;
	struct client *client;

	for (client = guard->ring.previous; client != &guard->ring;
	    client = client->previous) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): lost the ring */
		if (client->since >= before)
			break;
		if (client->phase == IDLE || client->phase == ASKING)
			return client;
	}
	return NULL;
}

/* At the limit one more is accepted, to be swapped for a spare.  If that one
 * asks meanwhile, we stay one above and stop accepting. */
static void
make_room(struct guard *guard)
{
	struct client *spare = NULL;

	while (guard->count >= guard->most &&
	    (spare = find_spare(guard)) != NULL && guard->count > guard->most)
		cut(spare);
	listen_pause(guard->count >= guard->most && spare == NULL);
}

static void
unlink_client(struct client *client)
{
	client->next->previous = client->previous;
	client->previous->next = client->next;
}

static void
enter(struct client *client, enum phase phase)
{
	struct timeval second = { .tv_sec = 1 };
	struct guard *guard = client->guard;

	guard->asked -= client->phase == ASKED;
	guard->asked += phase == ASKED;
	client->phase = phase;
	client->since = seconds();
	unlink_client(client);
	client->previous = &guard->ring;
	client->next = guard->ring.next;
	client->next->previous = client;
	guard->ring.next = client;
	if (phase != IDLE && !evtimer_pending(guard->sweep, NULL))
		event_add(guard->sweep, &second);
}

/* End a connection: evhttp then frees it, and calls guard_closed() if it has
 * had a request. */
static void
cut(struct client *client)
{
	struct linger none = { .l_onoff = 1 };
	struct bufferevent *bev = client->bev;
	bool gone = is_gone(client);

	/* Reset it: else the kernel goes on sending to who does not read. */
	if (client->phase == READING)
		setsockopt(bufferevent_getfd(bev), SOL_SOCKET, SO_LINGER,
		    &none, sizeof(none));
	client_free(client);
	if (!gone)
		bufferevent_trigger_event(bev,
		    BEV_EVENT_EOF | BEV_EVENT_READING, 0);
}

static void
client_free(struct client *client)
{
	struct guard *guard = client->guard;

	unlink_client(client);
	guard->count--;
	guard->asked -= client->phase == ASKED;
	evbuffer_remove_cb(bufferevent_get_input(client->bev), on_input,
	    client);
	bufferevent_decref(client->bev);
	free(client);
	if (guard->count < guard->most)
		listen_pause(false);
}

/* Those asked for have changed lately, and are near the beginning. */
static struct client *
find(const struct guard *guard, const struct bufferevent *bev)
{
	struct client *client = guard->ring.next;

	while (client != &guard->ring && client->bev != bev)
		client = client->next;
	return client != &guard->ring ? client : NULL;
}

bool
guard_asked(struct guard *guard, struct bufferevent *bev)
{
	struct client *client = find(guard, bev);

	if (client == NULL)
		return true;
	client->lines = 0;
	enter(client, ASKED);
	return !client->strange;
}

bool
guard_is_crowded(const struct guard *guard)
{
	return guard->asked > guard->most - guard->most / 4;
}

void
guard_answered(struct guard *guard, struct bufferevent *bev)
{
	struct client *client = find(guard, bev);

	/* It may have asked more than one thing at a time. */
	if (client != NULL)
		enter(client, evbuffer_get_length(
		    bufferevent_get_input(bev)) > 0 ? ASKING : IDLE);
}

void
guard_closed(struct guard *guard, struct bufferevent *bev)
{
	struct client *client = find(guard, bev);

	if (client != NULL)
		client_free(client);
}
