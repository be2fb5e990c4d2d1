/* SPDX-License-Identifier: MIT */
/* What the programs of the benchmark say of many times. */
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double
stats_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void
stats_print(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare);
	printf("\"p50\": %.9f, \"p99\": %.9f, \"min\": %.9f, \"max\": %.9f",
	    values[n / 2], values[n * 99 / 100], values[0], values[n - 1]);
}
