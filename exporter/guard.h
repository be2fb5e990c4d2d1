/* SPDX-License-Identifier: MIT */
#ifndef GUARD_H
#define GUARD_H

#include "cablemodem.h"

struct bufferevent;
struct event_base;
struct evhttp;
struct web;

/*
 * Clients' connections: how many there are, and what each may make the server
 * keep, and for how long.
 *
 * A request must have come within ten seconds of its first byte, that of a new
 * connection within ten of its beginning, and an answer must be gone within
 * ten, with two more at the most; else the connection is cut.  It is also
 * cut when more bytes wait than a request may have, or too many lines, each of
 * which costs far more memory than it has bytes, or a NUL.
 *
 * When there are as many as there may be, the one that has waited longest for
 * a request, and a second or two at least, makes room for the next; if there is
 * none, no more are accepted until there is.  A connection for whose guard
 * there is no memory is not counted.
 */
struct guard;

/* Guard the connections that are made from now on, at most `most` of them, in
 * which `limit` bytes may wait.  NULL without memory. */
struct guard	*guard_new(struct event_base *, struct evhttp *, struct web *,
		    size_t limit, unsigned long most) CM_MUSTCHECK;
/* After the evhttp, which ends the connections. */
void		 guard_free(struct guard *);

/* A whole request has come.  False: refuse it and close. */
bool		 guard_asked(struct guard *, struct bufferevent *) CM_MUSTCHECK;
/* Whether more than three quarters of the connections that there may be wait
 * for answers: the rest is for who need not wait. */
bool		 guard_is_crowded(const struct guard *);
/* Its answer is gone. */
void		 guard_answered(struct guard *, struct bufferevent *);
/* It is about to be freed; also if it was never asked. */
void		 guard_closed(struct guard *, struct bufferevent *);

#endif
