/* SPDX-License-Identifier: MIT */
#ifndef PARSE_H
#define PARSE_H

#include <stdbool.h>
#include <stdint.h>

/* What people and Prometheus write, as numbers; false if it is not that. */

/* Seconds as a plain decimal; more than ten years are ten years. */
bool	parse_seconds(const char *, int64_t *microseconds);
/* A whole number without sign, from `least` to `most`. */
bool	parse_number(const char *, unsigned long least, unsigned long most,
	    unsigned long *);

#endif
