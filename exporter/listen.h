/* SPDX-License-Identifier: MIT */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct evhttp;

/*
 * Listen on `text`: HOST:PORT, [IPV6]:PORT, localhost:PORT, or :PORT for
 * every address of both families; port 0 takes a free one.  What is listened
 * on is logged.  False with a sentence in `why`.
 */
bool	listen_on(struct event_base *, struct evhttp *, const char *text,
	    char *why, size_t whysize);

#endif
