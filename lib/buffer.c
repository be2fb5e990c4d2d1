/* SPDX-License-Identifier: MIT */

/*
 * A text that grows.
 */

#include "buffer.h"

#include <stdlib.h>
#include <string.h>

void
buffer_add(struct buffer *b, const char *bytes, size_t length)
{
	size_t room;
	char *text;

	if (b->room - b->length < length && !b->failed) {
		room = b->room * 2 + length + 4096;
		text = realloc(b->text, room);
		if (text == NULL)
			b->failed = true;
		else {
			b->text = text;
			b->room = room;
		}
	}
	if (b->failed)
		return;
	memcpy(b->text + b->length, bytes, length);
	b->length += length;
}

void
buffer_add_text(struct buffer *b, const char *text)
{
	buffer_add(b, text, strlen(text));
}

void
buffer_fail(struct buffer *b)
{
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
