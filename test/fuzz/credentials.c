/* SPDX-License-Identifier: MIT */

/*
 * Exercises exporter/credentials.c.  All bytes up to a NUL are the value of an
 * Authorization header.
 */

#include "credentials.h"

#include <openssl/evp.h>

#include "fuzz.h"

/* What was understood means the same if it is said again. */
static void
check_again(const struct credentials *c)
{
	struct credentials *again =
	    (struct credentials *)fuzz_memory(sizeof(*again));
	size_t length = strlen(c->user) + 1 + strlen(c->password);
	char *text = fuzz_memory(length + 1);
	char *header = fuzz_memory(6 + (length + 2) / 3 * 4 + 1);

	sprintf(text, "%s:%s", c->user, c->password);
	strcpy(header, "Basic ");
	EVP_EncodeBlock((unsigned char *)header + 6,
	    (const unsigned char *)text, (int)length);
	CHECK(credentials_parse(again, header));
	CHECK(strcmp(again->user, c->user) == 0);
	CHECK(strcmp(again->password, c->password) == 0);
	free(again);
	free(text);
	free(header);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct credentials *c = (struct credentials *)fuzz_memory(sizeof(*c));
	char *header = fuzz_text(data, size);

	if (credentials_parse(c, header)) {
		CHECK(c->user == c->buf && strchr(c->user, ':') == NULL);
		CHECK(c->password == c->user + strlen(c->user) + 1);
		CHECK(c->password + strlen(c->password) <
		    c->buf + sizeof(c->buf));
		check_again(c);
	}
	free(c);
	free(header);
	return 0;
}
