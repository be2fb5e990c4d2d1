/* SPDX-License-Identifier: MIT */
#ifndef BCRYPT_H
#define BCRYPT_H

#include <stdbool.h>

#include "cablemodem.h"

/*
 * Passwords hashed with bcrypt, as `htpasswd -B` writes them: $2y$10$ and 53
 * characters, of which 22 are the salt (crypt(5), "bcrypt").
 */

#define BCRYPT_LENGTH 60

/* Is this text such a hash?  If so, `cost` is the logarithm of its rounds. */
bool	bcrypt_parse(const char *hash, unsigned *cost) CM_MUSTCHECK;
/* Is it the hash of this password?  Takes time, by design: 60 ms for a cost
 * of 10, twice that for each more.  May be called by several threads. */
bool	bcrypt_matches(const char *hash, const char *password);

#endif
