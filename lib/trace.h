/* SPDX-License-Identifier: MIT */
#ifndef TRACE_H
#define TRACE_H

#include "cablemodem.h"

#define TRACE_MAX 8192

/* The log of a probe: lines with the seconds since it began, printable ASCII,
 * until it is full. */
struct trace {
	int64_t	 began;
	size_t	 length;
	char	 text[TRACE_MAX];
};

/* Add a line, given without its newline; NULL: nobody wants it. */
void	 trace_add(struct trace *, const char *, ...) CM_PRINTF(2, 3);

#endif
