/* SPDX-License-Identifier: MIT */

/*
 * A text that grows.
 */

#include "buffer.h"

#include <stdlib.h>

bool
buffer_grow(struct buffer *b, size_t length)
{
	size_t room = b->room * 2 + length + 4096;
	char *text = b->failed ? NULL : realloc(b->text, room);

	if (text == NULL) {
		buffer_fail(b);
		return false;
	}
	b->text = text;
	b->room = room;
	return true;
}

void
buffer_fail(struct buffer *b)
{
	b->room = b->length;
	b->failed = true;
}

char *
buffer_take(struct buffer *b, size_t *length)
{
	char *text;

	buffer_add(b, "", 1);
	text = b->failed ? NULL : b->text;
	*length = text != NULL ? b->length - 1 : 0;
	if (b->failed)
		free(b->text);
	*b = (struct buffer){ 0 };
	return text;
}
