/* SPDX-License-Identifier: MIT */

/*
 * Exercises exporter/query.c.  All bytes up to a NUL are the query.
 */

#include "query.h"

#include "fuzz.h"

/* The bytes that a query takes if every one of them is escaped. */
static char *
escape_all(const struct query *q)
{
	size_t i, room = 1;
	const char *p;
	char *raw, *out;

	for (i = 0; i < q->count; i++)
		room += 3 * (strlen(q->pairs[i].name) +
		    strlen(q->pairs[i].value)) + 2;
	raw = out = fuzz_memory(room);
	for (i = 0; i < q->count; i++) {
		for (p = q->pairs[i].name; *p != '\0'; p++)
			out += sprintf(out, "%%%02x", (unsigned char)*p);
		*out++ = '=';
		for (p = q->pairs[i].value; *p != '\0'; p++)
			out += sprintf(out, "%%%02X", (unsigned char)*p);
		*out++ = '&';
	}
	*out = '\0';
	return raw;
}

static bool
is_clean(const struct query *q, const char *text)
{
	if (text < q->text || text >= q->text + sizeof(q->text) ||
	    memchr(text, '\0', sizeof(q->text) -
	    (size_t)(text - q->text)) == NULL)
		return false;
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static void
check_query(const struct query *q)
{
	struct query *again = (struct query *)fuzz_memory(sizeof(*again));
	const char *names[9] = { NULL };
	char why[128] = "", *raw = escape_all(q);
	size_t i;

	CHECK(q->count <= sizeof(q->pairs) / sizeof(q->pairs[0]));
	if (q->count > 0)
		CHECK(query_unknown(q, names) == q->pairs[0].name);
	for (i = 0; i < q->count; i++) {
		CHECK(is_clean(q, q->pairs[i].name));
		CHECK(is_clean(q, q->pairs[i].value));
		/* Of two of one name this would give the first. */
		CHECK(query_get(q, q->pairs[i].name) == q->pairs[i].value);
		names[i] = q->pairs[i].name;
	}
	CHECK(query_unknown(q, names) == NULL);
	if (query_parse(again, raw, why, sizeof(why))) {
		CHECK(again->count == q->count);
		for (i = 0; i < q->count; i++)
			CHECK(strcmp(again->pairs[i].name,
			    q->pairs[i].name) == 0 &&
			    strcmp(again->pairs[i].value,
			    q->pairs[i].value) == 0);
	} else
		CHECK(strlen(raw) >= sizeof(q->text));
	free(raw);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct query *q = (struct query *)fuzz_memory(sizeof(*q));
	char *raw = fuzz_text(data, size), why[128] = "";

	if (query_parse(q, raw, why, sizeof(why)))
		check_query(q);
	else
		CHECK(fuzz_is_sentence(why, sizeof(why)));
	free(q);
	free(raw);
	return 0;
}
