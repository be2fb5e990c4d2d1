/* SPDX-License-Identifier: MIT */
#ifndef TLS_SERVER_H
#define TLS_SERVER_H

#include <openssl/ssl.h>

#include "web_config.h"

struct bufferevent;
struct event_base;

/*
 * TLS towards those who ask the exporter.
 */

/* A context by the configuration, which it does not refer to afterwards;
 * certificates and keys are read now.  For SSL_CTX_free(); NULL with a
 * sentence in `why`. */
SSL_CTX			*tls_server_context(const struct web_tls *, char *why,
			    size_t whysize) CM_MUSTCHECK;
/* The bufferevent of a connection that is about to be accepted.  NULL without
 * memory. */
struct bufferevent	*tls_server_accept(struct event_base *, SSL_CTX *)
	    CM_MUSTCHECK;
/* Does a connection speak TLS? */
bool			 tls_server_is_on(struct bufferevent *);
/* Tell the other side that nothing more comes (RFC 9112, 9.8), before the
 * connection is closed.  Of a connection without TLS it does nothing. */
void			 tls_server_goodbye(struct bufferevent *);

#endif
