/* SPDX-License-Identifier: MIT */

/*
 * Listeners.  evhttp_bind_socket() would ask getaddrinfo(), which a static
 * binary in an empty container cannot, and take only its first answer.
 */

#include "listen.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "parse.h"

#define BACKLOG 128
#define KERNEL_BUFFER 65536	/* bytes each way; Linux takes twice that */

/*
 * A listener that waits when no descriptor is left: libevent would try again
 * and again.  evhttp keeps the listener's own argument for itself, so that
 * they are found by a list.
 */
struct acceptor {
	struct acceptor		*next;
	struct evconnlistener	*listener;
	struct event		*retry;
};

static struct acceptor *acceptors;
static bool paused;

static bool	listen_one(struct event_base *, struct evhttp *,
		    struct sockaddr *, socklen_t);
static bool	serve(struct event_base *, struct evhttp *,
		    struct evconnlistener *);
static const char *find_flaw(int);
static bool	accept_patiently(struct event_base *,
		    struct evconnlistener *);
static void	format(const struct sockaddr *, char *, size_t);

bool
listen_parse(struct listen_address *a, const char *text)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t n = colon != NULL ? (size_t)(colon - text) : sizeof(host);
	unsigned long port;

	memset(a, 0, sizeof(*a));
	if (n >= sizeof(host) || !parse_number(colon + 1, 0, 65535, &port))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	a->ipv4.sin_family = AF_INET;
	a->ipv4.sin_port = htons((uint16_t)port);
	a->ipv6.sin6_family = AF_INET6;
	a->ipv6.sin6_port = htons((uint16_t)port);
	if (n == 0 || strcmp(host, "localhost") == 0) {
		a->has_ipv4 = a->has_ipv6 = true;
		a->ipv4.sin_addr.s_addr =
		    htonl(n == 0 ? INADDR_ANY : INADDR_LOOPBACK);
		a->ipv6.sin6_addr = n == 0 ? in6addr_any : in6addr_loopback;
	} else if (host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		a->has_ipv6 = inet_pton(AF_INET6, host + 1,
		    &a->ipv6.sin6_addr) == 1;
	} else
		a->has_ipv4 = inet_pton(AF_INET, host,
		    &a->ipv4.sin_addr) == 1;
	return a->has_ipv4 || a->has_ipv6;
}

bool
listen_on(struct event_base *base, struct evhttp *http,
    const struct listen_address *address, char *why, size_t whysize)
{
	struct listen_address a = *address;
	char where[INET6_ADDRSTRLEN + 16];

	if (a.has_ipv4) {
		format((struct sockaddr *)&a.ipv4, where, sizeof(where));
		if (!listen_one(base, http, (struct sockaddr *)&a.ipv4,
		    sizeof(a.ipv4)))
			goto fail;
		/* With port 0 both families get the same one. */
		a.ipv6.sin6_port = a.ipv4.sin_port;
	}
	if (a.has_ipv6) {
		format((struct sockaddr *)&a.ipv6, where, sizeof(where));
		/* A machine without IPv6 still has all its addresses. */
		if (!listen_one(base, http, (struct sockaddr *)&a.ipv6,
		    sizeof(a.ipv6)) && !(a.has_ipv4 &&
		    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)))
			goto fail;
	}
	return true;
fail:
	snprintf(why, whysize, "cannot listen on %s: %s "
	    "(--web.listen-address takes another)", where, strerror(errno));
	return false;
}

/* On success the port is the one that was taken.  False: see errno. */
static bool
listen_one(struct event_base *base, struct evhttp *http, struct sockaddr *sa,
    socklen_t length)
{
	unsigned flags = LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE |
	    LEV_OPT_REUSEABLE;
	struct evconnlistener *listener;

	if (sa->sa_family == AF_INET6)
		flags |= LEV_OPT_BIND_IPV6ONLY;
	errno = 0;
	listener = evconnlistener_new_bind(base, NULL, NULL, flags, BACKLOG,
	    sa, (int)length);
	if (listener == NULL || !serve(base, http, listener))
		return false;
	getsockname(evconnlistener_get_fd(listener), sa, &length);
	return true;
}

/* Hand a listener to evhttp.  False: see errno. */
static bool
serve(struct event_base *base, struct evhttp *http,
    struct evconnlistener *listener)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	socklen_t length = sizeof(ss);
	char where[INET6_ADDRSTRLEN + 16];

	if (evhttp_bind_listener(http, listener) == NULL) {
		evconnlistener_free(listener);
		errno = ENOMEM;
		return false;
	}
	if (!accept_patiently(base, listener)) {
		errno = ENOMEM;	/* the listener is evhttp's by now */
		return false;
	}
	getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&ss,
	    &length);
	format((struct sockaddr *)&ss, where, sizeof(where));
	log_line(LEVEL_INFO, "listening", "address", where, NULL);
	return true;
}

bool
listen_inherited(struct event_base *base, struct evhttp *http, int fd,
    char *why, size_t whysize)
{
	const char *flaw = find_flaw(fd);
	struct evconnlistener *listener;

	if (flaw != NULL) {
		snprintf(why, whysize, "descriptor %d, handed over by "
		    "systemd, is %s; it must be a listening TCP socket, as "
		    "ListenStream=8000 gives", fd, flaw);
		return false;
	}
	errno = 0;
	if (evutil_make_socket_nonblocking(fd) == 0 &&
	    evutil_make_socket_closeonexec(fd) == 0) {
		listener = evconnlistener_new(base, NULL, NULL,
		    LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE, 0, fd);
		if (listener != NULL && serve(base, http, listener))
			return true;
	}
	snprintf(why, whysize, "cannot listen on descriptor %d: %s", fd,
	    strerror(errno));
	return false;
}

/* What is wrong with an inherited socket; NULL if nothing is. */
static const char *
find_flaw(int fd)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	socklen_t length = sizeof(ss), size = sizeof(int);
	int type = 0, listening = 0;

	if (getsockname(fd, (struct sockaddr *)&ss, &length) != 0)
		return "no socket";
	if (ss.ss_family == AF_UNIX)
		return "a Unix socket";
	if (ss.ss_family != AF_INET && ss.ss_family != AF_INET6)
		return "of another family";
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
	    type != SOCK_STREAM)
		return "no stream";
	size = sizeof(int);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening,
	    &size) != 0 || !listening)
		return "not listening";
	return NULL;
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct acceptor *a = arg;

	(void)fd;
	(void)what;
	if (!paused)
		evconnlistener_enable(a->listener);
}

static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	int error = EVUTIL_SOCKET_ERROR();
	struct timeval second = { .tv_sec = 1 };
	static int64_t complained;
	struct acceptor *a;

	(void)arg;
	for (a = acceptors; a != NULL; a = a->next)
		if (a->listener == listener) {
			evconnlistener_disable(listener);
			event_add(a->retry, &second);
		}
	if (log_again(&complained))
		log_line(LEVEL_WARN, "cannot accept, trying every second",
		    "error", strerror(error), NULL);
}

static bool
accept_patiently(struct event_base *base, struct evconnlistener *listener)
{
	struct acceptor *a = calloc(1, sizeof(*a));
	int fd = evconnlistener_get_fd(listener);
	int on = 1, size = KERNEL_BUFFER;

	if (a == NULL)
		return false;
	/* Its connections inherit all of this.  The end of a long answer would
	 * wait for the client to confirm the beginning, up to 40 ms. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* Who does not read would make the kernel keep megabytes. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	a->listener = listener;
	a->retry = evtimer_new(base, on_retry, a);
	if (a->retry == NULL) {
		free(a);
		return false;
	}
	a->next = acceptors;
	acceptors = a;
	evconnlistener_set_error_cb(listener, on_accept_error);
	return true;
}

void
listen_pause(bool pause)
{
	struct acceptor *a;

	if (paused == pause)
		return;
	paused = pause;
	for (a = acceptors; a != NULL; a = a->next)
		if (pause)
			evconnlistener_disable(a->listener);
		else if (!evtimer_pending(a->retry, NULL))
			evconnlistener_enable(a->listener);
}

void
listen_end(void)
{
	struct acceptor *a;

	while ((a = acceptors) != NULL) {
		acceptors = a->next;
		event_free(a->retry);
		free(a);
	}
}

static void
format(const struct sockaddr *sa, char *text, size_t size)
{
	const struct sockaddr_in *ipv4 = (const void *)sa;
	const struct sockaddr_in6 *ipv6 = (const void *)sa;
	char address[INET6_ADDRSTRLEN] = "";

	if (sa->sa_family == AF_INET) {
		inet_ntop(AF_INET, &ipv4->sin_addr, address, sizeof(address));
		snprintf(text, size, "%s:%u", address,
		    (unsigned)ntohs(ipv4->sin_port));
	} else {
		inet_ntop(AF_INET6, &ipv6->sin6_addr, address,
		    sizeof(address));
		snprintf(text, size, "[%s]:%u", address,
		    (unsigned)ntohs(ipv6->sin6_port));
	}
}
