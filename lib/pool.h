/* SPDX-License-Identifier: MIT */
#ifndef POOL_H
#define POOL_H

#include "fetch.h"

/*
 * A target's queue of fetches and the links that take from it.  So far a pool
 * serves one probe, and a link one fetch.
 */
struct pool;

/* Called from the event loop for each fetch that is done, once. */
typedef void pool_cb(struct fetch *, void *arg);

/* The peer must outlive the pool.  NULL without memory. */
struct pool	*pool_new(const struct peer *, unsigned max_links, pool_cb *,
		    void *arg) CM_MUSTCHECK;
/* Closes its links; fetches that are not done are forgotten. */
void		 pool_free(struct pool *);
/* Queue a fetch, of which there is at most one for each page. */
void		 pool_add(struct pool *, struct fetch *);
/* Whether any of its connections was up so far: the modem is there. */
bool		 pool_was_connected(const struct pool *);
/* The time is up: what is not done has failed, and is told at once. */
void		 pool_expire(struct pool *);

#endif
