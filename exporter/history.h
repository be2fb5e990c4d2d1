/* SPDX-License-Identifier: MIT */
#ifndef HISTORY_H
#define HISTORY_H

#include "cablemodem.h"

/*
 * The history: what became of the last probes, and their logs; in memory only,
 * and of a bounded number.
 */
struct history;

struct past_probe {
	uint64_t	 id;		/* from 1, in the order of their ends */
	int64_t		 time;		/* of its end, unix time in seconds */
	char		*target;	/* as a URL */
	char		*module;
	enum cm_reason	 reason;
	char		*duration;	/* seconds */
	char		*log;
};

/* Keeps `limit` probes, 0 or more, and as many failures that are older.  NULL
 * without memory. */
struct history	*history_new(size_t limit) CM_MUSTCHECK;
void		 history_free(struct history *);
/* Add a probe that has ended; without memory it is not added. */
void		 history_add(struct history *, const char *target,
		    const char *module, const struct cm_snapshot *);
/* The probes, newest first: the first with place 0; NULL after the last.
 * They live until the next is added. */
const struct past_probe *history_at(const struct history *, size_t place);

#endif
