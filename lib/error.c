/* SPDX-License-Identifier: MIT */

/*
 * Failures: a reason from the closed list and a sentence.
 */

#include "error.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char	*word;
	const char	*hint;
} reasons[CM_REASON_COUNT] = {
	[CM_OK] = { "success", "" },
#define X(name, word, hint) [CM_##name] = { word, hint },
	CM_REASONS(X)
#undef X
};

const char *
cm_reason_word(enum cm_reason reason)
{
	return reasons[reason].word;
}

const char *
cm_reason_hint(enum cm_reason reason)
{
	return reasons[reason].hint;
}

size_t
cm_escape(char *out, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	/* Room for an escape and the end. */
	for (; *text != '\0' && n + 5 <= size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c < 0x7f) {
			out[n++] = *text;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	out[n] = '\0';
	return n;
}

bool
error_set(struct cm_error *error, enum cm_reason reason, const char *fmt, ...)
{
	char text[sizeof(error->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	error->reason = reason;
	cm_escape(error->text, sizeof(error->text), text);
	return false;
}
