/* SPDX-License-Identifier: MIT */

/*
 * Exercises lib/value.c.  The first byte is the kind, the rest the text; or
 * it says that a double follows.
 */

#include "value.h"

#include <math.h>

#include "exposition.h"
#include "fuzz.h"

/* What else must hold of a value. */
enum promise {
	PROMISE_TEXT = 1 << 0,		/* nothing around it is blank */
	PROMISE_DECIMAL = 1 << 1,
	PROMISE_WHOLE = 1 << 2,		/* digits, of at most 64 bits */
	PROMISE_FLAG = 1 << 3,		/* 0 or 1 */
	PROMISE_SAME = 1 << 4,		/* reads back as itself */
	PROMISE_NOTHING = 1 << 5	/* may be empty */
};

static const struct {
	enum kind	 kind;
	const char	*word;
	unsigned	 promises;
	double		 factor;	/* if it has one: what 1 becomes */
} kinds[] = {
	{ KIND_TEXT, NULL, PROMISE_TEXT | PROMISE_SAME, 0 },
	{ KIND_ID, NULL, PROMISE_TEXT | PROMISE_SAME, 0 },
	{ KIND_PORT, NULL, PROMISE_TEXT | PROMISE_SAME, 0 },
	{ KIND_DECIMAL, NULL, PROMISE_DECIMAL | PROMISE_SAME, 1 },
	{ KIND_HERTZ, NULL, PROMISE_DECIMAL | PROMISE_SAME, 1 },
	{ KIND_MEGAHERTZ, NULL, PROMISE_DECIMAL, 1e6 },
	{ KIND_COUNTER, NULL, PROMISE_WHOLE | PROMISE_SAME, 0 },
	{ KIND_DURATION, NULL, PROMISE_WHOLE, 0 },
	{ KIND_TIME, NULL, PROMISE_WHOLE, 0 },
	{ KIND_MODULATION, NULL, PROMISE_TEXT | PROMISE_SAME, 0 },
	{ KIND_SPEED, NULL, PROMISE_DECIMAL, 0 },
	{ KIND_AUTH, NULL, PROMISE_TEXT, 0 },
	{ KIND_TEK, NULL, PROMISE_TEXT, 0 },
	{ KIND_BPI, NULL, PROMISE_FLAG, 0 },
	{ KIND_LOG_TIME, NULL, PROMISE_WHOLE, 0 },
	{ KIND_LOG_PRIORITY, NULL, PROMISE_TEXT | PROMISE_SAME, 0 },
	{ KIND_LOG_TEXT, NULL, PROMISE_TEXT | PROMISE_NOTHING, 0 },
	{ KIND_IS, "Success", PROMISE_FLAG, 0 },
	{ KIND_IS, "YES", PROMISE_FLAG, 0 },
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static void
check_double(const uint8_t *data, size_t size)
{
	double number = 0;
	char *out = fuzz_memory(VALUE_SIZE);

	memcpy(&number, data, size < sizeof(number) ? size : sizeof(number));
	if (value_from_double(number, out)) {
		CHECK(isfinite(number));
		CHECK(memchr(out, '\0', VALUE_SIZE) != NULL);
		CHECK(exposition_is_number(out));
		CHECK(!(strtod(out, NULL) < number) &&
		    !(strtod(out, NULL) > number));
	} else
		CHECK(!isfinite(number));
	free(out);
}

/* By its digits: a very small one is 0 to strtod(). */
static bool
is_positive(const char *decimal)
{
	return decimal[0] != '-' && decimal[strcspn(decimal, "123456789")];
}

static bool
is_close(const char *text, double factor, const char *out)
{
	double want = strtod(text, NULL) * factor, got = strtod(out, NULL);

	return fabs(want - got) <= fabs(want) * 1e-15 || !isfinite(want);
}

static void
check_value(size_t i, const char *text, const char *out)
{
	unsigned promises = kinds[i].promises;
	char again[VALUE_SIZE];
	size_t n;

	CHECK(memchr(out, '\0', VALUE_SIZE) != NULL);
	n = strlen(out);
	CHECK(n > 0 || (promises & PROMISE_NOTHING));
	if (n > 0 && (promises & PROMISE_TEXT))
		CHECK(strchr(" \t\r\n", out[0]) == NULL &&
		    strchr(" \t\r\n", out[n - 1]) == NULL);
	if (promises & (PROMISE_DECIMAL | PROMISE_WHOLE)) {
		CHECK(exposition_is_number(out));
		CHECK(isfinite(strtod(out, NULL)));
		CHECK(value_is_positive(out) == is_positive(out));
	}
	if (promises & PROMISE_WHOLE)
		CHECK(out[strspn(out, "0123456789")] == '\0' && n <= 20 &&
		    (n < 20 || strcmp(out, "18446744073709551615") <= 0));
	if (promises & PROMISE_FLAG)
		CHECK(strcmp(out, "0") == 0 || strcmp(out, "1") == 0);
	if (promises & PROMISE_SAME)
		CHECK(value_read(kinds[i].kind, kinds[i].word, out, n,
		    again) == VALUE_OK && strcmp(again, out) == 0);
	if (kinds[i].factor > 0)
		CHECK(is_close(text, kinds[i].factor, out));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum value_result result;
	char *text, *bytes, *out;
	size_t i;

	if (size == 0)
		return 0;
	i = (data[0] - (size_t)'A') % (KIND_COUNT + 1);
	if (i == KIND_COUNT) {
		check_double(data + 1, size - 1);
		return 0;
	}
	bytes = fuzz_bytes(data + 1, size - 1);
	text = fuzz_text(data + 1, size - 1);
	out = fuzz_memory(VALUE_SIZE);
	memset(out, 'x', VALUE_SIZE);
	result = value_read(kinds[i].kind, kinds[i].word, bytes, size - 1, out);
	CHECK(result == VALUE_OK || result == VALUE_NONE ||
	    result == VALUE_BAD);
	/* A NUL ends a value early; pages have none after their repair. */
	if (result == VALUE_OK && strlen(text) == size - 1)
		check_value(i, text, out);
	free(bytes);
	free(text);
	free(out);
	return 0;
}
