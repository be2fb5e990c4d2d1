/* SPDX-License-Identifier: MIT */
#ifndef TLS_H
#define TLS_H

#include <openssl/ssl.h>

#include "cablemodem.h"
#include "cablemodem_file.h"

/* What a TLS connection to a modem was like, as texts; "" where unknown. */
struct tls_facts {
	char	version[16];		/* TLSv1.3 */
	char	cipher[64];		/* TLS_AES_256_GCM_SHA384 */
	char	fingerprint[65];	/* SHA-256 of the certificate, hex */
	char	not_after[CM_NUMBER_SIZE]; /* unix time */
};

/*
 * The client's context.  Modems have self-signed certificates, RSA-1024 keys,
 * TLS 1.0 and no secure renegotiation, and end without close_notify; here,
 * and only on the modem's side, all that is taken.  To be freed with
 * SSL_CTX_free(); NULL on failure.
 */
SSL_CTX	*tls_context_new(void) CM_MUSTCHECK;

/* How a connection's certificate is looked at: cm_tls without its name. */
struct tls_policy {
	enum cm_verify	 verify;
	unsigned char	 fingerprint[32];
	const char	*ca_file;	/* PEM; its struct's owner's */
	struct cm_stamp	 ca_stamp;	/* another file, another pool */
	X509_STORE	*authorities;	/* of the file; NULL: not read */
	int		 min_version;
};

/* Read the file, if there is one and it was not read.  What cannot be read is
 * tried again; until then nobody is trusted. */
void	 tls_read_authorities(struct tls_policy *);

/*
 * A connection's object: `name` is sent as SNI (RFC 6066, 3) unless "", and
 * is what a certificate must be for, else the numeric `address`.  To be freed
 * with SSL_free(), or by the bufferevent that takes it; NULL on failure.
 */
SSL	*tls_new(SSL_CTX *, struct tls_policy *, const char *name,
	    const char *address) CM_MUSTCHECK;

/* Whether the certificate of a connection whose handshake is done is what the
 * policy wants: CM_OK, or the reason with what came in `why`. */
enum cm_reason tls_check(SSL *, const struct tls_policy *, char *why,
	    size_t whysize) CM_MUSTCHECK;

/* Describe a connection whose handshake is done. */
void	 tls_describe(SSL *, struct tls_facts *);

#endif
