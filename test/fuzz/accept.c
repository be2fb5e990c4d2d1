/* SPDX-License-Identifier: MIT */

/*
 * Exercises exporter/negotiate.c.  All bytes up to a NUL are the header, be it
 * an Accept or an Accept-Encoding.
 */

#include "negotiate.h"

#include "fuzz.h"

/* The header in lower case, for strstr(). */
static char *
lower_case(const char *header)
{
	char *copy = fuzz_text(header, strlen(header)), *p;

	for (p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return copy;
}

/* A header and more. */
static char *
join(const char *one, const char *other)
{
	size_t n = strlen(one);
	char *both = fuzz_memory(n + strlen(other) + 1);

	memcpy(both, one, n);
	strcpy(both + n, other);
	return both;
}

/* What is added does not change what was chosen. */
static void
check_same(const char *header, const char *more)
{
	char *both = join(header, more);

	CHECK(negotiate_format(both) == negotiate_format(header));
	CHECK(negotiate_gzip(both) == negotiate_gzip(header));
	free(both);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *header = fuzz_text(data, size), *lower = lower_case(header);
	char *twice = join(",", header);
	enum cm_format format = negotiate_format(header);
	bool gzip = negotiate_gzip(header);

	CHECK(format == CM_PROMETHEUS || format == CM_OPENMETRICS);
	if (strstr(lower, "application/openmetrics-text") == NULL)
		CHECK(format == CM_PROMETHEUS);
	if (strstr(lower, "gzip") == NULL && strchr(lower, '*') == NULL)
		CHECK(!gzip);
	CHECK(negotiate_format(lower) == format);
	CHECK(negotiate_gzip(lower) == gzip);
	check_same(header, ",");
	check_same(header, " , text/html;q=1,");
	check_same(header, twice);
	check_same(header, ",text/plain;q=0,application/openmetrics-text;q=0");
	check_same(header, ",*/*;q=2,application/openmetrics-text;q=nan");

	free(twice);
	twice = join(header, ",gzip;q=0,x-gzip;q=0");
	CHECK(!negotiate_gzip(twice));
	free(header);
	free(lower);
	free(twice);
	return 0;
}
