/* SPDX-License-Identifier: MIT */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>

#include "cablemodem.h"

struct evhttp_request;

/*
 * What evhttp takes for a request and HTTP/1.1 (RFC 9112) does not.
 */

/* Is it a request of HTTP/1, with names of header fields that all agree upon,
 * and with a host?  Even if it is none, its version is then one that it can be
 * answered in. */
bool	request_is_http(struct evhttp_request *) CM_MUSTCHECK;
/* Does it say, in whatever way, that a body follows? */
bool	request_has_body(struct evhttp_request *) CM_MUSTCHECK;

#endif
