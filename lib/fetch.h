/* SPDX-License-Identifier: MIT */
#ifndef FETCH_H
#define FETCH_H

#include <event2/buffer.h>

#include "cablemodem.h"
#include "error.h"
#include "peer.h"
#include "tls.h"
#include "trace.h"

/* The phases of a fetch; what fails is said by the phase it failed in. */
enum phase {
	PHASE_QUEUED,
	PHASE_CONNECT,		/* until TCP is up */
	PHASE_TLS,		/* until the handshake is done */
	PHASE_WAIT,		/* until the answer's first byte */
	PHASE_TRANSFER,		/* until its last */
	PHASE_COUNT
};

/* One GET and what came of it.  Its probe owns it; from pool_add() until it is
 * done, the pool and the link that serves it write into their parts. */
struct fetch {
	/* Its probe's, set before it is queued. */
	enum cm_endpoint	 page;
	unsigned		 max_links;	/* at once, while it is there */
	int64_t			 keepalive;	/* of its link afterwards */
	int64_t			 min_interval;	/* reuse a younger answer */
	struct tls_facts	*facts;		/* of the first link up */
	struct trace		*trace;		/* NULL: nobody wants one */
	void			(*cb)(struct fetch *, void *); /* it is done */
	void			*arg;

	/* What came, written by its link, or by the pool of an answer that is
	 * used again. */
	bool			 done;
	struct cm_error		 error;		/* CM_OK: the body is whole */
	struct evbuffer		*body;
	size_t			 body_bytes;	/* also of a failed one */
	bool			 whole;		/* HTTP said where it ends */
	bool			 reused;	/* an earlier probe's answer */

	enum phase		 phase;
	int64_t			 started;	/* 0: still queued */
	int64_t			 finished;
	int64_t			 phase_began;
	int64_t			 spent[PHASE_COUNT]; /* -1: not reached */

	/* Its pool's. */
	struct fetch		*next;		/* in the queue */
	bool			 fresh;		/* only on a new link */
	bool			 choked;	/* a link on its old session */
	unsigned		 turned_away;	/* while others were served */
};

/* False without memory. */
bool		 fetch_init(struct fetch *, enum cm_endpoint) CM_MUSTCHECK;
void		 fetch_clear(struct fetch *);
/* Enter a phase, unless the fetch is beyond it. */
void		 fetch_enter(struct fetch *, enum phase);
/* The body is there. */
void		 fetch_finish(struct fetch *);
/* Fail a fetch unless it is done; `what` says what was tried or came. */
void		 fetch_fail(struct fetch *, const struct peer *,
		    enum cm_reason, const char *what);
/* Fail a fetch that is queued, for what another failed for. */
void		 fetch_fail_too(struct fetch *, const struct fetch *other);
/* Fail a fetch for lack of time, by the phase it is in; one that is queued
 * waited for the modem if a connection was up. */
void		 fetch_expire(struct fetch *, const struct peer *,
		    bool was_connected);
/* Let a fetch wait for another link; `why` says what became of this one. */
void		 fetch_requeue(struct fetch *, const char *why);

#endif
