/* SPDX-License-Identifier: MIT */
#ifndef SIM_TLS_H
#define SIM_TLS_H

#include <stdbool.h>

#include <openssl/ssl.h>

enum tls_key {
	TLS_KEY_EC256,
	TLS_KEY_RSA1024,
	TLS_KEY_RSA2048,
	TLS_KEY_NONE
};

struct tls;

enum tls_key	 tls_key_by_name(const char *);
int		 tls_version_by_name(const char *);	/* -1: no such one */

/*
 * Told once or twice per handshake, before its ServerHello leaves: the moment
 * at which the modem computes.
 */
typedef void	 tls_hello_fn(void *arg, bool resumed);

/*
 * A key and a certificate of its own, or those of a PEM file if it is not
 * NULL. Version 0 is 1.2 to 1.3, any other is that version alone. NULL after
 * lines to stderr.
 */
struct tls	*tls_new(enum tls_key, const char *file, int version,
		    tls_hello_fn *);
void		 tls_free(struct tls *);

/* A server's side of one connection; NULL on failure. */
SSL		*tls_accept(struct tls *, bool resumable, void *arg);

/* Messages that follow a handshake. */
enum tls_message {
	TLS_TICKET,
	TLS_KEY_UPDATE,
	TLS_HELLO_REQUEST
};

/* Sends one; false if it cannot be sent, or not in full yet. */
bool		 tls_send(SSL *, enum tls_message);

/*
 * Ends the session well, with or without a word to the other side. False if
 * the socket is full: to be tried again.
 */
bool		 tls_shut(SSL *, bool quietly);

/* The SSL may live on for a moment: nothing is told any more. */
void		 tls_forget(SSL *);

#endif
