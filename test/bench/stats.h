/* SPDX-License-Identifier: MIT */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>

/* Monotonic seconds. */
double	 stats_clock(void);

/*
 * Print members of a JSON object, without braces: "p50", "p99", "min" and
 * "max" of so many values, in their unit. The values are sorted; at least one.
 */
void	 stats_print(double *, size_t);

#endif
