/* SPDX-License-Identifier: MIT */

/*
 * Numbers.  Not strtod(): it takes nan, inf, hexadecimal and exponents, and
 * reads the decimal point as the locale likes it.
 */

#include "parse.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEN_YEARS (INT64_C(3660) * 86400)

static const char digits[] = "0123456789";

static const struct {
	const char	*name;
	int64_t		 us;
} units[] = {
	{ "h", 3600 * INT64_C(1000000) },
	{ "m", 60 * 1000000 },
	{ "s", 1000000 },
	{ "ms", 1000 },
};
#define UNITS (sizeof(units) / sizeof(units[0]))

bool
parse_number(const char *text, unsigned long least, unsigned long most,
    unsigned long *number)
{
	size_t n = strspn(text, digits);

	if (n == 0 || text[n] != '\0')
		return false;
	errno = 0;
	*number = strtoul(text, NULL, 10);
	return errno == 0 && *number >= least && *number <= most;
}

bool
parse_byte(const char *text, unsigned char *byte)
{
	static const char hex[] = "0123456789abcdefABCDEF";
	unsigned value = 0;
	const char *p;
	int i;

	for (i = 0; i < 2; i++) {
		p = text[i] != '\0' ? strchr(hex, text[i]) : NULL;
		if (p == NULL)
			return false;
		value = value * 16 + (unsigned)(p - hex < 16 ? p - hex :
		    p - hex - 6);
	}
	*byte = (unsigned char)value;
	return true;
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

bool
parse_duration(const char *text, int64_t *microseconds)
{
	const char *p = text, *name;
	size_t i, n;
	int64_t us = 0;

	for (i = 0; i < UNITS; i++) {
		n = strspn(p, digits);
		name = p + n;
		if (n == 0 || n > 9 ||
		    strcspn(name, digits) != strlen(units[i].name) ||
		    strncmp(name, units[i].name, strlen(units[i].name)) != 0)
			continue;
		us += strtoll(p, NULL, 10) * units[i].us;
		p = name + strlen(units[i].name);
	}
	if (strcmp(text, "0") != 0 && (p == text || *p != '\0'))
		return false;
	if (us > TEN_YEARS * 1000000)
		return false;
	*microseconds = us;
	return true;
}

void
format_duration(char *text, int64_t us)
{
	size_t i, n = 0;

	strcpy(text, "0s");
	for (i = 0; i < UNITS; i++) {
		if (us < units[i].us)
			continue;
		n += (size_t)snprintf(text + n, DURATION_SIZE - n, "%lld%s",
		    (long long)(us / units[i].us), units[i].name);
		us %= units[i].us;
	}
}
