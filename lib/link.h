/* SPDX-License-Identifier: MIT */
#ifndef LINK_H
#define LINK_H

#include <event2/event.h>

#include "fetch.h"

/* Microseconds that a link must have hung for before that says anything of the
 * modem: a probe may have had less time than a slow one takes. */
#define LINK_MOMENT	INT64_C(300000)

/* Keep the sessions of a context's connections, for the links to come. */
void		 link_keep_sessions(SSL_CTX *);

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
/* Whether the fetch failed in a handshake that was to resume a session. */
bool		 link_choked(const struct link *);
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
/* Answers that came whole, those of failed fetches too. */
unsigned	 link_answers(const struct link *);
/* When it was opened, and how long it took to be set up (0: it is not). */
int64_t		 link_opened(const struct link *);
int64_t		 link_setup_time(const struct link *);
/* Close, at any time; nothing is called any more. */
void		 link_free(struct link *);

#endif
