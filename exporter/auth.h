/* SPDX-License-Identifier: MIT */
#ifndef AUTH_H
#define AUTH_H

#include "web_config.h"

struct auth;
struct event_base;
struct evhttp_request;

/*
 * Basic authentication (RFC 7617).  A password that was right is known from
 * then on; another one is checked beside the event loop, because that takes
 * long.  Those who wait for that take turns by their networks.
 */

enum auth_answer {
	AUTH_GRANTED,
	AUTH_REFUSED,
	AUTH_PENDING,	/* the callback will say */
	AUTH_FULL	/* too many wait */
};

/* How a request that was pending has fared; AUTH_FULL if it made room for
 * another. */
typedef void auth_callback(struct evhttp_request *, enum auth_answer, void *);

/* NULL without memory or descriptors. */
struct auth		*auth_new(struct event_base *, auth_callback *,
			    void *arg) CM_MUSTCHECK;
/* May a request with this Authorization header (NULL: none) be answered?
 * There is at least one user.  A request that is pending must live until the
 * callback or auth_free(). */
enum auth_answer	 auth_check(struct auth *, const struct web_config *,
			    const char *header, struct evhttp_request *)
			    CM_MUSTCHECK;
/* Requests that still wait hear nothing. */
void			 auth_free(struct auth *);

#endif
