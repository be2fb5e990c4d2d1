/* SPDX-License-Identifier: MIT */
/*
 * The floor under the exporter's figures: the pages of one probe, fetched with
 * nothing but sockets, epoll and OpenSSL, parsed by jansson and thrown away.
 *
 *	usage: floor MODE ROUNDS URL
 *
 * MODE is one of
 *
 *	kept	all pages at once, on connections that are kept
 *	resumed	all at once, on new connections that resume a TLS session
 *	new	all at once, on new connections
 *	turn	one after the other, on one new connection
 *
 * and URL is http://ADDRESS:PORT or https://ADDRESS:PORT. A first round, in
 * which the connections are made or a session is got, is not counted. Whatever
 * goes wrong ends the program. Linux only.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "stats.h"

/* Those of the exporter's module coda56. */
static const char *const pages[] = {
	"dsinfo", "usinfo", "dsofdminfo", "usofdminfo", "getCmDocsisWan",
	"getSysInfo",
};

#define PAGES		(sizeof(pages) / sizeof(pages[0]))
#define ANSWER_MAX	((size_t)256 * 1024)

enum mode {
	MODE_KEPT,
	MODE_RESUMED,
	MODE_NEW,
	MODE_TURN,
	MODE_COUNT
};

static const char *const mode_names[MODE_COUNT] = {
	[MODE_KEPT] = "kept",
	[MODE_RESUMED] = "resumed",
	[MODE_NEW] = "new",
	[MODE_TURN] = "turn",
};

enum state {
	CLOSED,
	CONNECTING,
	SHAKING,
	READY,
	READING
};

/* A connection, and the pages that are asked for on it. */
struct link {
	enum state	 state;
	int		 fd;
	SSL		*ssl;		/* NULL: plain HTTP */
	size_t		 page;		/* the next, or that which is read */
	size_t		 end;		/* after the last */
	size_t		 have;		/* bytes of the answer */
	char		 answer[ANSWER_MAX + 1];
};

static enum mode	 mode;
static struct sockaddr_in modem;
static SSL_CTX		*ctx;		/* NULL: plain HTTP */
static SSL_SESSION	*session;	/* the latest */
static int		 loop;
static unsigned		 full, resumed;	/* handshakes */
static struct link	 links[PAGES];

static void	 read_url(const char *);
static SSL_CTX	*context_new(void);
static int	 on_session(SSL *, SSL_SESSION *);
static double	 cpu(void);
static void	 round_run(void);
static bool	 round_over(size_t);
static void	 link_run(struct link *);
static void	 link_open(struct link *);
static void	 link_close(struct link *);
static void	 link_connected(struct link *);
static bool	 link_shake(struct link *);
static void	 link_ask(struct link *);
static bool	 link_read(struct link *);
static void	 parse(const char *, size_t);
static int	 link_bytes(struct link *, bool out, void *, size_t);

int
main(int argc, char **argv)
{
	double *walls, began, spent;
	size_t rounds, i;

	if (argc != 4)
		errx(2, "usage: floor kept|resumed|new|turn ROUNDS URL");
	while (mode < MODE_COUNT && strcmp(mode_names[mode], argv[1]) != 0)
		mode++;
	rounds = strtoul(argv[2], NULL, 10);
	if (mode == MODE_COUNT || rounds == 0)
		errx(2, "no such mode, or no rounds");
	read_url(argv[3]);
	loop = epoll_create1(EPOLL_CLOEXEC);
	walls = calloc(rounds, sizeof(*walls));
	if (loop < 0 || walls == NULL)
		err(1, "floor");

	round_run();
	full = resumed = 0;
	spent = -cpu();
	for (i = 0; i < rounds; i++) {
		began = stats_clock();
		round_run();
		walls[i] = stats_clock() - began;
	}
	spent += cpu();

	printf("{\"rounds\": %zu, \"cpu\": %.9f, \"full\": %u, "
	    "\"resumed\": %u, ", rounds, spent / (double)rounds, full,
	    resumed);
	stats_print(walls, rounds);
	printf("}\n");
	free(walls);
	return 0;
}

static void
read_url(const char *url)
{
	bool tls = strncmp(url, "https://", 8) == 0;
	char host[64];
	unsigned port;

	if (sscanf(url, "%*[a-z]://%63[0-9.]:%u", host, &port) != 2 ||
	    inet_pton(AF_INET, host, &modem.sin_addr) != 1)
		errx(2, "no URL with an IPv4 address and a port: %s", url);
	modem.sin_family = AF_INET;
	modem.sin_port = htons((uint16_t)port);
	if (tls)
		ctx = context_new();
}

/* As tolerant as the exporter's. */
static SSL_CTX *
context_new(void)
{
	SSL_CTX *new = SSL_CTX_new(TLS_client_method());

	if (new == NULL)
		errx(1, "no TLS context");
	SSL_CTX_set_security_level(new, 0);
	SSL_CTX_set_options(new, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(new, SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(new, on_session);
	return new;
}

/* A copy, because a connection that is cut spoils its own. */
static int
on_session(SSL *ssl, SSL_SESSION *new)
{
	(void)ssl;
	SSL_SESSION_free(session);
	session = SSL_SESSION_dup(new);
	return 0;
}

static double
cpu(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Each page once. */
static void
round_run(void)
{
	const size_t count = mode == MODE_TURN ? 1 : PAGES;
	struct epoll_event events[PAGES];
	size_t i;
	int n;

	for (i = 0; i < count; i++) {
		links[i].page = i;
		links[i].end = mode == MODE_TURN ? PAGES : i + 1;
		link_run(&links[i]);
	}
	while (!round_over(count)) {
		n = epoll_wait(loop, events, PAGES, -1);
		if (n < 0 && errno != EINTR)
			err(1, "epoll_wait");
		while (n-- > 0)
			link_run(events[n].data.ptr);
	}
	for (i = 0; mode != MODE_KEPT && i < count; i++)
		link_close(&links[i]);
}

static bool
round_over(size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (links[i].page < links[i].end)
			return false;
	return true;
}

/* As far as it goes without waiting. */
static void
link_run(struct link *l)
{
	bool more = true;

	while (more && l->page < l->end) {
		switch (l->state) {
		case CLOSED:
			link_open(l);
			more = false;	/* the first event says connected */
			break;
		case CONNECTING:
			link_connected(l);
			break;
		case SHAKING:
			more = link_shake(l);
			break;
		case READY:
			link_ask(l);
			break;
		case READING:
			more = link_read(l);
			break;
		}
	}
}

static void
link_open(struct link *l)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = l,
	};
	int on = 1;

	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (l->fd < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, l->fd, &event) != 0 ||
	    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		err(1, "socket");
	if (connect(l->fd, (struct sockaddr *)&modem, sizeof(modem)) != 0 &&
	    errno != EINPROGRESS)
		err(1, "connect");
	l->state = CONNECTING;
	if (ctx == NULL)
		return;
	l->ssl = SSL_new(ctx);
	if (l->ssl == NULL || SSL_set_fd(l->ssl, l->fd) != 1)
		errx(1, "no TLS");
	SSL_set_connect_state(l->ssl);
	if (mode == MODE_RESUMED && session != NULL) {
		SSL_SESSION *copy = SSL_SESSION_dup(session);

		SSL_set_session(l->ssl, copy);
		SSL_SESSION_free(copy);
	}
}

static void
link_close(struct link *l)
{
	if (l->state == CLOSED)
		return;
	if (l->ssl != NULL) {
		SSL_shutdown(l->ssl);
		SSL_free(l->ssl);
	}
	ERR_clear_error();
	close(l->fd);
	l->ssl = NULL;
	l->state = CLOSED;
}

static void
link_connected(struct link *l)
{
	int error = 0;
	socklen_t length = sizeof(error);

	getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	if (error != 0)
		errx(1, "connect: %s", strerror(error));
	l->state = l->ssl != NULL ? SHAKING : READY;
}

static bool
link_shake(struct link *l)
{
	int r = SSL_do_handshake(l->ssl);

	if (r != 1) {
		if (SSL_get_error(l->ssl, r) == SSL_ERROR_WANT_READ)
			return false;
		ERR_print_errors_fp(stderr);
		errx(1, "the handshake failed");
	}
	if (SSL_session_reused(l->ssl))
		resumed++;
	else
		full++;
	l->state = READY;
	return true;
}

static void
link_ask(struct link *l)
{
	char request[128];
	int length = snprintf(request, sizeof(request), "GET /data/%s.asp "
	    "HTTP/1.1\r\nHost: modem\r\n\r\n", pages[l->page]);

	if (link_bytes(l, true, request, (size_t)length) != length)
		errx(1, "a request could not be sent at once");
	l->have = 0;
	l->state = READING;
}

/* An answer ends after its length, or else with the connection. */
static bool
link_read(struct link *l)
{
	int n = link_bytes(l, false, l->answer + l->have,
	    ANSWER_MAX - l->have);
	char *body, *length;
	size_t got;

	if (n < 0)
		return false;
	l->have += (size_t)n;
	l->answer[l->have] = '\0';
	body = strstr(l->answer, "\r\n\r\n");
	if (body == NULL && n > 0)
		return true;
	if (body == NULL || strncmp(l->answer + 8, " 200 ", 5) != 0)
		errx(1, "%s: no answer: %.60s", pages[l->page], l->answer);
	*body = '\0';
	if (strcasestr(l->answer, "\r\nTransfer-Encoding:") != NULL)
		errx(1, "%s: chunks cannot be read", pages[l->page]);
	length = strcasestr(l->answer, "\r\nContent-Length:");
	got = l->have - (size_t)(body + 4 - l->answer);
	if (n == 0 || (length != NULL &&
	    got >= strtoul(length + 17, NULL, 10))) {
		parse(body + 4, got);
		l->page++;
		l->state = READY;
		if (n == 0 || strncmp(l->answer, "HTTP/1.1", 8) != 0 ||
		    strcasestr(l->answer, "\r\nConnection: close") != NULL)
			link_close(l);
	} else
		*body = '\r';
	return true;
}

static void
parse(const char *body, size_t size)
{
	json_error_t error;
	json_t *root = json_loadb(body, size, 0, &error);

	if (root == NULL)
		errx(1, "no JSON: %s", error.text);
	json_decref(root);
}

/* The bytes that went or came, 0 at the end, -1 if it must wait. */
static int
link_bytes(struct link *l, bool out, void *bytes, size_t size)
{
	ssize_t n;
	int r;

	if (l->ssl == NULL) {
		n = out ? write(l->fd, bytes, size) :
		    read(l->fd, bytes, size);
		if (n < 0 && errno != EAGAIN)
			err(1, "%s", out ? "write" : "read");
		return (int)n;
	}
	r = out ? SSL_write(l->ssl, bytes, (int)size) :
	    SSL_read(l->ssl, bytes, (int)size);
	if (r > 0)
		return r;
	switch (SSL_get_error(l->ssl, r)) {
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return -1;
	default:
		ERR_print_errors_fp(stderr);
		errx(1, "TLS failed");
	}
}
