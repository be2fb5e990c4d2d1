/* SPDX-License-Identifier: MIT */
#ifndef COUNT_H
#define COUNT_H

#include "cablemodem.h"

/*
 * What happened since the process began, in numbers: the exporter's own
 * metrics.  Of the process as a whole, so that nobody need pass it on.
 */

/* Why a request for a probe got none, and the word for its label. */
#define COUNT_REJECTIONS(X) \
	X(BAD_REQUEST, "bad_request") \
	X(DENIED, "denied") \
	X(OVERLOADED, "overloaded") \
	X(DRAINING, "draining")

enum count_rejection {
#define X(name, word) COUNT_##name,
	COUNT_REJECTIONS(X)
#undef X
	COUNT_REJECTION_COUNT
};

/* A probe has ended. */
void	count_probe(const char *module, const struct cm_snapshot *);
/* A request joined a probe that ran already. */
void	count_coalesced(void);
void	count_rejected(enum count_rejection);
/* A request was answered; `handler` must live as long as the process. */
void	count_request(const char *handler, int code);
/* Write all of it, and the state of the moment. */
void	count_encode(struct cm_text *, unsigned long probes_in_flight,
	    const struct cm_client_stats *);

#endif
