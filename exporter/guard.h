/* SPDX-License-Identifier: MIT */
#ifndef GUARD_H
#define GUARD_H

struct evhttp;

/* Bound what a client's connection may make the server keep: connections
 * made from now on are closed when more than `limit` bytes wait to be read as
 * a request. */
void	guard_connections(struct evhttp *, unsigned limit);

#endif
