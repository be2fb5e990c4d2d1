/* SPDX-License-Identifier: MIT */
#ifndef BUFFER_H
#define BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* A text that grows.  A lack of memory is remembered, and what is added
 * after it is dropped: whoever takes the text checks once. */
struct buffer {
	char	*text;
	size_t	 length;
	size_t	 room;
	bool	 failed;
};

void	 buffer_add(struct buffer *, const char *bytes, size_t length);
void	 buffer_add_text(struct buffer *, const char *);
/* Fail as if memory were short. */
void	 buffer_fail(struct buffer *);
/* End the text with a NUL and give it, for free(); NULL if memory was short.
 * The buffer is empty then. */
char	*buffer_take(struct buffer *, size_t *length);

#endif
