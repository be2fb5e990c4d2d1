/* SPDX-License-Identifier: MIT */

/*
 * What a client says who it is.
 */

#include "credentials.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <string.h>
#include <strings.h>

static bool
parse(struct credentials *c, const char *header)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t encoded, padding, length;
	char *colon;

	if (strncasecmp(header, "Basic ", 6) != 0)
		return false;
	header += 6 + strspn(header + 6, " ");
	encoded = strspn(header, base64);
	padding = strspn(header + encoded, "=");
	if (header[encoded + padding] != '\0' || padding > 2)
		return false;
	encoded += padding;
	length = encoded / 4 * 3;
	if (encoded % 4 != 0 || length > CREDENTIALS_MAX)
		return false;
	/* OpenSSL counts the padding's bytes too. */
	if (EVP_DecodeBlock((unsigned char *)c->buf,
	    (const unsigned char *)header, (int)encoded) != (int)length)
		return false;
	length -= padding;
	c->buf[length] = '\0';
	colon = memchr(c->buf, ':', length);
	if (colon == NULL || strlen(c->buf) != length)
		return false;
	*colon = '\0';
	c->user = c->buf;
	c->password = colon + 1;
	return true;
}

/* Even what cannot be used may hold a password: wipe it. */
bool
credentials_parse(struct credentials *c, const char *header)
{
	if (parse(c, header))
		return true;
	OPENSSL_cleanse(c, sizeof(*c));
	return false;
}
