/* SPDX-License-Identifier: MIT */
#ifndef FLIGHT_H
#define FLIGHT_H

#include "history.h"
#include "question.h"

struct event_base;
struct evhttp_request;

/*
 * Flights: requests that wait for a probe.  Those for one target and module
 * share it.
 */
struct flights;

/* Probes that end go into the history, which outlives the flights, as the
 * configuration does. */
struct flights	*flights_new(struct event_base *, struct cm_client *,
		    struct history *, const struct config *) CM_MUSTCHECK;
/* Cancels those that are left; their requests stay libevent's. */
void		 flights_free(struct flights *);
/* Let all end now, with what they have. */
void		 flights_expire(struct flights *);
/* Write the exporter's own metrics. */
void		 flights_encode(const struct flights *, struct cm_text *);

/* Probe, and answer the request when that is done.  The question's module is
 * one of the settings, which are held until then.  False, and nothing is done,
 * if too many probes run. */
bool		 flight_start(struct flights *, struct evhttp_request *,
		    struct settings *, const struct question *) CM_MUSTCHECK;
/* Answer a request without a probe: with why, a sentence without its full
 * stop, in a page where people have asked for one. */
void		 flight_refuse(struct evhttp_request *, const struct config *,
		    enum reply, int status, const char *why);

#endif
