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
#include "modem_page.h"
#include "page.h"
#include "parse.h"
#include "query.h"
#include "request.h"
#include "routes.h"
#include "self.h"
#include "systemd.h"
#include "tls_server.h"
#include "web.h"

#define HEAD_MAX	8192		/* of a request, with its header */
#define BODY_MAX	8192
#define IDLE_SECONDS	120		/* more than any scrape interval */
#define DRAIN_SECONDS	5		/* at the most; */
#define DRAIN_REST	500000		/* of them, microseconds to reply */
#define NO_TIMEOUT	120000000	/* microseconds, without the header */
#define BAD_TIMEOUT	"X-Prometheus-Scrape-Timeout-Seconds must be a " \
	"number of seconds above 0"
#define REFRESH_MIN	5		/* seconds */
#define REFRESH_MAX	86400

struct server {
	struct event_base	*base;
	const struct config	*config;
	struct settings		*settings;	/* of the requests to come */
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
	/* None is wanted, but a table of ours is to say so. */
	evhttp_set_max_body_size(s->http, BODY_MAX);
	evhttp_set_timeout(s->http, IDLE_SECONDS);
	evhttp_set_default_content_type(s->http, "text/plain; charset=utf-8");
	/* All that libevent can name, so that it is the table that refuses. */
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

/* The route of a path, which is not a string of its own; NULL for none. */
static const struct route *
find_route(const struct server *s, const char *path, size_t length)
{
	const char *prefix = s->config->route_prefix;
	size_t n = strlen(prefix) - 1;	/* its slash is that of the path */
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
	/* A connection from before there was TLS, or without memory for it. */
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

/* By the table of routes. */
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

/* The newest probe with this id, or of this target. */
static const struct past_probe *
find_past(const struct history *history, const char *id, const char *target)
{
	const struct past_probe *p;
	char number[CM_NUMBER_SIZE];
	size_t i;

	for (i = 0; (p = history_at(history, i)) != NULL; i++)
		if (id != NULL ? strcmp(cm_number_integer(number,
		    (int64_t)p->id), id) == 0 : strcmp(p->target, target) == 0)
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
	const struct past_probe *past;
	const char *id, *text;
	struct cm_target target;
	char name[CM_TARGET_SIZE] = "", why[256];
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
	past = find_past(s->history, id, name);
	if (past == NULL)
		page_line(req, 404, "no such probe is remembered; see "
		    "--history.limit");
	else
		landing_send_log(req, past);
}

/*
 * How long a probe may take: what Prometheus says that it waits, less what
 * the way back takes.  False if the header is no such number.
 */
static bool
read_timeout(struct server *s, struct evhttp_request *req, int64_t *timeout)
{
	const char *text = evhttp_find_header(
	    evhttp_request_get_input_headers(req),
	    "X-Prometheus-Scrape-Timeout-Seconds");
	int64_t whole = NO_TIMEOUT;

	if (text != NULL && (!parse_seconds(text, &whole) ||
	    strpbrk(text, "123456789") == NULL))
		return false;
	*timeout = whole - s->config->timeout_offset;
	if (*timeout < whole / 2)
		*timeout = whole / 2;
	if (*timeout < 1)
		*timeout = 1;
	return true;
}

/* Start a flight; false if none may be started now, with the reason. */
static bool
start_flight(struct server *s, struct evhttp_request *req,
    const struct cm_target *target, const struct cm_module *module,
    int64_t timeout, enum flight_page page, const char **refusal)
{
	if (s->drain != NULL) {
		*refusal = "the exporter is shutting down";
		count_rejected(COUNT_DRAINING);
		return false;
	}
	*refusal = "too many requests wait for probes; see "
	    "--web.max-connections";
	if (!guard_is_crowded(s->guard)) {
		if (flight_start(s->flights, req, s->settings, target, module,
		    timeout, page))
			return true;
		*refusal = "too many probes at the same time; see "
		    "--web.max-probes";
	}
	count_rejected(COUNT_OVERLOADED);
	return false;
}

/* What is asked of whom. */
struct question {
	struct cm_target	 target;
	const struct cm_module	*module;
	int64_t			 timeout;
	struct query		 query;
};

/* Read a request for a probe; false with a reason if it is none. */
static bool
read_question(struct server *s, struct evhttp_request *req,
    struct question *q, const char *query, const char *const *names,
    char *why, size_t whysize)
{
	const char *unknown, *text, *name;
	char shown[64];

	if (!query_parse(&q->query, query, why, whysize))
		return false;
	unknown = query_unknown(&q->query, names);
	text = query_get(&q->query, "target");
	name = query_get(&q->query, "module");
	q->module = settings_module(s->settings,
	    name != NULL ? name : "coda56");
	if (unknown != NULL || name != NULL)
		cm_escape(shown, sizeof(shown),
		    unknown != NULL ? unknown : name);
	if (unknown != NULL)
		snprintf(why, whysize, "unknown parameter '%s'; there are "
		    "%s, %s and %s", shown, names[0], names[1], names[2]);
	else if (text == NULL || *text == '\0')
		snprintf(why, whysize, "the parameter target is missing, as "
		    "in /probe?target=192.168.100.1");
	else if (q->module == NULL)
		snprintf(why, whysize, "unknown module '%s'; the default "
		    "is coda56", shown);
	else if (!read_timeout(s, req, &q->timeout))
		snprintf(why, whysize, BAD_TIMEOUT);
	else
		return cm_target_parse(&q->target, text, q->module->scheme,
		    q->module->port, why, whysize);
	return false;
}

/* Answer what is no request for a probe. */
static void
refuse(struct evhttp_request *req, const char *why)
{
	count_rejected(COUNT_BAD_REQUEST);
	page_line(req, 400, why);
}

static void
handle_probe(struct server *s, struct evhttp_request *req,
    const char *query)
{
	static const char *const names[] = { "target", "module", "debug",
	    NULL };
	const char *debug, *refusal;
	struct question q;
	char why[256];

	if (!read_question(s, req, &q, query, names, why, sizeof(why))) {
		refuse(req, why);
		return;
	}
	debug = query_get(&q.query, "debug");
	if (debug != NULL && strcmp(debug, "true") != 0 &&
	    strcmp(debug, "false") != 0) {
		refuse(req, "debug must be true or false");
		return;
	}
	if (debug != NULL && *debug == 't' && s->config->disable_debug) {
		page_line(req, 404, "logs are not shown here; see "
		    "--web.disable-debug");
		return;
	}
	if (!start_flight(s, req, &q.target, q.module, q.timeout,
	    debug != NULL && *debug == 't' ? FLIGHT_DEBUG : FLIGHT_PROBE,
	    &refusal)) {
		evhttp_add_header(evhttp_request_get_output_headers(req),
		    "Retry-After", "1");
		page_line(req, 503, refusal);
	}
}

/* A header has browsers ask again, as scripts are not allowed to. */
static void
handle_modem(struct server *s, struct evhttp_request *req,
    const char *query)
{
	static const char *const names[] = { "target", "module", "refresh",
	    NULL };
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	const char *refresh, *refusal;
	unsigned long seconds;
	struct question q;
	char why[256];

	if (!read_question(s, req, &q, query, names, why, sizeof(why))) {
		count_rejected(COUNT_BAD_REQUEST);
		modem_page_refuse(req, s->config, 400, why);
		return;
	}
	refresh = query_get(&q.query, "refresh");
	if (refresh != NULL && !parse_number(refresh, REFRESH_MIN, REFRESH_MAX,
	    &seconds)) {
		count_rejected(COUNT_BAD_REQUEST);
		modem_page_refuse(req, s->config, 400, "refresh must be a "
		    "number of seconds from 5 to 86400");
		return;
	}
	if (refresh != NULL)
		evhttp_add_header(headers, "Refresh", refresh);
	if (!start_flight(s, req, &q.target, q.module, q.timeout, FLIGHT_MODEM,
	    &refusal)) {
		evhttp_add_header(headers, "Retry-After", "1");
		modem_page_refuse(req, s->config, 503, refusal);
	}
}

static void
handle_telemetry(struct server *s, struct evhttp_request *req,
    const char *query)
{
	const struct cm_module *module;
	const struct cm_target *modem = settings_modem(s->settings, &module);
	enum cm_format format = page_format(req);
	struct page_form *form;
	struct cm_text *text;
	const char *refusal;
	int64_t timeout;

	(void)query;
	if (modem != NULL && !read_timeout(s, req, &timeout)) {
		refuse(req, BAD_TIMEOUT);
		return;
	}
	/* The exporter's own metrics are wanted most when it is full. */
	if (modem != NULL && start_flight(s, req, modem, module, timeout,
	    FLIGHT_TELEMETRY, &refusal))
		return;
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
	/* A browser shows this, and would store application/yaml. */
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
	self_loaded(settings != NULL);
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
	/* Who still waits is told what there is so far. */
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
