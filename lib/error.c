/* SPDX-License-Identifier: MIT */

/*
 * Failures: a reason from the closed list and a sentence.
 */

#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

bool
error_set(struct cm_error *error, enum cm_reason reason, const char *fmt, ...)
{
	char text[sizeof(error->text)];
	const char *p;
	size_t n = 0;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	error->reason = reason;
	for (p = text; *p != '\0' && n + 5 <= sizeof(error->text); p++) {
		if (*p >= ' ' && *p <= '~')
			error->text[n++] = *p;
		else
			n += (size_t)snprintf(error->text + n, 5, "\\x%02x",
			    (unsigned)(unsigned char)*p);
	}
	error->text[n] = '\0';
	return false;
}
