/* SPDX-License-Identifier: MIT */

/*
 * What a pool remembers, and for how long.  The modem is a server in the same
 * loop; the monotonic clock is the test's own, so that hours pass at once.
 */

#include "unit.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <signal.h>
#include <time.h>

#include "link.h"
#include "pools.h"

#define SECOND	INT64_C(1000000)
#define TURNS	10000		/* of the loop, until a fetch is done */

struct modem {
	struct event_base	*base;
	struct evhttp		*http;
	struct evconnlistener	*listener;
	SSL_CTX			*tls;		/* NULL: plain HTTP */
	SSL_CTX			*client_tls;
	struct pools		*pools;
	struct pool		*pool;
	unsigned		 requests;
	unsigned		 connections;
	uint16_t		 ports[64];	/* where they come from */
	bool			 one_each;	/* request on a connection */
	bool			 silent;	/* answers nobody */
};

static int64_t skipped;		/* seconds */

/* Instead of the system's, for libevent too. */
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	struct timeval tv;

	gettimeofday(&tv, NULL);
	ts->tv_sec = tv.tv_sec + (id == CLOCK_REALTIME ? 0 : (time_t)skipped);
	ts->tv_nsec = tv.tv_usec * 1000;
	return 0;
}

/* Whether libevent lives by that clock; else nothing can be seen here. */
static bool
clock_is_ours(void)
{
	struct evutil_monotonic_timer *timer = evutil_monotonic_timer_new();
	struct timeval before, after;

	assert_non_null(timer);
	evutil_configure_monotonic_time(timer, 0);
	evutil_gettime_monotonic(timer, &before);
	skipped += 1000;
	evutil_gettime_monotonic(timer, &after);
	evutil_monotonic_timer_free(timer);
	return after.tv_sec - before.tv_sec >= 1000;
}

/* Whether a request is the first of its connection. */
static bool
is_first(struct modem *m, uint16_t port)
{
	unsigned i;

	for (i = 0; i < m->connections; i++)
		if (m->ports[i] == port)
			return false;
	assert_true(m->connections < COUNT(m->ports));
	m->ports[m->connections++] = port;
	return true;
}

static void
on_request(struct evhttp_request *req, void *arg)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(req);
	struct evbuffer *body = evbuffer_new();
	struct modem *m = arg;
	char *address;
	uint16_t port;

	if (m->silent) {
		evbuffer_free(body);
		return;
	}
	m->requests++;
	evhttp_connection_get_peer(evcon, &address, &port);
	if (!is_first(m, port) && m->one_each)
		shutdown(bufferevent_getfd(
		    evhttp_connection_get_bufferevent(evcon)), SHUT_RDWR);
	assert_non_null(body);
	evbuffer_add_printf(body, "%u", m->requests);
	evhttp_send_reply(req, 200, "OK", body);
	evbuffer_free(body);
}

static struct bufferevent *
on_connection(struct event_base *base, void *arg)
{
	struct modem *m = arg;

	return m->tls == NULL ? NULL : bufferevent_openssl_socket_new(base,
	    -1, SSL_new(m->tls), BUFFEREVENT_SSL_ACCEPTING,
	    BEV_OPT_CLOSE_ON_FREE);
}

/* A key and its certificate, which nobody looks at. */
static SSL_CTX *
server_tls(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();

	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 60);
	if (X509_set_pubkey(x, key) != 1 ||
	    X509_sign(x, key, EVP_sha256()) == 0 ||
	    SSL_CTX_use_certificate(ctx, x) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, key) != 1) {
		SSL_CTX_free(ctx);
		ctx = NULL;
	}
	X509_free(x);
	EVP_PKEY_free(key);
	return ctx;
}

static int
setup(void **state)
{
	static struct modem m;
	static char address[] = "127.0.0.1", none[] = "";
	struct evhttp_bound_socket *bound;
	struct sockaddr_in sin;
	socklen_t length = sizeof(sin);
	struct peer peer;

	signal(SIGPIPE, SIG_IGN);
	m = (struct modem){ .base = event_base_new() };
	m.http = evhttp_new(m.base);
	m.pools = pools_new();
	bound = evhttp_bind_socket_with_handle(m.http, address, 0);
	if (bound == NULL || m.pools == NULL || getsockname(
	    evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&sin,
	    &length) != 0)
		return 1;
	m.listener = evhttp_bound_socket_get_listener(bound);
	evhttp_set_gencb(m.http, on_request, &m);
	evhttp_set_bevcb(m.http, on_connection, &m);
	/* Of the two, it is not the modem that closes. */
	evhttp_set_timeout(m.http, 1000000);
	peer = (struct peer){ .base = m.base, .name = none,
	    .policy = { .ca_file = none }, .address = address,
	    .port = ntohs(sin.sin_port), .source = none,
	    .host = address, .user_agent = "test" };
	m.pool = pools_get(m.pools, &peer);
	*state = &m;
	return m.pool == NULL;
}

/* The same with TLS; the modem accepts nobody yet. */
static int
setup_tls(void **state)
{
	struct modem *m;
	struct peer peer;

	if (setup(state) != 0)
		return 1;
	m = *state;
	m->tls = server_tls();
	m->client_tls = tls_context_new();
	if (m->tls == NULL || m->client_tls == NULL)
		return 1;
	link_keep_sessions(m->client_tls);
	peer = *pool_peer(m->pool);
	peer.context = m->client_tls;
	pools_let_go(m->pools, m->pool);
	m->pool = pools_get(m->pools, &peer);
	evconnlistener_disable(m->listener);
	return m->pool == NULL;
}

static int
teardown(void **state)
{
	struct modem *m = *state;

	pools_let_go(m->pools, m->pool);
	pools_free(m->pools);
	event_base_loop(m->base, EVLOOP_NONBLOCK);
	evhttp_free(m->http);
	event_base_free(m->base);
	SSL_CTX_free(m->tls);
	SSL_CTX_free(m->client_tls);
	return 0;
}

static void
on_fetched(struct fetch *f, void *arg)
{
	struct modem *m = arg;

	assert_true(f->done);
	assert_int_equal(f->error.reason, CM_OK);
	pool_keep_answer(m->pool, f);
	fetch_clear(f);
}

/* Seconds pass, and what is due then happens. */
static void
wait_for(struct modem *m, int64_t seconds)
{
	int i;

	skipped += seconds;
	for (i = 0; i < 4; i++)
		event_base_loop(m->base, EVLOOP_NONBLOCK);
}

/* Get a page; whether the modem was asked for it. */
static bool
ask(struct modem *m, enum cm_endpoint page, int64_t min_interval)
{
	struct tls_facts facts = { "", "", "", "" };
	struct fetch f;
	int turns = 0;

	assert_true(fetch_init(&f, page));
	f.max_links = 1;
	f.keepalive = 90 * SECOND;
	f.min_interval = min_interval * SECOND;
	f.facts = &facts;
	f.cb = on_fetched;
	f.arg = m;
	pool_add(m->pool, &f);
	while (!f.done && turns++ < TURNS)
		event_base_loop(m->base, EVLOOP_ONCE);
	assert_true(f.done);
	return !f.reused;
}

static void
test_a_connection_is_kept_for_its_time(void **state)
{
	struct modem *m = *state;

	assert_true(ask(m, CM_DSINFO, 0));
	assert_int_equal(pool_kept(m->pool), 1);
	wait_for(m, 89);
	assert_int_equal(pool_kept(m->pool), 1);
	assert_true(ask(m, CM_DSINFO, 0));
	assert_int_equal(m->connections, 1);
	/* From its last use. */
	wait_for(m, 89);
	assert_int_equal(pool_kept(m->pool), 1);
	wait_for(m, 2);
	assert_int_equal(pool_kept(m->pool), 0);
	assert_int_equal(pools_stats(m->pools)->idle, 0);
	assert_true(ask(m, CM_DSINFO, 0));
	assert_int_equal(m->connections, 2);
}

static void
test_each_page_has_its_interval(void **state)
{
	struct modem *m = *state;

	assert_true(ask(m, CM_USINFO, 60));
	assert_true(ask(m, CM_DSOFDMINFO, 1800));
	wait_for(m, 58);
	assert_false(ask(m, CM_USINFO, 60));
	assert_false(ask(m, CM_DSOFDMINFO, 1800));
	wait_for(m, 3);
	/* That it was used made it no younger. */
	assert_true(ask(m, CM_USINFO, 60));
	assert_false(ask(m, CM_DSOFDMINFO, 1800));
	wait_for(m, 1736);
	assert_false(ask(m, CM_DSOFDMINFO, 1800));
	wait_for(m, 4);
	assert_true(ask(m, CM_DSOFDMINFO, 1800));
	assert_int_equal(m->requests, 4);
}

static void
test_each_asks_for_its_own_age(void **state)
{
	struct modem *m = *state;

	/* Before anybody wants them, none are kept. */
	assert_true(ask(m, CM_USINFO, 0));
	assert_true(ask(m, CM_USINFO, 60));
	wait_for(m, 40);
	assert_false(ask(m, CM_USINFO, 60));
	assert_true(ask(m, CM_USINFO, 30));
	wait_for(m, 40);
	/* That answer is 40 seconds old, and so is wanted by some. */
	assert_true(ask(m, CM_USINFO, 30));
	assert_true(ask(m, CM_USINFO, 0));
	wait_for(m, 58);
	assert_false(ask(m, CM_USINFO, 60));
	assert_true(ask(m, CM_DSINFO, 60));
}

static void
test_what_was_learned_is_forgotten(void **state)
{
	struct modem *m = *state;

	m->one_each = true;
	assert_true(ask(m, CM_USINFO, 0));
	assert_int_equal(pool_kept(m->pool), 1);
	assert_true(ask(m, CM_USINFO, 0));
	/* In vain on the kept one, then on another; once may be chance. */
	assert_int_equal(m->requests, 3);
	assert_int_equal(m->connections, 2);
	assert_int_equal(pool_kept(m->pool), 1);
	assert_true(ask(m, CM_USINFO, 0));
	assert_int_equal(m->requests, 5);
	assert_int_equal(m->connections, 3);
	assert_int_equal(pool_kept(m->pool), 0);
	m->one_each = false;
	wait_for(m, 890);
	assert_true(ask(m, CM_USINFO, 0));
	assert_int_equal(m->connections, 4);
	assert_int_equal(pool_kept(m->pool), 0);
	wait_for(m, 20);
	assert_true(ask(m, CM_USINFO, 0));
	assert_int_equal(m->connections, 5);
	assert_int_equal(pool_kept(m->pool), 1);
}

static void
on_expired(struct fetch *f, void *arg)
{
	(void)arg;
	assert_int_equal(f->error.reason, CM_TIMEOUT);
	fetch_clear(f);
}

/* A probe that ends in a phase, after so many seconds. */
static void
expire(struct modem *m, enum phase phase, int64_t seconds)
{
	struct tls_facts facts = { "", "", "", "" };
	struct fetch f;
	int turns = 0;

	assert_true(fetch_init(&f, CM_DSINFO));
	f.max_links = 1;
	f.keepalive = 90 * SECOND;
	f.facts = &facts;
	f.cb = on_expired;
	f.arg = m;
	pool_add(m->pool, &f);
	while (f.phase != phase && turns++ < TURNS)
		event_base_loop(m->base, EVLOOP_NONBLOCK);
	assert_int_equal(f.phase, phase);
	wait_for(m, seconds);
	pool_expire(m->pool, &f);
	wait_for(m, 0);
}

static void
test_who_had_no_time_learns_nothing_of_sessions(void **state)
{
	struct modem *m = *state;
	const struct session *session = &pool_peer(m->pool)->session;

	evconnlistener_enable(m->listener);
	assert_true(ask(m, CM_DSINFO, 0));
	assert_true(session_is_known(session));
	pool_close_kept(m->pool, 0);
	evconnlistener_disable(m->listener);
	expire(m, PHASE_TLS, 0);
	assert_true(session_is_known(session));
	expire(m, PHASE_TLS, 2);
	assert_false(session_is_known(session));
}

static void
test_who_had_no_time_learns_nothing_of_reuse(void **state)
{
	struct modem *m = *state;

	assert_true(ask(m, CM_DSINFO, 0));
	m->silent = true;
	expire(m, PHASE_WAIT, 0);
	m->silent = false;
	assert_true(ask(m, CM_DSINFO, 0));
	assert_int_equal(pool_kept(m->pool), 1);
	m->silent = true;
	expire(m, PHASE_WAIT, 2);
	m->silent = false;
	assert_true(ask(m, CM_DSINFO, 0));
	assert_int_equal(pool_kept(m->pool), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_a_connection_is_kept_for_its_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_each_page_has_its_interval, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_each_asks_for_its_own_age, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_was_learned_is_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_who_had_no_time_learns_nothing_of_sessions,
		    setup_tls, teardown),
		cmocka_unit_test_setup_teardown(
		    test_who_had_no_time_learns_nothing_of_reuse, setup,
		    teardown),
	};

	if (!clock_is_ours()) {
		printf("1..0 # SKIP libevent has a clock of its own here\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
