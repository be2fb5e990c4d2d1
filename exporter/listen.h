/* SPDX-License-Identifier: MIT */
#ifndef LISTEN_H
#define LISTEN_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>

#include "cablemodem.h"

struct event_base;
struct evhttp;

/* Where to listen: an address of each family at the most. */
struct listen_address {
	struct sockaddr_in	ipv4;
	struct sockaddr_in6	ipv6;
	bool			has_ipv4;
	bool			has_ipv6;
};

/* The listeners are the process's: what pauses or ends them does so to all. */

/* Parse HOST:PORT, [IPV6]:PORT, localhost:PORT, or :PORT for every address
 * of both families; HOST is numeric. */
bool	listen_parse(struct listen_address *, const char *text) CM_MUSTCHECK;
/* Listen there; port 0 takes a free one.  What is listened on is logged.
 * False with a sentence in `why`. */
bool	listen_on(struct event_base *, struct evhttp *,
	    const struct listen_address *, char *why, size_t whysize)
	    CM_MUSTCHECK;
/* Listen on a socket that another process has bound and listens on; it is
 * taken over.  AF_UNIX is refused: evhttp up to libevent 2.1.12 reads beyond
 * the end of a client's address there (CVE-2026-63388). */
bool	listen_inherited(struct event_base *, struct evhttp *, int fd,
	    char *why, size_t whysize) CM_MUSTCHECK;
/* Accept no more connections, or go on; the kernel keeps those that wait.  To
 * say so again changes nothing. */
void	listen_pause(bool);
/* Before the evhttp is freed, which closes the listeners. */
void	listen_end(void);

#endif
