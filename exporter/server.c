/* SPDX-License-Identifier: MIT */

/*
 * The HTTP server.  A request is dispatched by one table, which also says
 * what a wrong method is told.
 *
 * libevent hands every request to on_request, which answers it at once or
 * gives it to a flight.  Replies are counted until they are written, so that
 * a drain cuts none of them.
 */

#include "server.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/util.h>

#include <assert.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "count.h"
#include "favicon.h"
#include "flight.h"
#include "guard.h"
#include "landing.h"
#include "log.h"
#include "page.h"
#include "parse.h"
#include "query.h"
#include "question.h"
#include "request.h"
#include "routes.h"
#include "self.h"
#include "systemd.h"
#include "tls_server.h"
#include "web.h"

#define HEAD_MAX	8192		/* of a request, with its header */
#define BODY_MAX	8192
#define IDLE_SECONDS	120		/* more than any scrape interval */
#define DRAIN_SECONDS	5		/* that a drain takes at the most */
#define DRAIN_REST	500000		/* microseconds at its end to reply */

struct server {
	struct event_base	*base;
	const struct config	*config;
	struct settings		*settings;	/* for requests to come; flights
						 * hold theirs */
	struct evhttp		*http;
	struct history		*history;
	struct flights		*flights;
	struct web		*web;
	struct auth		*auth;
	struct guard		*guard;
	unsigned long		 unwritten;	/* requests that have no whole
						 * answer */
	struct event		*drain;		/* NULL: not draining */
	bool			 expired;	/* no time is left to drain */
};

/* The query is raw, NULL if there is none. */
typedef void handler(struct server *, struct evhttp_request *,
    const char *query);

#define X(path, methods, name, off) static handler handle_##name;
ROUTES(X)
#undef X
static handler	handle_telemetry, handle_redirect;

enum methods {
	READ,
	CHANGE
};

static const struct {
	unsigned	 bits;
	const char	*allow;		/* the same, as a header */
} methods[] = {
	[READ] = { EVHTTP_REQ_GET | EVHTTP_REQ_HEAD, "GET, HEAD" },
	[CHANGE] = { EVHTTP_REQ_POST | EVHTTP_REQ_PUT, "POST, PUT" },
};

#define ALWAYS		0	/* no flag is the first member */
#define UNLESS(flag)	offsetof(struct config, flag)

static const struct route {
	const char	*path;		/* below --web.route-prefix; NULL:
					 * --web.telemetry-path */
	enum methods	 methods;
	handler		*handle;
	size_t		 off;		/* the flag that takes it away, by its
					 * place in the configuration */
} routes[] = {
	{ NULL, READ, handle_telemetry, ALWAYS },
#define X(path, methods, name, off) { path, methods, handle_##name, off },
	ROUTES(X)
#undef X
};

static_assert(offsetof(struct config, disable_config) != ALWAYS &&
    offsetof(struct config, disable_debug) != ALWAYS, "ALWAYS is a flag");

/* With a prefix: what people type who leave it out, or its last slash. */
static const struct route redirect = {
	NULL, READ, handle_redirect, ALWAYS
};

static bool	listen_everywhere(struct server *, char *, size_t);
static const struct route *find_route(const struct server *, const char *,
		    size_t);

static void	on_request(struct evhttp_request *, void *);
static void	on_authenticated(struct evhttp_request *, enum auth_answer,
		    void *);
static void	dispatch(struct server *, struct evhttp_request *);
static void	on_written(struct evhttp_request *, void *);
static void	on_closed(struct evhttp_connection *, void *);
static void	on_idle_closed(struct evhttp_connection *, void *);
static void	on_drain_timeout(evutil_socket_t, short, void *);

struct server *
server_new(struct event_base *base, const struct config *config,
    struct settings *settings, struct web *web, struct cm_client *client,
    char *why, size_t whysize)
{
	struct server *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		snprintf(why, whysize, "no memory for the server");
		return NULL;
	}
	s->base = base;
	s->config = config;
	s->settings = settings_hold(settings);
	s->web = web;
	s->history = history_new(config->history_limit);
	if (s->history != NULL)
		s->flights = flights_new(base, client, s->history,
		    config);
	s->auth = auth_new(base, on_authenticated, s);
	s->http = evhttp_new(base);
	if (s->http != NULL)
		s->guard = guard_new(base, s->http, web, HEAD_MAX + BODY_MAX,
		    config->max_connections);
	if (s->flights == NULL || s->auth == NULL || s->guard == NULL) {
		snprintf(why, whysize, "no memory or no descriptor for the "
		    "server");
		goto fail;
	}
	evhttp_set_max_headers_size(s->http, HEAD_MAX);
	/* No route takes a body; libevent reads it so that dispatch() can say
	 * so. */
	evhttp_set_max_body_size(s->http, BODY_MAX);
	evhttp_set_timeout(s->http, IDLE_SECONDS);
	evhttp_set_default_content_type(s->http, "text/plain; charset=utf-8");
	/* All that libevent knows: the table refuses, and names its own. */
	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST |
	    EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
	    EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_PATCH);
	evhttp_set_gencb(s->http, on_request, s);
	if (listen_everywhere(s, why, whysize))
		return s;
fail:
	server_free(s);
	return NULL;
}

static bool
listen_everywhere(struct server *s, char *why, size_t whysize)
{
	const struct config *config = s->config;
	int fd, sockets = systemd_sockets();
	size_t i;

	if (!config->systemd_socket) {
		for (i = 0; i < config->listen_count; i++)
			if (!listen_on(s->base, s->http, &config->listen[i],
			    why, whysize))
				return false;
		return true;
	}
	if (sockets == 0) {
		snprintf(why, whysize, "--web.systemd-socket was given, but "
		    "systemd handed over no socket; a .socket unit does that");
		return false;
	}
	for (fd = SYSTEMD_FIRST_FD; fd < SYSTEMD_FIRST_FD + sockets; fd++)
		if (!listen_inherited(s->base, s->http, fd, why, whysize))
			return false;
	return true;
}

void
server_free(struct server *s)
{
	if (s->flights != NULL)
		flights_free(s->flights);
	if (s->history != NULL)
		history_free(s->history);
	if (s->auth != NULL)
		auth_free(s->auth);
	listen_end();
	if (s->http != NULL)
		evhttp_free(s->http);
	if (s->guard != NULL)
		guard_free(s->guard);
	if (s->drain != NULL)
		event_free(s->drain);
	settings_release(s->settings);
	free(s);
}

static const char *
route_path(const struct server *s, const struct route *route)
{
	return route->path != NULL ? route->path : s->config->telemetry_path;
}

static bool
is_off(const struct server *s, const struct route *route)
{
	return route->off != ALWAYS &&
	    *(const bool *)((const char *)s->config + route->off);
}

/* The route of a path of so many bytes; NULL for none. */
static const struct route *
find_route(const struct server *s, const char *path, size_t length)
{
	const char *prefix = s->config->route_prefix;
	size_t n = strlen(prefix) - 1;	/* its last slash begins the rest */
	const struct route *r;

	if (n > 0 && (length == 1 ||
	    (length == n && memcmp(path, prefix, n) == 0)))
		return &redirect;
	if (length < n || memcmp(path, prefix, n) != 0)
		return NULL;
	for (r = routes; r < routes + sizeof(routes) / sizeof(*routes); r++)
		if (!is_off(s, r) && strlen(route_path(s, r)) == length - n &&
		    memcmp(route_path(s, r), path + n, length - n) == 0)
			return r;
	return NULL;
}

static void
on_request(struct evhttp_request *req, void *arg)
{
	struct server *s = arg;
	struct evhttp_connection *evcon = evhttp_request_get_connection(req);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	struct bufferevent *bev = evhttp_connection_get_bufferevent(evcon);
	bool is_guarded = guard_asked(s->guard, bev);
	bool is_http = request_is_http(req) && is_guarded;
	const struct web_config *web;
	size_t i;

	s->unwritten++;
	evhttp_request_set_on_complete_cb(req, on_written, s);
	evhttp_connection_set_closecb(evcon, on_closed, s);
	web_refresh(s->web);
	web = web_config(s->web);
	for (i = 0; i < web->header_count; i++)
		evhttp_add_header(headers, web->headers[i].name,
		    web->headers[i].value);
	/* Proxies disagree on where a body ends: never use it again. */
	if (s->drain != NULL || !is_http || request_has_body(req))
		evhttp_add_header(headers, "Connection", "close");
	/* It was made before TLS was asked for, or without memory for it. */
	if (web->has_tls && !tls_server_is_on(bev)) {
		evhttp_add_header(headers, "Connection", "close");
		page_line(req, 400, "this port takes only HTTPS");
	} else if (!is_http)
		page_line(req, 400, "the request is not as HTTP/1.1 has it");
	else if (!web_admit(s->web)) {
		evhttp_add_header(headers, "Retry-After", "1");
		page_line(req, 429, "too many requests; see rate_limit in the "
		    "web configuration");
	} else
		on_authenticated(req, web->user_count == 0 ? AUTH_GRANTED :
		    auth_check(s->auth, web, evhttp_find_header(
		    evhttp_request_get_input_headers(req), "Authorization"),
		    req), s);
}

static void
on_authenticated(struct evhttp_request *req, enum auth_answer answer,
    void *arg)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);

	switch (answer) {
	case AUTH_GRANTED:
		dispatch(arg, req);
		break;
	case AUTH_REFUSED:
		evhttp_add_header(headers, "WWW-Authenticate",
		    "Basic realm=\"coda56-exporter\", charset=\"UTF-8\"");
		page_line(req, 401, "a user and its password are needed");
		break;
	case AUTH_PENDING:
		break;
	case AUTH_FULL:
		evhttp_add_header(headers, "Retry-After", "1");
		page_line(req, 503, "too many passwords wait to be checked");
		break;
	}
}

static void
dispatch(struct server *s, struct evhttp_request *req)
{
	const char *uri = evhttp_request_get_uri(req);
	size_t path = strcspn(uri, "?");
	const struct route *route;
	const char *allow;
	char why[CONFIG_PATH_MAX + 64];

	if (uri[0] != '/') {
		page_line(req, 400, "the request must name a path, not a URL");
		return;
	}
	route = find_route(s, uri, path);
	if (route == NULL) {
		snprintf(why, sizeof(why), "no such page; %s lists those that "
		    "are here", s->config->external_path);
		page_line(req, 404, why);
		return;
	}
	allow = methods[route->methods].allow;
	if (((unsigned)evhttp_request_get_command(req) &
	    methods[route->methods].bits) == 0) {
		evhttp_add_header(evhttp_request_get_output_headers(req),
		    "Allow", allow);
		snprintf(why, sizeof(why), "this page takes only %s", allow);
		page_line(req, 405, why);
		return;
	}
	if (request_has_body(req)) {
		page_line(req, 413, "this page takes no body");
		return;
	}
	route->handle(s, req, uri[path] == '?' ? uri + path + 1 : NULL);
}

static void
handle_landing(struct server *s, struct evhttp_request *req,
    const char *query)
{
	(void)query;
	landing_send(req, s->config, s->settings, s->history);
}

/* The newest probe with this id, or of this target; no id is 0, and no target
 * is "". */
static const struct past_probe *
find_past(const struct history *history, unsigned long id, const char *target)
{
	const struct past_probe *p;
	size_t i;

	for (i = 0; (p = history_at(history, i)) != NULL; i++)
		if (p->id == id || strcmp(p->target, target) == 0)
			break;
	return p;
}

/* The target is spelt as one likes, and may leave out what the default module
 * has: scheme and port. */
static void
handle_logs(struct server *s, struct evhttp_request *req, const char *query)
{
	static const char *const names[] = { "id", "target", NULL };
	const struct cm_module *module = settings_module_at(s->settings, 0);
	const struct past_probe *past = NULL;
	const char *id, *text;
	struct cm_target target;
	char name[CM_TARGET_SIZE] = "", why[256];
	unsigned long number = 0;
	struct query q;

	if (!query_parse(&q, query, why, sizeof(why))) {
		page_line(req, 400, why);
		return;
	}
	id = query_get(&q, "id");
	text = query_get(&q, "target");
	if (query_unknown(&q, names) != NULL ||
	    (id == NULL) == (text == NULL)) {
		page_line(req, 400, "logs are of a probe or of a target, as "
		    "in /logs?id=1 or /logs?target=192.168.100.1");
		return;
	}
	if (text != NULL && !cm_target_parse(&target, text, module->scheme,
	    module->port, why, sizeof(why))) {
		page_line(req, 400, why);
		return;
	}
	if (text != NULL)
		cm_target_format(&target, name);
	if (id == NULL || parse_number(id, 1, ULONG_MAX, &number))
		past = find_past(s->history, number, name);
	if (past == NULL)
		page_line(req, 404, "no such probe is remembered; see "
		    "--history.limit");
	else
		landing_send_log(req, past);
}

/* Start a flight; false if none may be started now, with the reason. */
static bool
start_flight(struct server *s, struct evhttp_request *req,
    const struct question *q, const char **refusal)
{
	if (s->drain != NULL) {
		*refusal = "the exporter is shutting down";
		count_rejected(COUNT_DRAINING);
		return false;
	}
	*refusal = "too many requests wait for probes; see "
	    "--web.max-connections";
	if (!guard_is_crowded(s->guard)) {
		if (flight_start(s->flights, req, s->settings, q))
			return true;
		*refusal = "too many probes at the same time; see "
		    "--web.max-probes";
	}
	count_rejected(COUNT_OVERLOADED);
	return false;
}

static void
handle_question(struct server *s, struct evhttp_request *req,
    const char *query, enum reply reply)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	char why[256], seconds[CM_NUMBER_SIZE];
	struct question q;
	const char *refusal;

	if (!question_read(&q, reply, req, query, s->config, s->settings, why,
	    sizeof(why))) {
		count_rejected(COUNT_BAD_REQUEST);
		flight_refuse(req, s->config, reply, 400, why);
		return;
	}
	if (q.reply == REPLY_DEBUG && s->config->disable_debug) {
		page_line(req, 404, "logs are not shown here; see "
		    "--web.disable-debug");
		return;
	}
	/* A header has browsers ask again, as scripts are not allowed to. */
	if (q.refresh != 0)
		evhttp_add_header(headers, "Refresh",
		    cm_number_integer(seconds, (int64_t)q.refresh));
	if (!start_flight(s, req, &q, &refusal)) {
		evhttp_add_header(headers, "Retry-After", "1");
		flight_refuse(req, s->config, reply, 503, refusal);
	}
}

static void
handle_probe(struct server *s, struct evhttp_request *req, const char *query)
{
	handle_question(s, req, query, REPLY_PROBE);
}

static void
handle_modem(struct server *s, struct evhttp_request *req, const char *query)
{
	handle_question(s, req, query, REPLY_MODEM);
}

static void
handle_telemetry(struct server *s, struct evhttp_request *req,
    const char *query)
{
	struct question q = { .reply = REPLY_TELEMETRY };
	const struct cm_target *modem = settings_modem(s->settings, &q.module);
	enum cm_format format = page_format(req);
	struct page_form *form;
	struct cm_text *text;
	const char *refusal;
	char why[256];

	(void)query;
	if (modem != NULL) {
		q.target = *modem;
		if (!question_timeout(req, s->config, &q.timeout, why,
		    sizeof(why))) {
			count_rejected(COUNT_BAD_REQUEST);
			flight_refuse(req, s->config, q.reply, 400, why);
			return;
		}
		/* When it is full, the exporter's own are wanted most. */
		if (start_flight(s, req, &q, &refusal))
			return;
	}
	text = cm_text_new(format);
	if (text != NULL)
		flights_encode(s->flights, text);
	form = page_form_new(format, page_gzip(req), text);
	page_send_form(req, form);
	page_form_free(form);
}

/* Nothing in it is secret: a fingerprint is what a modem shows to everybody. */
static void
handle_config(struct server *s, struct evhttp_request *req,
    const char *query)
{
	char *body = settings_write(s->settings);

	(void)query;
	/* Browsers show text/plain, and download application/yaml. */
	page_send(req, 200, "text/plain; charset=utf-8", body,
	    body != NULL ? strlen(body) : 0);
}

static void
handle_healthy(struct server *s, struct evhttp_request *req,
    const char *query)
{
	(void)s;
	(void)query;
	page_line(req, 200, "ok");
}

static void
handle_ready(struct server *s, struct evhttp_request *req,
    const char *query)
{
	(void)query;
	if (s->drain != NULL)
		page_line(req, 503, "the exporter is shutting down");
	else
		page_line(req, 200, "ok");
}

static void
handle_favicon(struct server *s, struct evhttp_request *req,
    const char *query)
{
	void *body = malloc(sizeof(favicon));

	(void)s;
	(void)query;
	if (body != NULL)
		memcpy(body, favicon, sizeof(favicon));
	page_send(req, 200, "image/x-icon", body, sizeof(favicon));
}

/* With a prefix, as blackbox_exporter does: from / to the front page. */
static void
handle_redirect(struct server *s, struct evhttp_request *req,
    const char *query)
{
	char line[sizeof(s->config->home) + 32];

	(void)query;
	evhttp_add_header(evhttp_request_get_output_headers(req), "Location",
	    s->config->home);
	snprintf(line, sizeof(line), "the pages are below %s",
	    s->config->home);
	page_line(req, 302, line);
}

static void
handle_reload(struct server *s, struct evhttp_request *req,
    const char *query)
{
	char why[1024];

	(void)query;
	if (server_reload(s, why, sizeof(why)))
		page_line(req, 200, "ok");
	else
		page_line(req, 500, why);
}

bool
server_reload(struct server *s, char *why, size_t whysize)
{
	struct settings *settings;

	systemd_notify_reloading();
	settings = settings_load(s->config, why, whysize);
	systemd_notify("READY=1");
	self_loaded(SELF_CONFIG, settings != NULL);
	if (settings == NULL) {
		log_line(LEVEL_ERROR, "configuration not reloaded, the old "
		    "one is kept", "error", why, NULL);
		return false;
	}
	settings_release(s->settings);
	s->settings = settings;
	log_line(LEVEL_INFO, "configuration reloaded", "file",
	    s->config->file, NULL);
	return true;
}

/* Nothing is left to do once the last reply is on its way. */
static void
end_drain(struct server *s)
{
	if (s->drain != NULL && s->unwritten == 0)
		event_base_loopbreak(s->base);
}

static void
count_answer(const struct server *s, struct evhttp_request *req)
{
	const char *uri = evhttp_request_get_uri(req);
	const struct route *route = find_route(s, uri, strcspn(uri, "?"));

	count_request(route == NULL || route == &redirect ? "other" :
	    route_path(s, route), evhttp_request_get_response_code(req));
}

static void
on_written(struct evhttp_request *req, void *arg)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(req);
	struct server *s = arg;

	count_answer(s, req);
	evhttp_connection_set_closecb(evcon, on_idle_closed, s);
	guard_answered(s->guard, evhttp_connection_get_bufferevent(evcon));
	s->unwritten--;
	end_drain(s);
}

/* All that was asked on the connection is answered. */
static void
on_idle_closed(struct evhttp_connection *evcon, void *arg)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(evcon);
	struct server *s = arg;

	tls_server_goodbye(bev);
	guard_closed(s->guard, bev);
}

/* The client went away: on_written will not come. */
static void
on_closed(struct evhttp_connection *evcon, void *arg)
{
	struct server *s = arg;

	guard_closed(s->guard, evhttp_connection_get_bufferevent(evcon));
	s->unwritten--;
	end_drain(s);
}

static void
on_drain_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;

	(void)fd;
	(void)what;
	if (s->expired) {
		log_line(LEVEL_WARN, "not all requests were answered in time",
		    NULL);
		event_base_loopbreak(s->base);
		return;
	}
	/* Answer those who wait with what there is so far. */
	s->expired = true;
	flights_expire(s->flights);
	event_add(s->drain, &(struct timeval){ .tv_usec = DRAIN_REST });
}

void
server_drain(struct server *s)
{
	struct timeval tv = { DRAIN_SECONDS - 1, 1000000 - DRAIN_REST };

	s->drain = evtimer_new(s->base, on_drain_timeout, s);
	if (s->drain == NULL || event_add(s->drain, &tv) != 0)
		event_base_loopbreak(s->base);
	end_drain(s);
}
