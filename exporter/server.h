/* SPDX-License-Identifier: MIT */
#ifndef SERVER_H
#define SERVER_H

#include "config.h"

struct event_base;

/*
 * The HTTP server: listeners and the table of routes.  The configuration must
 * outlive it.  NULL with a sentence in `why`.
 */
struct server	*server_new(struct event_base *, const struct config *,
		    struct cm_client *, char *why, size_t whysize)
		    CM_MUSTCHECK;
/* Let what runs finish, refuse what is new, and then break the loop; after
 * five seconds in any case. */
void		 server_drain(struct server *);
/* Close everything; requests that still wait are dropped. */
void		 server_free(struct server *);

#endif
