/* SPDX-License-Identifier: MIT */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdio.h>

/*
 * What a function prints: between the two calls, all that goes to a standard
 * stream is kept.  No assertion may fail in between.
 */
struct capture {
	FILE	*stream;
	FILE	*file;
	int	 saved;
};

void	 capture_begin(struct capture *, FILE *stream);
/* The text, for free(). */
char	*capture_end(struct capture *);

#endif
