/* SPDX-License-Identifier: MIT */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdint.h>

/* This process as the system sees it; -1 where it does not tell. */
struct process {
	int64_t	cpu;			/* microseconds, user and system */
	int64_t	open_fds;
	int64_t	max_fds;
	int64_t	resident_memory;	/* bytes */
	int64_t	virtual_memory;
};

/* Open those of stdin, stdout and stderr that are closed, lest the first socket
 * become one of them. */
void	process_fill_stdio(void);
void	process_read(struct process *);
/* Raise the limit of descriptors as far as the system lets; gives it. */
int64_t	process_raise_fds(void);

#endif
