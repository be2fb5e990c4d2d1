/* SPDX-License-Identifier: MIT */
#ifndef ANSWER_H
#define ANSWER_H

#include "fetch.h"
#include "ring.h"

/*
 * Answers that are kept because somebody asked not to fetch a page too often.
 * Of more than ANSWER_BYTES in all, those that were kept first go first.
 */
#define ANSWER_BYTES (64 * 1024 * 1024)

struct answers {
	struct ring	 order;
	size_t		 bytes;
};

struct answer;

void	 answers_init(struct answers *);
/* Keep a fetch's answer in a place, instead of what is there; the place must
 * stay until it is empty, and empties when room is needed for others.  Without
 * memory it stays empty. */
void	 answer_keep(struct answers *, struct answer **place,
	    const struct fetch *);
/* Empty a place. */
void	 answer_drop(struct answers *, struct answer **place);
/* When a kept answer was asked for. */
int64_t	 answer_started(const struct answer *);
/* Let the fetch be done with a kept answer.  False without memory. */
bool	 answer_use(const struct answer *, struct fetch *) CM_MUSTCHECK;

#endif
