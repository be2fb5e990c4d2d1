/* SPDX-License-Identifier: MIT */

/*
 * A probe without memory: the first allocation fails, then only the second,
 * and so on until a probe gets by without any that fails.  Whichever it is,
 * the probe ends, once, and lets go of all that it had: a sanitizer sees that.
 *
 * The linker puts the functions here before those that the library under test
 * calls (--wrap).  Within libevent and jansson nothing fails: both follow NULL
 * then, and nobody above them can help that.
 * The modem is another process, which has all the memory that it wants.
 */

#include "unit.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "cablemodem.h"

#define ROUNDS	20000		/* more than a probe has allocations */

static long left = -1;		/* that succeed before one fails; -1: all */

/* Whether it is the one that fails. */
static bool
starves(void)
{
	return left >= 0 && left-- == 0;
}

/* A function that gives NULL without memory. */
#define WRAP(result, name, parameters, arguments) \
	result __real_##name parameters; \
	result __wrap_##name parameters; \
	result __wrap_##name parameters \
	{ \
		return starves() ? NULL : __real_##name arguments; \
	}

WRAP(void *, malloc, (size_t n), (n))
WRAP(void *, calloc, (size_t n, size_t size), (n, size))
WRAP(void *, realloc, (void *old, size_t n), (old, n))
WRAP(char *, strdup, (const char *text), (text))
WRAP(struct evbuffer *, evbuffer_new, (void), ())
WRAP(struct event *, event_new, (struct event_base *base, evutil_socket_t fd,
    short what, event_callback_fn cb, void *arg), (base, fd, what, cb, arg))
WRAP(struct bufferevent *, bufferevent_socket_new, (struct event_base *base,
    evutil_socket_t fd, int options), (base, fd, options))
WRAP(struct evhttp_connection *, evhttp_connection_base_bufferevent_new,
    (struct event_base *base, struct evdns_base *dns, struct bufferevent *bev,
    const char *host, ev_uint16_t port), (base, dns, bev, host, port))
WRAP(struct evhttp_request *, evhttp_request_new,
    (void (*cb)(struct evhttp_request *, void *), void *arg), (cb, arg))
WRAP(struct evdns_base *, evdns_base_new, (struct event_base *base,
    int flags), (base, flags))
WRAP(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *method), (method))

/* The modem: a row of each kind of page, and one that is not there. */
static void
on_page(struct evhttp_request *req, void *arg)
{
	static const struct {
		const char	*path;
		const char	*body;
	} pages[] = {
		{ "/data/dsinfo.asp", "[{\"portId\":\"1\",\"frequency\":"
		    "\"591000000\",\"modulation\":\"2\",\"signalStrength\":"
		    "\"9.1\",\"snr\":\"38.6\",\"dsoctets\":\"1 * 2e32 + 7\","
		    "\"correcteds\":\"2\",\"uncorrect\":3,\"channelId\":\"1\"}"
		    "]" },
		{ "/data/getSysInfo.asp", "[{\"hwVersion\":\"1A\","
		    "\"swVersion\":\"7.3.5\",\"serialNumber\":\"X\","
		    "\"rfMac\":\"00:11:22:33:44:55\",\"systemUptime\":"
		    "\"01 Days,02 Hours,03 Minutes,04 Seconds\"}]" },
		{ "/data/status_log.asp", "[{\"index\":1,\"time\":"
		    "\"11/22/26 10:00:00\",\"type\":\"84000500\",\"priority\":"
		    "\"critical\",\"event\":\"SYNC Timing\"}]" },
	};
	struct evbuffer *body = evbuffer_new();
	size_t i;

	(void)arg;
	for (i = 0; i < COUNT(pages); i++)
		if (strcmp(evhttp_request_get_uri(req), pages[i].path) == 0)
			break;
	if (i < COUNT(pages))
		evbuffer_add_printf(body, "%s", pages[i].body);
	evhttp_send_reply(req, i < COUNT(pages) ? 200 : 404, "", body);
	evbuffer_free(body);
}

/* Start it; it ends with its parent's end of a pipe. */
static void
on_parent_gone(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

static uint16_t
modem_start(pid_t *modem, int *lifeline)
{
	struct sockaddr_in sin;
	socklen_t length = sizeof(sin);
	struct evhttp_bound_socket *bound;
	struct event_base *base;
	struct evhttp *http;
	struct event *gone;
	uint16_t port = 0;
	int told[2], life[2];

	assert_true(pipe(told) == 0 && pipe(life) == 0);
	*modem = fork();
	assert_true(*modem >= 0);
	*lifeline = life[1];
	if (*modem > 0) {
		close(told[1]);
		close(life[0]);
		assert_int_equal(read(told[0], &port, sizeof(port)),
		    sizeof(port));
		close(told[0]);
		return port;
	}
	close(life[1]);
	base = event_base_new();
	http = evhttp_new(base);
	evhttp_set_gencb(http, on_page, NULL);
	bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
	gone = event_new(base, life[0], EV_READ, on_parent_gone, base);
	event_add(gone, NULL);
	if (bound == NULL || getsockname(evhttp_bound_socket_get_fd(bound),
	    (struct sockaddr *)&sin, &length) != 0)
		_exit(1);
	port = ntohs(sin.sin_port);
	if (write(told[1], &port, sizeof(port)) != sizeof(port))
		_exit(1);
	event_base_dispatch(base);
	event_free(gone);
	evhttp_free(http);
	event_base_free(base);
	_exit(0);
}

struct outcome {
	struct event_base	*base;
	unsigned		 calls;
	enum cm_reason		 reason;
	bool			 written;	/* as text and as JSON */
};

static void
on_probed(const struct cm_snapshot *snapshot, void *arg)
{
	struct outcome *outcome = arg;
	struct cm_text *text = cm_text_new(CM_OPENMETRICS);
	char *page = NULL, *json;
	size_t length;

	if (text != NULL) {
		cm_snapshot_encode(snapshot, text);
		page = cm_text_finish(text, &length);
	}
	json = cm_snapshot_encode_json(snapshot, "t", "m", "now");
	outcome->calls++;
	outcome->reason = cm_snapshot_reason(snapshot);
	outcome->written = page != NULL && json != NULL;
	free(page);
	free(json);
	event_base_loopbreak(outcome->base);
}

/* A client, two probes and their end, of which the second finds a connection
 * that was kept. */
static void
probe_twice(struct event_base *base, uint16_t port)
{
	static const struct cm_client_config config = {
		"test", "/nonexistent"
	};
	static const struct cm_network loopback = {
		.family = AF_INET, .address = { 127 }, .bits = 8
	};
	static const struct cm_policy policy = { &loopback, 1, NULL, 0 };
	struct cm_module module = {
		.name = "m", .scheme = CM_HTTP, .timeout_us = 20000000,
		.endpoints = 1u << CM_DSINFO | 1u << CM_GETSYSINFO |
		    1u << CM_STATUS_LOG | 1u << CM_GETLINKSTATUS,
		.max_concurrent_fetches = 2, .keepalive_us = 20000000,
		.source_address = "", .tls = { .ca_file = "",
		.server_name = "" }, .policy = &policy,
	};
	struct cm_client *client;
	struct cm_target target;
	struct outcome outcome;
	char why[256];
	int i;

	client = cm_client_new(base, &config, why, sizeof(why));
	if (client == NULL) {
		assert_int_equal(left, -1);
		return;
	}
	assert_true(cm_target_parse(&target, "127.0.0.1", CM_HTTP, port, why,
	    sizeof(why)));
	for (i = 0; i < 2; i++) {
		outcome = (struct outcome){ .base = base };
		if (cm_probe_start(client, &target, &module, 20000000,
		    on_probed, &outcome) == NULL)
			continue;
		event_base_dispatch(base);
		assert_int_equal(outcome.calls, 1);
		/* Who was not starved yet has seen nothing of it. */
		if (left > 0) {
			assert_int_equal(outcome.reason, CM_OK);
			assert_true(outcome.written);
		}
	}
	cm_client_free(client);
}

static void
starve(struct event_base *base, uint16_t port)
{
	long n;

	for (n = 0; n < ROUNDS; n++) {
		left = n;
		probe_twice(base, port);
		if (left >= 0)
			break;
	}
	left = -1;
	assert_in_range(n, 10, ROUNDS - 1);
}

static void
any_allocation_may_fail(void **state)
{
	struct event_base *base;
	int lifeline, status;
	uint16_t port;
	pid_t modem;

	(void)state;
	port = modem_start(&modem, &lifeline);
	base = event_base_new();
	starve(base, port);
	event_base_free(base);
	close(lifeline);
	assert_int_equal(waitpid(modem, &status, 0), modem);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_allocation_may_fail),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
