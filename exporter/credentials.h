/* SPDX-License-Identifier: MIT */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include <stdbool.h>

#include "cablemodem.h"

/* What a request's head has room for. */
#define CREDENTIALS_MAX	6144

/* A user and a password, without NULs; to be cleansed after use. */
struct credentials {
	const char	*user;		/* right before the password, in buf */
	const char	*password;
	char		 buf[CREDENTIALS_MAX + 1];
};

/* Read the value of an Authorization header of the scheme Basic (RFC 7617).
 * False if it is none; then nothing of it is kept. */
bool	credentials_parse(struct credentials *, const char *header)
	    CM_MUSTCHECK;

#endif
