/* SPDX-License-Identifier: MIT */

/*
 * Flights: from requests to their replies by way of a probe.
 *
 * Simultaneous requests for one target and module share one probe, which ends
 * when the last of them must have its answer.  Who must have it earlier gets
 * what there is by then, and the others wait on.
 */

#include "flight.h"

#include <event2/event.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "count.h"
#include "log.h"
#include "modem_page.h"
#include "page.h"
#include "self.h"

/* A waiter's clock is behind the probe's own by this much, microseconds, so
 * that a probe that ends at the deadline of all answers them all. */
#define BEHIND 2000

/* A request that waits for a flight. */
struct waiter {
	struct waiter		*next;
	struct flight		*flight;
	struct evhttp_request	*req;
	enum reply		 reply;
	bool			 refreshed;	/* asked again on its own */
	struct event		*deadline;
};

struct flight {
	struct flight		*next;
	struct flights		*flights;
	struct settings		*settings;	/* that the module is one of */
	struct cm_target	 target;
	const struct cm_module	*module;
	struct cm_probe		*probe;
	struct waiter		*waiters;	/* NULL: nobody any more */
	bool			 late;		/* one was answered early */
};

/* The answers of one moment: each form of them is made once. */
struct replies {
	const struct cm_snapshot	*snapshot;
	struct page_form		*forms[2][2];	/* by format, gzip */
};

struct flights {
	struct event_base	*base;
	struct cm_client	*client;
	struct history		*history;
	struct flight		*first;
	unsigned long		 count;
	const struct config	*config;
};

static struct flight	*find(struct flights *, const struct question *);
static struct flight	*launch(struct flights *, struct settings *,
			    const struct question *, int64_t);
static bool		 join(struct flight *, struct evhttp_request *,
			    const struct question *, int64_t);
static void		 on_deadline(evutil_socket_t, short, void *);
static void		 on_peeked(const struct cm_snapshot *, void *);
static void		 on_probed(const struct cm_snapshot *, void *);
static void		 log_failure(const char *, const struct cm_module *,
			    const struct cm_snapshot *);
static void		 reply(const struct waiter *, struct replies *);
static void		 replies_free(struct replies *);
static void		 waiter_free(struct waiter *);
static void		 flight_free(struct flight *);

struct flights *
flights_new(struct event_base *base, struct cm_client *client,
    struct history *history, const struct config *config)
{
	struct flights *flights = calloc(1, sizeof(*flights));

	if (flights == NULL)
		return NULL;
	flights->base = base;
	flights->client = client;
	flights->history = history;
	flights->config = config;
	return flights;
}

void
flights_free(struct flights *flights)
{
	while (flights->first != NULL) {
		cm_probe_cancel(flights->first->probe);
		flight_free(flights->first);
	}
	free(flights);
}

void
flights_expire(struct flights *flights)
{
	struct flight *flight;

	for (flight = flights->first; flight != NULL; flight = flight->next)
		cm_probe_expire(flight->probe);
}

bool
flight_start(struct flights *flights, struct evhttp_request *req,
    struct settings *settings, const struct question *q)
{
	struct flight *flight = find(flights, q);
	int64_t timeout_us = q->timeout;

	if (timeout_us > q->module->timeout_us)
		timeout_us = q->module->timeout_us;
	if (flight != NULL) {
		cm_probe_extend(flight->probe, timeout_us);
		count_coalesced();
	} else if (flights->count >= flights->config->max_probes)
		return false;
	else
		flight = launch(flights, settings, q, timeout_us);
	if (flight == NULL || !join(flight, req, q, timeout_us))
		flight_refuse(req, flights->config, q->reply, 503,
		    "no memory for a probe");
	return true;
}

void
flight_refuse(struct evhttp_request *req, const struct config *config,
    enum reply kind, int status, const char *why)
{
	if (kind == REPLY_MODEM)
		modem_page_refuse(req, config, status, why);
	else
		page_line(req, status, why);
}

static struct flight *
find(struct flights *flights, const struct question *q)
{
	struct flight *flight;

	for (flight = flights->first; flight != NULL; flight = flight->next)
		if (!flight->late && flight->module == q->module &&
		    flight->target.scheme == q->target.scheme &&
		    flight->target.port == q->target.port &&
		    strcmp(flight->target.host, q->target.host) == 0)
			break;
	return flight;
}

static struct flight *
launch(struct flights *flights, struct settings *settings,
    const struct question *q, int64_t timeout_us)
{
	struct flight *flight = calloc(1, sizeof(*flight));

	if (flight == NULL)
		return NULL;
	flight->probe = cm_probe_start(flights->client, &q->target, q->module,
	    timeout_us, on_probed, flight);
	if (flight->probe == NULL) {
		free(flight);
		return NULL;
	}
	flight->flights = flights;
	flight->settings = settings_hold(settings);
	flight->target = q->target;
	flight->module = q->module;
	flight->next = flights->first;
	flights->first = flight;
	flights->count++;
	return flight;
}

/* A flight that nobody could join ends without a reply. */
static bool
join(struct flight *flight, struct evhttp_request *req,
    const struct question *q, int64_t timeout_us)
{
	int64_t us = timeout_us + BEHIND;
	struct timeval tv = { .tv_sec = (time_t)(us / 1000000),
	    .tv_usec = (suseconds_t)(us % 1000000) };
	struct waiter *waiter = calloc(1, sizeof(*waiter));

	if (waiter == NULL)
		return false;
	waiter->flight = flight;
	waiter->req = req;
	waiter->reply = q->reply;
	waiter->refreshed = q->refresh != 0;
	waiter->deadline = evtimer_new(flight->flights->base, on_deadline,
	    waiter);
	if (waiter->deadline == NULL ||
	    event_add(waiter->deadline, &tv) != 0) {
		if (waiter->deadline != NULL)
			event_free(waiter->deadline);
		free(waiter);
		return false;
	}
	waiter->next = flight->waiters;
	flight->waiters = waiter;
	return true;
}

/*
 * Whoever still waits for the probe has more time than this one.  Nobody joins
 * any more: else those who come again and again would keep a probe alive whose
 * connections hang, and never see the modem when it is back.
 */
static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct waiter *waiter = arg;

	(void)fd;
	(void)what;
	if (!cm_probe_peek(waiter->flight->probe, on_peeked, waiter))
		flight_refuse(waiter->req, waiter->flight->flights->config,
		    waiter->reply, 503, "no memory for an answer");
	waiter->flight->late = true;
	waiter_free(waiter);
}

static void
on_peeked(const struct cm_snapshot *snapshot, void *arg)
{
	struct replies replies = { .snapshot = snapshot };

	reply(arg, &replies);
	replies_free(&replies);
}

static void
on_probed(const struct cm_snapshot *snapshot, void *arg)
{
	struct flight *flight = arg;
	struct replies replies = { .snapshot = snapshot };
	struct waiter *waiter;
	char target[CM_TARGET_SIZE];

	cm_target_format(&flight->target, target);
	if (cm_snapshot_reason(snapshot) != CM_OK)
		log_failure(target, flight->module, snapshot);
	count_probe(flight->module->name, snapshot);
	history_add(flight->flights->history, target, flight->module->name,
	    snapshot);
	for (waiter = flight->waiters; waiter != NULL; waiter = waiter->next)
		reply(waiter, &replies);
	replies_free(&replies);
	flight_free(flight);
}

/* The log leaves empty what took no time: a phase that was not reached. */
static const char *
known(const char *seconds)
{
	return seconds != NULL ? seconds : "";
}

static void
log_failure(const char *target, const struct cm_module *module,
    const struct cm_snapshot *snapshot)
{
	const struct cm_connection *c = cm_snapshot_connection(snapshot, 0);
	enum cm_reason reason = cm_snapshot_reason(snapshot);

	log_line(LEVEL_WARN, "probe failed", "target", target,
	    "module", module->name, "reason", cm_reason_word(reason),
	    "error", cm_snapshot_text(snapshot),
	    "hint", cm_reason_hint(reason),
	    "duration", known(cm_snapshot_outcome(snapshot, 0)->duration),
	    "resolve", known(c->resolve), "connect", known(c->connect),
	    "tls", known(c->tls), "wait", known(c->wait),
	    "transfer", known(c->transfer), NULL);
}

static void
reply_debug(const struct waiter *waiter, const struct cm_snapshot *snapshot)
{
	const struct flight *flight = waiter->flight;
	const char *log = cm_snapshot_log(snapshot);
	struct cm_text *text = cm_text_new(CM_PROMETHEUS);
	char *metrics = NULL, *module, *body = NULL;
	size_t length = 0, room;

	if (text != NULL) {
		cm_snapshot_encode(snapshot, text);
		metrics = cm_text_finish(text, &length);
	}
	module = settings_write_module(flight->settings, flight->module);
	if (metrics != NULL && module != NULL) {
		room = strlen(log) + length + strlen(module) + 64;
		body = malloc(room);
		if (body != NULL)
			length = (size_t)snprintf(body, room, "Log:\n%s\n"
			    "Metrics:\n%s\nConfiguration:\n%s", log, metrics,
			    module);
	}
	free(metrics);
	free(module);
	page_send(waiter->req, 200, "text/plain; charset=utf-8", body,
	    length);
}

static struct page_form *
encode(const struct waiter *waiter, const struct cm_snapshot *snapshot,
    enum cm_format format, bool gzip)
{
	struct cm_text *text = cm_text_new(format);

	if (text != NULL) {
		cm_snapshot_encode(snapshot, text);
		if (waiter->reply == REPLY_TELEMETRY)
			flights_encode(waiter->flight->flights, text);
	}
	return page_form_new(format, gzip, text);
}

static void
reply_metrics(const struct waiter *waiter, struct replies *replies)
{
	enum cm_format format = page_format(waiter->req);
	bool gzip = page_gzip(waiter->req);
	/* Its own metrics change: a reply that has them shares no form. */
	struct page_form *alone = NULL, **form =
	    waiter->reply == REPLY_TELEMETRY ? &alone :
	    &replies->forms[format == CM_OPENMETRICS][gzip];

	if (*form == NULL)
		*form = encode(waiter, replies->snapshot, format, gzip);
	page_send_form(waiter->req, *form);
	page_form_free(alone);
}

static void
reply(const struct waiter *waiter, struct replies *replies)
{
	const struct config *config = waiter->flight->flights->config;
	const struct cm_snapshot *snapshot = replies->snapshot;

	if (waiter->reply != REPLY_TELEMETRY &&
	    cm_snapshot_reason(snapshot) == CM_DENIED) {
		count_rejected(COUNT_DENIED);
		flight_refuse(waiter->req, config, waiter->reply, 403,
		    cm_snapshot_text(snapshot));
	} else if (waiter->reply == REPLY_DEBUG)
		reply_debug(waiter, snapshot);
	else if (waiter->reply == REPLY_MODEM)
		modem_page_send(waiter->req, config, &waiter->flight->target,
		    waiter->flight->module->name, waiter->refreshed, snapshot);
	else
		reply_metrics(waiter, replies);
}

static void
replies_free(struct replies *replies)
{
	page_form_free(replies->forms[0][0]);
	page_form_free(replies->forms[0][1]);
	page_form_free(replies->forms[1][0]);
	page_form_free(replies->forms[1][1]);
}

void
flights_encode(const struct flights *flights, struct cm_text *text)
{
	self_encode(text);
	count_encode(text, flights->count, cm_client_stats(flights->client));
}

static void
waiter_free(struct waiter *waiter)
{
	struct flight *flight = waiter->flight;
	struct waiter **link = &flight->waiters;

	while (*link != waiter)
		link = &(*link)->next;
	*link = waiter->next;
	event_free(waiter->deadline);
	free(waiter);
}

static void
flight_free(struct flight *flight)
{
	struct flights *flights = flight->flights;
	struct flight **link = &flights->first;

	/* clang-analyzer does not see that each takes itself out of the
	 * list. */
	while (flight->waiters != NULL) /* NOLINTNEXTLINE(*-unix.Malloc) */
		waiter_free(flight->waiters);
	while (*link != flight)
		link = &(*link)->next;
	*link = flight->next;
	flights->count--;
	settings_release(flight->settings);
	free(flight);
}
