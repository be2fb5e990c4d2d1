/* SPDX-License-Identifier: MIT */
#ifndef POOLS_H
#define POOLS_H

#include "pool.h"

/*
 * The pools of all targets.  Who was not asked for longest is forgotten first,
 * with its session and what was learned about it; and of connections that are
 * kept open between probes there are no more than POOLS_KEEP_MAX in all: where
 * they do not suffice, a target has its share of them, or none.
 */
#define POOLS_MAX	16384

struct pools;

/* NULL without memory. */
struct pools	*pools_new(void) CM_MUSTCHECK;
/* No pool may be in use. */
void		 pools_free(struct pools *);
const struct cm_client_stats *pools_stats(const struct pools *);
/* The pool of a peer, made if there is none: peers with the same context
 * and policy, address, port, source and names share one.  Pools with the same
 * CA file share what was read of it.  It stays until it is let go as often as
 * it was got.  NULL without memory. */
struct pool	*pools_get(struct pools *, const struct peer *) CM_MUSTCHECK;
/* None of one's fetches may be left in it. */
void		 pools_let_go(struct pools *, struct pool *);

#endif
