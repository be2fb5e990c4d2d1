/* SPDX-License-Identifier: MIT */
#ifndef FETCH_H
#define FETCH_H

#include <event2/buffer.h>
#include <event2/event.h>

#include "cablemodem.h"
#include "tls.h"

/* Limits that hold whatever a modem sends. */
#define FETCH_HEAD_MAX	(16 * 1024)	/* status line and header */
#define FETCH_BODY_MAX	(1024 * 1024)

/* The phases of a fetch; what fails is said by the phase it failed in. */
enum phase {
	PHASE_QUEUED,
	PHASE_CONNECT,		/* until TCP is up */
	PHASE_TLS,		/* until the handshake is done */
	PHASE_WAIT,		/* until the answer's first byte */
	PHASE_TRANSFER,		/* until its last */
	PHASE_COUNT
};

/* One GET and what came of it. */
struct fetch {
	enum cm_endpoint	 page;

	bool			 done;
	struct cm_error		 error;		/* CM_OK: the body is whole */
	struct evbuffer		*body;
	size_t			 body_bytes;	/* also of a failed one */
	bool			 whole;		/* HTTP said where it ends */

	enum phase		 phase;
	int64_t			 started;	/* 0: still queued */
	int64_t			 finished;
	int64_t			 phase_began;
	int64_t			 spent[PHASE_COUNT]; /* -1: not reached */
};

/* Whom a link connects to, and how.  Outlives its links. */
struct peer {
	struct event_base	*base;
	SSL_CTX			*tls;		/* NULL: plain HTTP */
	char			 name[CM_HOST_SIZE];	/* for SNI, or "" */
	char			 address[CM_HOST_SIZE];	/* numeric */
	uint16_t		 port;
	char			 host[CM_HOST_SIZE + 16]; /* Host header */
	const char		*user_agent;
	struct sessions		*sessions;	/* of all modems */
	char			 key[2 * CM_HOST_SIZE + 8]; /* of this one's */
	struct tls_facts	*facts;		/* of the first link up */
};

/* Keep the sessions of a context's connections, for the links to come. */
void		 fetch_keep_sessions(SSL_CTX *);

/* False without memory. */
bool		 fetch_init(struct fetch *, enum cm_endpoint) CM_MUSTCHECK;
void		 fetch_clear(struct fetch *);
/* Fail a fetch unless it is done; `what` says what was tried or came. */
void		 fetch_fail(struct fetch *, const struct peer *,
		    enum cm_reason, const char *what);
/* Fail a fetch for lack of time, by the phase it is in; one that is queued
 * waited for the modem if a connection was up. */
void		 fetch_expire(struct fetch *, const struct peer *,
		    bool was_connected);

/*
 * A connection that carries fetches, one after the other; so far only one.
 * `wake` is made active when its fetch is done, when the link must be freed,
 * from the event loop and not from a callback; and when link_pays_others() may
 * have changed.  NULL without memory.
 */
struct link	*link_open(const struct peer *, struct event *wake)
		    CM_MUSTCHECK;
/* Send a fetch.  Whatever fails is recorded in the fetch, never returned. */
void		 link_send(struct link *, struct fetch *);
/* The fetch that the link carries, done or not; NULL before link_send(). */
struct fetch	*link_fetch(const struct link *);
/* Whether the link shows that it pays to open others beside it: they would
 * resume its session, or it will have none, or the modem answers already. */
bool		 link_pays_others(const struct link *);
/* Close, at any time; nothing is called any more. */
void		 link_free(struct link *);

#endif
