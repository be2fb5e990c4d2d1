/* SPDX-License-Identifier: MIT */
#ifndef QUERY_H
#define QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "cablemodem.h"

/* A request's parameters, decoded; every name at most once. */
struct query {
	struct {
		const char	*name;
		const char	*value;
	}		pairs[8];
	size_t		count;
	char		text[4096];	/* that the pairs point into */
};

/*
 * Parse what follows the `?` of a request target, NULL for nothing, in the
 * encoding of HTML forms.  False with a sentence in `why` for a bad percent
 * escape, a control byte, a name that comes twice, and too much of anything.
 */
bool		 query_parse(struct query *, const char *raw, char *why,
		    size_t whysize) CM_MUSTCHECK;
/* The value of a parameter, NULL if it is not there. */
const char	*query_get(const struct query *, const char *name);
/* A parameter that is not in `names`, which ends in NULL; NULL if all are. */
const char	*query_unknown(const struct query *, const char *const *names);

#endif
