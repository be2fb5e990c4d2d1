/* SPDX-License-Identifier: MIT */
/*
 * How tests talk to the program: plain HTTP, one request per connection.
 *
 *	GET /report		the counters
 *	POST /reset		zeroes them
 *	POST /behave		the body's lines are the rules from now on
 *	GET /behaviours		the names that rules can have
 */
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "sim.h"

#define RULES_MAX	1048576	/* bytes: one for each of thousands of modems */
#define PATIENCE	30	/* seconds */

struct caller;

struct control {
	struct sim *sim;
	struct evconnlistener *listener;
	struct caller *callers;
};

struct caller {
	struct control *control;
	struct bufferevent *bev;
	struct http_head head;
	bool asked;		/* the head is read */
	bool answered;
	struct caller *next;
	struct caller **link;
};

static void	on_call(struct evconnlistener *, evutil_socket_t,
		    struct sockaddr *, int, void *);
static void	on_words(struct bufferevent *, void *);
static void	on_said(struct bufferevent *, void *);
static void	on_hung_up(struct bufferevent *, short, void *);
static void	caller_answer(struct caller *, const char *body);
static void	caller_free(struct caller *);
static const char *behave_post(struct sim *, const char *body,
		    struct evbuffer *out);
static const char *report_get(struct sim *, const char *body,
		    struct evbuffer *out);
static const char *reset_post(struct sim *, const char *body,
		    struct evbuffer *out);
static const char *behaviours_get(struct sim *, const char *body,
		    struct evbuffer *out);

static const struct {
	const char *method;
	const char *path;
	const char *type;
	const char *(*run)(struct sim *, const char *, struct evbuffer *);
} routes[] = {
	{ "GET", "/report", "application/json", report_get },
	{ "POST", "/reset", "text/plain", reset_post },
	{ "POST", "/behave", "text/plain", behave_post },
	{ "GET", "/behaviours", "application/json", behaviours_get },
};

struct control *
control_new(struct sim *sim, struct address *address)
{
	struct control *control = calloc(1, sizeof(*control));
	evutil_socket_t fd = address_bind(address);

	if (control == NULL)
		abort();
	if (fd >= 0)
		control->listener = evconnlistener_new(sim->base, on_call,
		    control, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
		    128, fd);
	if (control->listener == NULL) {
		if (fd >= 0)
			evutil_closesocket(fd);
		free(control);
		return NULL;
	}
	control->sim = sim;
	return control;
}

void
control_free(struct control *control)
{
	if (control == NULL)
		return;
	while (control->callers != NULL)
		caller_free(control->callers);
	evconnlistener_free(control->listener);
	free(control);
}

static void
on_call(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int len, void *arg)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	struct control *control = arg;
	struct caller *c = calloc(1, sizeof(*c));

	(void)listener;
	(void)from;
	(void)len;
	if (c == NULL)
		abort();
	c->control = control;
	c->bev = bufferevent_socket_new(control->sim->base, fd,
	    BEV_OPT_CLOSE_ON_FREE);
	if (c->bev == NULL)
		abort();
	c->next = control->callers;
	if (c->next != NULL)
		c->next->link = &c->next;
	c->link = &control->callers;
	control->callers = c;
	bufferevent_setcb(c->bev, on_words, on_said, on_hung_up, c);
	bufferevent_set_timeouts(c->bev, &patience, &patience);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

static void
on_words(struct bufferevent *bev, void *arg)
{
	struct caller *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	char *body;

	if (!c->asked) {
		switch (http_head_take(in, &c->head)) {
		case HTTP_MORE:
			return;
		case HTTP_BAD:
			caller_free(c);
			return;
		case HTTP_HEAD:
			c->asked = true;
			break;
		}
	}
	if (c->head.length > RULES_MAX) {
		caller_free(c);
		return;
	}
	if (c->answered || evbuffer_get_length(in) < c->head.length)
		return;
	body = calloc(1, c->head.length + 1);
	if (body == NULL)
		abort();
	evbuffer_remove(in, body, c->head.length);
	c->answered = true;
	caller_answer(c, body);
	free(body);
}

static void
caller_answer(struct caller *c, const char *body)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	struct evbuffer *text = evbuffer_new();
	const char *status = "404 Not Found", *type = "text/plain";
	size_t i;

	if (text == NULL)
		abort();
	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(routes[i].path, c->head.path) != 0)
			continue;
		if (strcmp(routes[i].method, c->head.method) != 0) {
			status = "405 Method Not Allowed";
			continue;
		}
		type = routes[i].type;
		status = routes[i].run(c->control->sim, body, text);
		break;
	}
	if (evbuffer_get_length(text) == 0)
		evbuffer_add_printf(text, "%s\n", status);
	evbuffer_add_printf(out, "HTTP/1.1 %s\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\nConnection: close\r\n\r\n", status, type,
	    evbuffer_get_length(text));
	evbuffer_add_buffer(out, text);
	evbuffer_free(text);
}

static const char *
report_get(struct sim *sim, const char *body, struct evbuffer *out)
{
	(void)body;
	report_write(&sim->report, out);
	return "200 OK";
}

static const char *
reset_post(struct sim *sim, const char *body, struct evbuffer *out)
{
	(void)body;
	report_reset(&sim->report);
	evbuffer_add_printf(out, "ok\n");
	return "200 OK";
}

/* All of the lines or none of them. */
static const char *
behave_post(struct sim *sim, const char *body, struct evbuffer *out)
{
	struct rules rules = { 0 };
	char *copy = strdup(body), *line, *rest = copy;
	char error[256];
	bool ok = true;

	if (copy == NULL)
		abort();
	while (ok && (line = strtok_r(rest, "\r\n", &rest)) != NULL) {
		ok = rules_add(&rules, line, error, sizeof(error));
		if (!ok)
			evbuffer_add_printf(out, "%s: %s\n", line, error);
	}
	free(copy);
	if (!ok) {
		rules_clear(&rules);
		return "400 Bad Request";
	}
	rules_clear(&sim->rules);
	sim->rules = rules;
	doors_settle(sim);
	evbuffer_add_printf(out, "ok\n");
	return "200 OK";
}

static const char *
behaviours_get(struct sim *sim, const char *body, struct evbuffer *out)
{
	enum behaviour what;

	(void)sim;
	(void)body;
	for (what = 0; what < BEHAVE_COUNT; what++)
		evbuffer_add_printf(out, "%s\"%s\"", what > 0 ? "," : "[",
		    behave_name(what));
	evbuffer_add_printf(out, "]\n");
	return "200 OK";
}

static void
on_said(struct bufferevent *bev, void *arg)
{
	struct caller *c = arg;

	(void)bev;
	if (c->answered)
		caller_free(c);
}

static void
on_hung_up(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	caller_free(arg);
}

static void
caller_free(struct caller *c)
{
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	bufferevent_free(c->bev);
	free(c);
}
