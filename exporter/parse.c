/* SPDX-License-Identifier: MIT */

/*
 * Numbers.  Not strtod(): it takes nan, inf, hexadecimal and exponents, and
 * reads the decimal point as the locale likes it.
 */

#include "parse.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define TEN_YEARS (INT64_C(3660) * 86400)

static const char digits[] = "0123456789";

bool
parse_number(const char *text, unsigned long least, unsigned long most,
    unsigned long *number)
{
	size_t n = strspn(text, digits);

	if (n == 0 || n > 9 || text[n] != '\0')
		return false;
	*number = strtoul(text, NULL, 10);
	return *number >= least && *number <= most;
}

bool
parse_seconds(const char *text, int64_t *microseconds)
{
	size_t whole = strspn(text, digits), fraction = 0;
	const char *point = text + whole;
	int64_t us, unit = 100000;
	size_t i;

	if (*point == '.')
		fraction = strspn(++point, digits);
	if (whole + fraction == 0 || point[fraction] != '\0')
		return false;
	us = whole > 0 ? (int64_t)strtoll(text, NULL, 10) : 0;
	us = (us < TEN_YEARS ? us : TEN_YEARS) * 1000000;
	for (i = 0; i < fraction && unit > 0; i++, unit /= 10)
		us += (point[i] - '0') * unit;
	*microseconds = us;
	return true;
}
