/* SPDX-License-Identifier: MIT */

/*
 * The log of a probe, for whoever wonders what it did.
 */

#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"

void
trace_add(struct trace *t, const char *fmt, ...)
{
	static const char cut[] = "the rest does not fit here\n";
	char text[320], line[4 * sizeof(text) + 32];
	size_t n;
	va_list ap;
	int64_t us;

	if (t == NULL || t->length == sizeof(t->text))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	us = clock_now() - t->began;
	n = (size_t)snprintf(line, sizeof(line), "%3d.%06d ",
	    (int)(us / 1000000), (int)(us % 1000000));
	n += cm_escape(line + n, sizeof(line) - n - 1, text);
	line[n++] = '\n';
	if (n > sizeof(t->text) - sizeof(cut) - t->length) {
		memcpy(t->text + t->length, cut, sizeof(cut));
		t->length = sizeof(t->text);	/* later lines go too */
		return;
	}
	memcpy(t->text + t->length, line, n);
	t->length += n;
}
