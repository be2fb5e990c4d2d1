/* SPDX-License-Identifier: MIT */
/*
 * One connection to a modem. Callbacks record and wake; on_conn() decides, and
 * it alone frees:
 *
 *	HELLO		a misbehaviour instead of a handshake
 *	HANDSHAKE	TLS is being set up
 *	HEAD		a request is awaited
 *	NAGGING		messages of TLS leave, and nothing else
 *	DELAY		a request was read, its answer waits
 *	ANSWER		bytes leave
 *	HUNG		nothing more will happen from this side
 *	RESETTING	the other side gets time to read before the RST
 *	CLOSING		close_notify is on its way
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>

#include "answer.h"
#include "sim.h"
#include "tls.h"

#define RESET_AFTER	50	/* ms */
#define CLOSE_RETRY	5	/* ms */
#define NAGS		1000	/* messages at a time */

enum conn_state {
	CONN_HELLO,
	CONN_HANDSHAKE,
	CONN_HEAD,
	CONN_NAGGING,
	CONN_DELAY,
	CONN_ANSWER,
	CONN_HUNG,
	CONN_RESETTING,
	CONN_CLOSING
};

struct conn {
	struct sim *sim;
	struct place *place;
	char address[ADDRESS_SIZE];	/* that was called, for the rules */
	struct bufferevent *bev;
	SSL *ssl;			/* of bev; NULL without TLS */
	struct event *wake;
	struct event *timer;
	enum conn_state state;
	bool tls;			/* by its listener */
	bool up;			/* recorded: TLS is set up */
	bool gone;			/* recorded: no more to be done */
	bool due;			/* recorded: the timer */
	bool paid;			/* the cost of the handshake */
	bool in_request;
	unsigned requests;
	enum page page;
	struct http_head head;
	struct answer answer;
	struct conn *next;
	struct conn **link;		/* that points to this one */
};

static void	on_conn(evutil_socket_t, short why, void *);
static bool	conn_step(struct conn *);
static bool	conn_hello(struct conn *);
static void	conn_nag(struct conn *);
static bool	conn_take(struct conn *);
static bool	conn_answer(struct conn *, const struct http_head *);
static bool	conn_send(struct conn *);
static bool	conn_end(struct conn *);
static void	conn_reset(struct conn *);
static void	conn_shut(struct conn *);
static bool	conn_has(const struct conn *, enum behaviour);
static void	conn_arm(struct conn *, int ms);
static void	conn_request_over(struct conn *);
static void	conn_free(struct conn *);
static void	on_bytes(struct bufferevent *, void *);
static void	on_event(struct bufferevent *, short what, void *);

void
conn_new(struct sim *sim, struct place *place, evutil_socket_t fd, bool tls)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	c->sim = sim;
	c->place = place;
	socket_address(fd, c->address);
	c->tls = tls;
	c->state = CONN_HEAD;
	c->page = PAGE_NONE;
	socket_no_delay(fd);
	if (tls && rules_last(&sim->rules, c->address, PAGE_NONE,
	    STAGE_HELLO) != NULL) {
		c->state = CONN_HELLO;
	} else if (tls) {
		c->state = CONN_HANDSHAKE;
		c->ssl = tls_accept(sim->tls,
		    !conn_has(c, BEHAVE_NO_RESUME), c);
		if (c->ssl == NULL)
			abort();
	}
	if (c->ssl != NULL)
		c->bev = bufferevent_openssl_socket_new(sim->base, fd,
		    c->ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	else
		c->bev = bufferevent_socket_new(sim->base, fd,
		    BEV_OPT_CLOSE_ON_FREE);
	c->wake = event_new(sim->base, -1, 0, on_conn, c);
	c->timer = evtimer_new(sim->base, on_conn, c);
	if (c->bev == NULL || c->wake == NULL || c->timer == NULL)
		abort();
	c->next = sim->conns;
	if (c->next != NULL)
		c->next->link = &c->next;
	c->link = &sim->conns;
	sim->conns = c;
	bufferevent_setcb(c->bev, on_bytes, on_bytes, on_event, c);
	/* A head that is too long must still be seen to be. */
	bufferevent_setwatermark(c->bev, EV_READ, 0, 2 * HTTP_HEAD_MAX);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

static void
on_bytes(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;

	(void)bev;
	event_active(c->wake, 0, 0);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct conn *c = arg;

	(void)bev;
	if ((what & BEV_EVENT_CONNECTED) != 0)
		c->up = true;
	else
		c->gone = true;
	event_active(c->wake, 0, 0);
}

/*
 * Runs inside the handshake, of which a hello retry makes two. The process
 * stands still, as the modem does: it has one slow CPU. What is written to a
 * socket that was shut down fails, and the handshake with it.
 */
void
conn_on_hello(void *arg, bool resumed)
{
	struct conn *c = arg;
	const struct rule *cost = rules_find(&c->sim->rules, c->address,
	    PAGE_NONE, BEHAVE_HANDSHAKE_COST);
	double end;

	if (resumed && conn_has(c, BEHAVE_CHOKE_RESUMED))
		socket_shut(bufferevent_getfd(c->bev));
	if (cost == NULL || c->paid)
		return;
	c->paid = true;
	end = sim_clock() + cost->ms / (resumed ? 10e3 : 1e3);
	while (sim_clock() < end)
		continue;
}

static void
on_conn(evutil_socket_t fd, short why, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	if ((why & EV_TIMEOUT) != 0)
		c->due = true;
	/* What came before the end still counts. */
	while ((!c->gone || c->state <= CONN_HEAD) && conn_step(c))
		continue;
	if (c->gone)
		conn_free(c);
}

/* True if another step may follow at once. */
static bool
conn_step(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct report *report = &c->sim->report;
	const char *name;

	switch (c->state) {
	case CONN_HELLO:
		return evbuffer_get_length(in) > 0 && conn_hello(c);
	case CONN_HANDSHAKE:
		if (!c->up)
			return false;
		if (SSL_session_reused(c->ssl) == 1)
			report->handshakes_resumed++;
		else
			report->handshakes_full++;
		name = SSL_get_servername(c->ssl, TLSEXT_NAMETYPE_host_name);
		snprintf(report->server_name, sizeof(report->server_name),
		    "%s", name != NULL ? name : "");
		c->state = rules_last(&c->sim->rules, c->address,
		    PAGE_NONE, STAGE_UP) != NULL ? CONN_NAGGING : CONN_HEAD;
		return true;
	case CONN_HEAD:
		return conn_take(c);
	case CONN_NAGGING:
		conn_nag(c);
		return false;
	case CONN_DELAY:
		return c->due && conn_answer(c, &c->head);
	case CONN_ANSWER:
		return conn_send(c);
	case CONN_HUNG:
		evbuffer_drain(in, evbuffer_get_length(in));
		return false;
	case CONN_RESETTING:
		if (c->due)
			conn_reset(c);
		return false;
	case CONN_CLOSING:
		if (c->due)
			conn_shut(c);
		return false;
	}
	return false;
}

static bool
conn_hello(struct conn *c)
{
	static const unsigned char garbage[] =
	    "\x99\x88\x77\x66\x55\x44 this is no TLS\r\n";
	const struct rule *rule = rules_last(&c->sim->rules, c->address,
	    PAGE_NONE, STAGE_HELLO);

	c->state = CONN_HUNG;
	/* Without a rule any more, too late for a handshake. */
	if (rule == NULL || rule->what == BEHAVE_HANDSHAKE_CLOSE)
		c->gone = true;
	else if (rule->what == BEHAVE_HANDSHAKE_RESET)
		conn_reset(c);
	else if (rule->what == BEHAVE_HANDSHAKE_GARBAGE)
		bufferevent_write(c->bev, garbage, sizeof(garbage) - 1);
	return true;
}

/* Some messages now, and more in a moment. */
static void
conn_nag(struct conn *c)
{
	static const enum tls_message messages[] = {
		[BEHAVE_TICKET_FLOOD] = TLS_TICKET,
		[BEHAVE_KEY_UPDATE_FLOOD] = TLS_KEY_UPDATE,
		[BEHAVE_HELLO_REQUEST] = TLS_HELLO_REQUEST,
	};
	const struct rule *rule = rules_last(&c->sim->rules, c->address,
	    PAGE_NONE, STAGE_UP);
	unsigned left = NAGS;

	while (rule != NULL && left > 0 && tls_send(c->ssl,
	    messages[rule->what]))
		left--;
	conn_arm(c, 1);
}

static bool
conn_take(struct conn *c)
{
	const struct rule *delay;

	switch (http_head_take(bufferevent_get_input(c->bev), &c->head)) {
	case HTTP_MORE:
		return false;
	case HTTP_BAD:
		c->sim->report.bad_requests++;
		c->page = PAGE_NONE;
		return conn_answer(c, NULL);
	case HTTP_HEAD:
		break;
	}
	c->page = page_by_path(c->head.path);
	c->in_request = true;
	report_request(&c->sim->report, c->place, c->page, &c->head);
	delay = rules_find(&c->sim->rules, c->address, c->page,
	    BEHAVE_DELAY);
	if (delay == NULL)
		return conn_answer(c, &c->head);
	c->state = CONN_DELAY;
	conn_arm(c, delay->ms);
	return false;
}

static bool
conn_answer(struct conn *c, const struct http_head *head)
{
	const struct question q = {
		.rules = &c->sim->rules,
		.address = c->address,
		.tls = c->tls,
		.page = c->page,
		.head = head,
		.before = c->requests++,
		.now = {
			.still = c->sim->still,
			.elapsed = c->sim->still ? 0 :
			    sim_clock() - c->sim->started,
			.clock = (int64_t)time(NULL),
		},
	};

	answer_make(&c->answer, &q);
	c->due = true;		/* the first byte may drip at once */
	c->state = CONN_ANSWER;
	return true;
}

static bool
conn_send(struct conn *c)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	if (evbuffer_get_length(out) > 0)
		return false;
	if (c->answer.drip_ms > 0 && !c->due)
		return false;
	if (!answer_next(&c->answer, out))
		return conn_end(c);
	if (c->answer.drip_ms > 0)
		conn_arm(c, c->answer.drip_ms);
	return true;
}

static bool
conn_end(struct conn *c)
{
	enum answer_end end = c->answer.end;

	answer_clear(&c->answer);
	if (end == ANSWER_HANG) {
		c->state = CONN_HUNG;
		return true;
	}
	conn_request_over(c);
	if (end == ANSWER_KEEP) {
		c->state = CONN_HEAD;
		return true;
	}
	if (end == ANSWER_RESET) {
		c->state = CONN_RESETTING;
		conn_arm(c, RESET_AFTER);
		return false;
	}
	c->state = CONN_CLOSING;
	conn_shut(c);
	return false;
}

static void
conn_reset(struct conn *c)
{
	socket_reset_on_close(bufferevent_getfd(c->bev));
	c->gone = true;
}

static void
conn_shut(struct conn *c)
{
	c->gone = c->ssl == NULL ||
	    tls_shut(c->ssl, conn_has(c, BEHAVE_NO_CLOSE_NOTIFY));
	if (!c->gone)
		conn_arm(c, CLOSE_RETRY);
}

static bool
conn_has(const struct conn *c, enum behaviour what)
{
	return rules_find(&c->sim->rules, c->address, PAGE_NONE, what) !=
	    NULL;
}

static void
conn_arm(struct conn *c, int ms)
{
	const struct timeval after = {
		.tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000,
	};

	c->due = false;
	evtimer_add(c->timer, &after);
}

static void
conn_request_over(struct conn *c)
{
	if (c->in_request)
		report_request_over(&c->sim->report, c->place);
	c->in_request = false;
}

static void
conn_free(struct conn *c)
{
	struct sim *sim = c->sim;

	if (c->tls && !c->up)
		sim->report.handshakes_failed++;
	conn_request_over(c);
	report_connection_over(&sim->report, c->place);
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	socket_drain(bufferevent_getfd(c->bev));
	if (c->ssl != NULL)
		tls_forget(c->ssl);
	bufferevent_disable(c->bev, EV_READ | EV_WRITE);
	bufferevent_setcb(c->bev, NULL, NULL, NULL, NULL);
	bufferevent_free(c->bev);
	event_free(c->wake);
	event_free(c->timer);
	answer_clear(&c->answer);
	free(c);
	doors_settle(sim);
}

void
conns_free(struct sim *sim)
{
	while (sim->conns != NULL)
		conn_free(sim->conns);
}
