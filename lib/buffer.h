/* SPDX-License-Identifier: MIT */
#ifndef BUFFER_H
#define BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A text that grows.  A lack of memory is remembered, and what is added
 * after it is dropped: whoever takes the text checks once. */
struct buffer {
	char	*text;
	size_t	 length;
	size_t	 room;
	bool	 failed;	/* there is no room, and will be none */
};

/* Make room for so many bytes more; false without memory. */
bool	 buffer_grow(struct buffer *, size_t length);
/* Fail as if memory were short. */
void	 buffer_fail(struct buffer *);
/* End the text with a NUL and give it, for free(); NULL if memory was short.
 * The buffer is empty then. */
char	*buffer_take(struct buffer *, size_t *length);

/* Inline: a page is thousands of pieces of a few bytes each.  A byte more is
 * asked for, so that there is a text also for a piece of none. */
static inline void
buffer_add(struct buffer *b, const char *bytes, size_t length)
{
	if (b->room - b->length <= length && !buffer_grow(b, length))
		return;
	memcpy(b->text + b->length, bytes, length);
	b->length += length;
}

static inline void
buffer_add_text(struct buffer *b, const char *text)
{
	buffer_add(b, text, strlen(text));
}

#endif
