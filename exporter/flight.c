/* SPDX-License-Identifier: MIT */

/*
 * Flights: from a request to its reply by way of a probe.
 */

#include "flight.h"

#include <stdlib.h>

#include "log.h"
#include "page.h"
#include "self.h"

struct flight {
	struct flight		*next;
	struct flight		*previous;
	struct flights		*flights;
	struct evhttp_request	*req;
	struct cm_target	 target;
	const struct cm_module	*module;
	struct cm_probe		*probe;
	enum flight_page	 page;
};

struct flights {
	struct cm_client	*client;
	struct flight		*first;
	unsigned long		 count;
};

static void	on_probed(const struct cm_snapshot *, void *);
static void	log_failure(const struct flight *, const struct cm_snapshot *);
static void	flight_reply(const struct flight *, const struct cm_snapshot *);
static void	flight_free(struct flight *);

struct flights *
flights_new(struct cm_client *client)
{
	struct flights *flights = calloc(1, sizeof(*flights));

	if (flights == NULL)
		return NULL;
	flights->client = client;
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

unsigned long
flights_count(const struct flights *flights)
{
	return flights->count;
}

void
flight_start(struct flights *flights, struct evhttp_request *req,
    const struct cm_target *target, const struct cm_module *module,
    int64_t timeout_us, enum flight_page page)
{
	struct flight *flight = calloc(1, sizeof(*flight));

	if (flight != NULL)
		flight->probe = cm_probe_start(flights->client, target,
		    module, timeout_us, on_probed, flight);
	if (flight == NULL || flight->probe == NULL) {
		free(flight);
		page_line(req, 503, "no memory for a probe");
		return;
	}
	flight->flights = flights;
	flight->req = req;
	flight->target = *target;
	flight->module = module;
	flight->page = page;
	flight->next = flights->first;
	if (flight->next != NULL)
		flight->next->previous = flight;
	flights->first = flight;
	flights->count++;
}

static void
on_probed(const struct cm_snapshot *snapshot, void *arg)
{
	struct flight *flight = arg;

	if (cm_snapshot_reason(snapshot) != CM_OK)
		log_failure(flight, snapshot);
	flight_reply(flight, snapshot);
	flight_free(flight);
}

static void
log_failure(const struct flight *flight, const struct cm_snapshot *snapshot)
{
	enum cm_reason reason = cm_snapshot_reason(snapshot);
	char target[CM_TARGET_SIZE];

	cm_target_format(&flight->target, target);
	log_line(LEVEL_WARN, "probe failed", "target", target,
	    "module", flight->module->name, "reason", cm_reason_word(reason),
	    "error", cm_snapshot_text(snapshot),
	    "hint", cm_reason_hint(reason),
	    "duration", cm_snapshot_outcome(snapshot, 0)->duration, NULL);
}

static void
flight_reply(const struct flight *flight, const struct cm_snapshot *snapshot)
{
	enum cm_format format;
	struct cm_text *text;

	if (flight->page == FLIGHT_PROBE &&
	    cm_snapshot_reason(snapshot) == CM_DENIED) {
		page_line(flight->req, 403, cm_snapshot_text(snapshot));
		return;
	}
	format = page_format(flight->req);
	text = cm_text_new(format);
	if (text != NULL) {
		cm_snapshot_encode(snapshot, text);
		if (flight->page == FLIGHT_TELEMETRY)
			self_encode(text);
	}
	page_metrics(flight->req, format, text);
}

static void
flight_free(struct flight *flight)
{
	struct flights *flights = flight->flights;

	if (flight->previous != NULL)
		flight->previous->next = flight->next;
	else
		flights->first = flight->next;
	if (flight->next != NULL)
		flight->next->previous = flight->previous;
	flights->count--;
	free(flight);
}
