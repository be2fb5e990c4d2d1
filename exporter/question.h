/* SPDX-License-Identifier: MIT */
#ifndef QUESTION_H
#define QUESTION_H

#include "settings.h"

struct evhttp_request;

/*
 * What a request for a probe asks for.
 */

/* What its answer shows. */
enum reply {
	REPLY_PROBE,		/* the modem; 403 if it may not be asked */
	REPLY_TELEMETRY,	/* the modem, then the exporter itself */
	REPLY_DEBUG,		/* the probe's log, the modem, its module */
	REPLY_MODEM		/* the modem, for people */
};

struct question {
	enum reply		 reply;
	struct cm_target	 target;
	const struct cm_module	*module;	/* one of the settings' */
	int64_t			 timeout;	/* microseconds, at least 1 */
	unsigned long		 refresh;	/* seconds until a browser asks
						 * again; 0: never */
};

/* Read a query, NULL if there is none, of /probe (REPLY_PROBE, which can become
 * REPLY_DEBUG) or of /modem (REPLY_MODEM).  False with a sentence in `why`, in
 * printable ASCII, if it asks for no probe. */
bool	question_read(struct question *, enum reply, struct evhttp_request *,
	    const char *query, const struct config *, const struct settings *,
	    char *why, size_t whysize) CM_MUSTCHECK;
/* How long the probe may take: what Prometheus says that it waits, less what
 * the way back takes.  False with a sentence in `why` if it says no such
 * thing. */
bool	question_timeout(struct evhttp_request *, const struct config *,
	    int64_t *microseconds, char *why, size_t whysize) CM_MUSTCHECK;

#endif
