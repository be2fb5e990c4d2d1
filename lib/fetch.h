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
	/* Its probe's, set before it is queued. */
	enum cm_endpoint	 page;
	unsigned		 max_links;	/* at once, while it is there */
	int64_t			 keepalive;	/* of its link afterwards */
	int64_t			 min_interval;	/* reuse a younger answer */
	struct tls_facts	*facts;		/* of the first link up */
	void			(*cb)(struct fetch *, void *); /* it is done */
	void			*arg;

	bool			 done;
	struct cm_error		 error;		/* CM_OK: the body is whole */
	struct evbuffer		*body;
	size_t			 body_bytes;	/* also of a failed one */
	bool			 whole;		/* HTTP said where it ends */
	bool			 reused;	/* an answer of an earlier probe */

	enum phase		 phase;
	int64_t			 started;	/* 0: still queued */
	int64_t			 finished;
	int64_t			 phase_began;
	int64_t			 spent[PHASE_COUNT]; /* -1: not reached */

	/* Its pool's. */
	struct fetch		*next;		/* in the queue */
	bool			 fresh;		/* only on a new link */
	bool			 turned_away;	/* by a modem that serves others */
};

/* What links count, of all modems. */
struct link_counts {
	unsigned	 connecting;
	unsigned	 busy;
	unsigned	 idle;
	uint64_t	 handshakes_full;
	uint64_t	 handshakes_resumed;
};

/* Whom a link connects to, and how.  Outlives its links. */
struct peer {
	struct event_base	*base;
	SSL_CTX			*tls;		/* NULL: plain HTTP */
	char			*name;		/* for SNI, or "" */
	char			*address;	/* numeric */
	uint16_t		 port;
	char			*source;	/* numeric, to connect from, or "" */
	char			*host;		/* header */
	const char		*user_agent;
	struct link_counts	*counts;

	/* What its links learn. */
	SSL_SESSION		*session;	/* to resume, or NULL */
	bool			 resumes_none;	/* though it gives sessions */
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
/* Let a fetch that failed wait for another link. */
void		 fetch_requeue(struct fetch *);

/*
 * A connection that carries fetches, one after the other.  `wake` is made
 * active when a fetch is done, and when anything changed of what is asked
 * below; a link is freed from the event loop, not from a callback.  NULL
 * without memory.
 */
struct link	*link_open(struct peer *, struct event *wake) CM_MUSTCHECK;
/* Send a fetch on a new link or one that is idle.  Whatever fails is recorded
 * in the fetch, never returned. */
void		 link_send(struct link *, struct fetch *);
/* The fetch that the link carries, done or not; NULL if there is none. */
struct fetch	*link_fetch(const struct link *);
/* Part the link from its fetch, which is no longer the link's concern. */
void		 link_part(struct link *);
/* Whether the connection was set up: TCP and TLS. */
bool		 link_is_up(const struct link *);
/* Whether the modem has shown that it serves the link: by the handshake, or
 * in plain HTTP by a byte. */
bool		 link_is_served(const struct link *);
/* Whether the link carries nothing and can carry a fetch. */
bool		 link_is_idle(const struct link *);
/* Whether the link carries nothing, and never will. */
bool		 link_is_spent(const struct link *);
/* Whether the current fetch has seen no byte of an answer. */
bool		 link_is_silent(const struct link *);
/* Answers that came whole. */
unsigned	 link_answers(const struct link *);
/* When it was opened, and how long it took to be set up (0: it is not). */
int64_t		 link_opened(const struct link *);
int64_t		 link_setup_time(const struct link *);
/* Close, at any time; nothing is called any more. */
void		 link_free(struct link *);

#endif
