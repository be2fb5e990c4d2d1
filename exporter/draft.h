/* SPDX-License-Identifier: MIT */
#ifndef DRAFT_H
#define DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "cablemodem.h"

/*
 * A text that is being written; all 0 is an empty one.  A lack of memory is
 * remembered, and what is added after it is dropped: better no text than one
 * with holes.  A stream of open_memstream() would forget it: in glibc neither
 * ferror() nor fclose() tells.
 */
struct draft {
	char	*text;
	size_t	 length;
	size_t	 room;
	bool	 failed;
};

void	 draft_add(struct draft *, const char *text);
void	 draft_add_bytes(struct draft *, const char *, size_t length);
void	 draft_printf(struct draft *, const char *fmt, ...) CM_PRINTF(2, 3);
/* Give the text, for free(), and leave the draft empty; NULL, and a length of
 * 0, if memory was short. */
char	*draft_take(struct draft *, size_t *length) CM_MUSTCHECK;

#endif
