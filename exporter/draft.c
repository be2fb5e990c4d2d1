/* SPDX-License-Identifier: MIT */

/*
 * A text that is being written.
 */

#include "draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 4096

/* Have room for so many bytes and a NUL; false, now and ever after, without
 * memory. */
static bool
make_room(struct draft *d, size_t length)
{
	size_t room = d->room;
	char *text;

	if (d->failed || room - d->length > length)
		return !d->failed;
	room = room * 2 + length + ROOM_MIN;
	text = realloc(d->text, room);
	if (text == NULL) {
		d->failed = true;
		return false;
	}
	d->text = text;
	d->room = room;
	return true;
}

void
draft_add(struct draft *d, const char *text)
{
	draft_add_bytes(d, text, strlen(text));
}

void
draft_add_bytes(struct draft *d, const char *bytes, size_t length)
{
	if (!make_room(d, length))
		return;
	memcpy(d->text + d->length, bytes, length);
	d->length += length;
}

void
draft_printf(struct draft *d, const char *fmt, ...)
{
	va_list ap;
	size_t room;
	int n;

	if (!make_room(d, 0))
		return;
	room = d->room - d->length;
	va_start(ap, fmt);
	n = vsnprintf(d->text + d->length, room, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n >= room && make_room(d, (size_t)n)) {
		va_start(ap, fmt);
		n = vsnprintf(d->text + d->length, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	if (n < 0)
		d->failed = true;
	if (!d->failed)
		d->length += (size_t)n;
}

char *
draft_take(struct draft *d, size_t *length)
{
	char *text = NULL;

	*length = 0;
	if (make_room(d, 0)) {
		d->text[d->length] = '\0';
		*length = d->length;
		text = d->text;
	} else
		free(d->text);
	*d = (struct draft){ 0 };
	return text;
}
