/* SPDX-License-Identifier: MIT */

/*
 * TLS sessions to resume.  At rest they are DER, which takes a third of the
 * memory.  Parsing it is the most expensive part of a resumed handshake, as it
 * holds the certificate, so a session stays parsed while it is in use.
 */

#include "session.h"

#include <openssl/err.h>

#include <stdlib.h>
#include <string.h>

#define SESSION_MAX (16 * 1024)		/* a modem may send any certificate */

/* OpenSSL marks the session of a connection that ends without a shutdown as
 * not resumable, which must not be that of the next one: hence copies. */
void
session_keep(struct session *s, const SSL_SESSION *session)
{
	session_forget(s);
	s->parsed = SSL_SESSION_dup(session);
}

void
session_forget(struct session *s)
{
	SSL_SESSION_free(s->parsed);
	free(s->der);
	memset(s, 0, sizeof(*s));
}

bool
session_is_known(const struct session *s)
{
	return s->parsed != NULL || s->der != NULL;
}

bool
session_offer(struct session *s, SSL *ssl)
{
	const unsigned char *der = s->der;
	SSL_SESSION *copy;
	bool offered;

	if (s->parsed == NULL && der != NULL)
		s->parsed = d2i_SSL_SESSION(NULL, &der, s->length);
	if (s->parsed == NULL)
		return false;
	copy = SSL_SESSION_dup(s->parsed);
	offered = copy != NULL && SSL_set_session(ssl, copy) == 1;
	SSL_SESSION_free(copy);
	return offered;
}

static void
write_der(struct session *s)
{
	int length = i2d_SSL_SESSION(s->parsed, NULL);
	unsigned char *end;

	if (length > 0 && length <= SESSION_MAX)
		s->der = malloc((size_t)length);
	if (s->der == NULL)
		return;
	end = s->der;
	s->length = i2d_SSL_SESSION(s->parsed, &end);
}

void
session_rest(struct session *s)
{
	if (s->parsed != NULL && s->der == NULL)
		write_der(s);
	SSL_SESSION_free(s->parsed);
	s->parsed = NULL;
	ERR_clear_error();
}
