/* SPDX-License-Identifier: MIT */
#ifndef LANDING_H
#define LANDING_H

#include "history.h"
#include "settings.h"

struct evhttp_request;

/*
 * The pages for people: a form, the last probes and links; and a probe's log.
 * Each ends the request.
 */
void	landing_send(struct evhttp_request *, const struct config *,
	    const struct settings *, const struct history *);
void	landing_send_log(struct evhttp_request *, const struct past_probe *);

#endif
