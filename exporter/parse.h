/* SPDX-License-Identifier: MIT */
#ifndef PARSE_H
#define PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "cablemodem.h"

/* What people and Prometheus write, as numbers; false if it is not that. */

/* A byte from two hexadecimal digits; what follows them does not matter. */
bool	parse_byte(const char *, unsigned char *);
/* Seconds as a plain decimal; more than ten years are ten years. */
bool	parse_seconds(const char *, int64_t *microseconds) CM_MUSTCHECK;
/* A whole number without sign, from `least` to `most`. */
bool	parse_number(const char *, unsigned long least, unsigned long most,
	    unsigned long *) CM_MUSTCHECK;
/* A duration: whole numbers of h, m, s and ms in this order, such as 10s,
 * 500ms or 1h30m, or a bare 0; of ten years at the most. */
bool	parse_duration(const char *, int64_t *microseconds) CM_MUSTCHECK;

#define DURATION_SIZE	64

/* The same as text, to the millisecond, into a buffer of DURATION_SIZE. */
void	format_duration(char *, int64_t microseconds);

#endif
