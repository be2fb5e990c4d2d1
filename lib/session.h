/* SPDX-License-Identifier: MIT */
#ifndef SESSION_H
#define SESSION_H

#include <openssl/ssl.h>

#include <stdint.h>

#include "cablemodem.h"

/*
 * TLS sessions of modems, so that the next handshake is a short one: a full
 * one costs a modem's CPU some 170 ms.  Of more than SESSION_MAX the ones that
 * were not used for longest are forgotten.
 */
#define SESSION_MAX 4096

struct sessions;

struct sessions	*sessions_new(void) CM_MUSTCHECK;
void		 sessions_free(struct sessions *);
/* Remember a copy of a session under a key; without memory, do not. */
void		 sessions_put(struct sessions *, const char *key,
		    SSL_SESSION *);
/* Forget the session of a key. */
void		 sessions_drop(struct sessions *, const char *key);
/* A copy of the session of a key, for SSL_SESSION_free(); NULL if there is
 * none. */
SSL_SESSION	*sessions_get(struct sessions *, const char *key);

#endif
