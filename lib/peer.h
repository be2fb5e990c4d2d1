/* SPDX-License-Identifier: MIT */
#ifndef PEER_H
#define PEER_H

#include <openssl/ssl.h>

#include <stdbool.h>
#include <stdint.h>

#include "session.h"
#include "tls.h"

struct event_base;

/* Whom a link connects to, and how.  Outlives its links.  Its texts, and its
 * policy's file, belong to whoever made it: a pool has copies of its own, which
 * go with it. */
struct peer {
	struct event_base	*base;
	SSL_CTX			*context;	/* NULL: plain HTTP */
	struct tls_policy	 policy;
	const char		*name;		/* for SNI, or "" */
	const char		*address;	/* numeric */
	uint16_t		 port;
	const char		*source;	/* numeric address to come
						 * from, or "" */
	const char		*host;		/* header */
	const char		*user_agent;
	struct cm_client_stats	*stats;

	/* What its links learn. */
	struct session		 session;
	bool			 chokes;	/* on sessions offered to it */
	bool			 resumes_none;	/* though it gives sessions */
};

#endif
