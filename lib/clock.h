/* SPDX-License-Identifier: MIT */
#ifndef CLOCK_H
#define CLOCK_H

#include <sys/time.h>

#include <stdint.h>
#include <time.h>

/* Microseconds of the monotonic clock: no step of the wall clock shows. */
static inline int64_t
clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* A time span for an event's timer. */
static inline struct timeval
clock_timeval(int64_t us)
{
	return (struct timeval){ .tv_sec = (time_t)(us / 1000000),
	    .tv_usec = (suseconds_t)(us % 1000000) };
}

#endif
