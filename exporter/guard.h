/* SPDX-License-Identifier: MIT */
#ifndef GUARD_H
#define GUARD_H

#include <stddef.h>

struct evhttp;
struct web;

struct guard {
	struct web	*web;		/* is it TLS? */
	size_t		 limit;		/* bytes that wait to be read */
};

/* Bound what a client's connection may make the server keep: connections
 * made from now on are closed when more bytes than the limit wait to be read
 * as a request.  The guard must outlive the server. */
void	guard_connections(struct evhttp *, struct guard *);

#endif
