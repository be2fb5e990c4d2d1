/* SPDX-License-Identifier: MIT */
#ifndef POOL_H
#define POOL_H

#include "answer.h"

/* Connections that are kept open without a fetch, at the most: to one target,
 * and to all. */
#define POOL_KEEP_MAX	6
#define POOLS_KEEP_MAX	256

/*
 * One target: the queue of fetches, the links that take from it, and what was
 * learned about the modem.
 */
struct pool;

/* A pool takes a copy of the peer, and its texts; the context and the
 * authorities get a reference more.  NULL without memory. */
struct pool	*pool_new(const struct peer *, struct answers *) CM_MUSTCHECK;
/* Closes its links.  No fetch may be left. */
void		 pool_free(struct pool *);
const struct peer *pool_peer(const struct pool *);
/* Let go what was read of the CA file; a new connection reads it again. */
void		 pool_forget_authorities(struct pool *);

/* Queue a fetch; its callback runs once, from the event loop, when it is
 * done, unless it is cancelled before. */
void		 pool_add(struct pool *, struct fetch *);
/* The time is up: a fetch that is not done has failed.  Calls back. */
void		 pool_expire(struct pool *, struct fetch *);
/* Forget a fetch, and close the link that carries it. */
void		 pool_cancel(struct pool *, struct fetch *);
/* Whether TCP of any of its connections is up or was, since the queue was
 * empty: the modem is there. */
bool		 pool_was_connected(const struct pool *);

/* Keep the answer of a fetch for as long as anybody who asks not to fetch its
 * page too often might want it. */
void		 pool_keep_answer(struct pool *, const struct fetch *);

/* No fetch is left: close what is not to be kept. */
void		 pool_rest(struct pool *);
/* How many connections are open though there is nothing to fetch. */
unsigned	 pool_kept(const struct pool *);
/* How many connections all pools together have open. */
unsigned	 pool_all_links(const struct pool *);
/* Close them, but for some.  No fetch may be left. */
void		 pool_close_kept(struct pool *, unsigned but);

#endif
