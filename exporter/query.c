/* SPDX-License-Identifier: MIT */

/*
 * Query strings.  libevent's parser refuses a name without a value, compares
 * names without case, takes the first of two, cuts values at %00 and leaves
 * bad escapes alone; a request that is in doubt is refused here instead.
 */

#include "query.h"

#include <stdio.h>
#include <string.h>

#include "parse.h"

static bool	decode(char *);

bool
query_parse(struct query *q, const char *raw, char *why, size_t whysize)
{
	char *pair, *next, *value;

	q->count = 0;
	if (raw == NULL)
		return true;
	if (strlen(raw) >= sizeof(q->text)) {
		snprintf(why, whysize, "the query is too long");
		return false;
	}
	strcpy(q->text, raw);
	for (pair = q->text; pair != NULL; pair = next) {
		next = strchr(pair, '&');
		if (next != NULL)
			*next++ = '\0';
		if (*pair == '\0')
			continue;
		if (q->count == sizeof(q->pairs) / sizeof(q->pairs[0])) {
			snprintf(why, whysize, "too many parameters");
			return false;
		}
		value = strchr(pair, '=');
		if (value != NULL)
			*value++ = '\0';
		else
			value = pair + strlen(pair);
		if (!decode(pair) || !decode(value)) {
			snprintf(why, whysize, "a parameter has a bad percent "
			    "escape or a control byte; a percent sign itself "
			    "is written %%25");
			return false;
		}
		if (query_get(q, pair) != NULL) {
			snprintf(why, whysize, "a parameter is given twice; "
			    "one of each is taken");
			return false;
		}
		q->pairs[q->count].name = pair;
		q->pairs[q->count++].value = value;
	}
	return true;
}

/* Decode a text in its place; false for a bad escape or a control byte. */
static bool
decode(char *text)
{
	char *in = text, *out = text;
	unsigned char c;

	for (; *in != '\0'; in++) {
		c = (unsigned char)*in;
		if (c == '+')
			c = ' ';
		else if (c == '%') {
			if (!parse_byte(in + 1, &c))
				return false;
			in += 2;
		}
		if (c < 0x20 || c == 0x7f)
			return false;
		*out++ = (char)c;
	}
	*out = '\0';
	return true;
}

const char *
query_get(const struct query *q, const char *name)
{
	size_t i;

	for (i = 0; i < q->count; i++)
		if (strcmp(q->pairs[i].name, name) == 0)
			return q->pairs[i].value;
	return NULL;
}

const char *
query_unknown(const struct query *q, const char *const *names)
{
	const char *const *name;
	size_t i;

	for (i = 0; i < q->count; i++) {
		for (name = names; *name != NULL; name++)
			if (strcmp(q->pairs[i].name, *name) == 0)
				break;
		if (*name == NULL)
			return q->pairs[i].name;
	}
	return NULL;
}
