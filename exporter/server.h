/* SPDX-License-Identifier: MIT */
#ifndef SERVER_H
#define SERVER_H

#include "settings.h"

struct event_base;
struct web;

/*
 * The HTTP server: listeners and the table of routes.  The configuration and
 * the web must outlive it, and it holds the settings.  NULL with a sentence in
 * `why`.
 */
struct server	*server_new(struct event_base *, const struct config *,
		    struct settings *, struct web *, struct cm_client *,
		    char *why, size_t whysize) CM_MUSTCHECK;
/* Read the configuration again, for the requests to come.  False with a
 * sentence in `why`, which was logged, and all as it was. */
bool		 server_reload(struct server *, char *why, size_t whysize);
/* Let what runs finish, refuse what is new, and then break the loop; after
 * five seconds in any case. */
void		 server_drain(struct server *);
/* Close everything; requests that still wait are dropped. */
void		 server_free(struct server *);

#endif
