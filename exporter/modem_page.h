/* SPDX-License-Identifier: MIT */
#ifndef MODEM_PAGE_H
#define MODEM_PAGE_H

#include "cablemodem.h"
#include "config.h"

struct evhttp_request;

/*
 * A modem at a glance, for a browser.  Each ends the request.
 */

/* What a probe found, or why it found nothing; `refreshed` if the browser is
 * going to ask again on its own. */
void	modem_page_send(struct evhttp_request *, const struct config *,
	    const struct cm_target *, const char *module, bool refreshed,
	    const struct cm_snapshot *);
/* That there is no probe, and why, a sentence without its full stop. */
void	modem_page_refuse(struct evhttp_request *, const struct config *,
	    int status, const char *why);

#endif
