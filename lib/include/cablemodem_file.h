/* SPDX-License-Identifier: MIT */
#ifndef CABLEMODEM_FILE_H
#define CABLEMODEM_FILE_H

/*
 * Files that somebody else writes, and may change at any time.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What a file was when it was looked at: all 0 if it was not there. */
struct cm_stamp {
	int64_t	at[5];
};

/* Look at a file; NULL is none. */
void	 cm_file_stamp(struct cm_stamp *, const char *path);
/* Whether nobody has written it, put another in its place, or changed who may
 * read it. */
bool	 cm_file_same(const struct cm_stamp *, const struct cm_stamp *);

/* Open a file to read.  NULL with errno, also of what is no file: a directory,
 * or a pipe, which would block until somebody writes to it. */
FILE	*cm_file_open(const char *path);

#endif
