/* SPDX-License-Identifier: MIT */

/*
 * bcrypt, by libxcrypt or by the system's own crypt_r().
 */

#include "bcrypt.h"

#include <openssl/crypto.h>

#if !defined(__FreeBSD__)
#include <crypt.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Not crypt_r() of libxcrypt: sanitizers put one before it, and the linker
 * then takes the library for one that nobody needs. */
#if !defined(__FreeBSD__)
#define crypt_r(password, hash, data) \
	crypt_rn(password, hash, data, sizeof(*(data)))
#endif

/* Where what was computed begins; before it are version, cost and salt. */
#define RESULT 29

bool
bcrypt_parse(const char *hash, unsigned *cost)
{
	static const char alphabet[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789";

	if (strlen(hash) != BCRYPT_LENGTH || strncmp(hash, "$2", 2) != 0 ||
	    strchr("aby", hash[2]) == NULL || hash[3] != '$' ||
	    hash[4] < '0' || hash[4] > '3' || hash[5] < '0' ||
	    hash[5] > '9' || hash[6] != '$' ||
	    hash[7 + strspn(hash + 7, alphabet)] != '\0')
		return false;
	*cost = (unsigned)(hash[4] - '0') * 10 + (unsigned)(hash[5] - '0');
	return *cost >= 4 && *cost <= 31;
}

bool
bcrypt_matches(const char *hash, const char *password)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	const char *result;
	bool matches = false;

	if (data == NULL)
		return false;
	result = crypt_r(password, hash, data);
	/* The result alone: some write the salt's spare bits otherwise. */
	if (result != NULL && strlen(result) == BCRYPT_LENGTH)
		matches = CRYPTO_memcmp(result + RESULT, hash + RESULT,
		    BCRYPT_LENGTH - RESULT) == 0;
	OPENSSL_cleanse(data, sizeof(*data));
	free(data);
	return matches;
}
