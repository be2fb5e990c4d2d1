/* SPDX-License-Identifier: MIT */

/*
 * Bodies that a strict JSON parser would refuse: what is replaced, what is
 * left alone, and that nothing is copied without need.
 */

#include "repair.h"

#include "unit.h"

#define R "\xef\xbf\xbd"	/* U+FFFD */

/* U+FFFD may be written as an escape; both mean the same. */
static size_t
unescape(char *text, size_t length)
{
	size_t in = 0, out = 0;

	while (in < length) {
		if (length - in >= 6 && memcmp(text + in, "\\ufffd", 6) == 0) {
			memcpy(text + out, R, 3);
			out += 3;
			in += 6;
		} else
			text[out++] = text[in++];
	}
	return out;
}

static void
check_bytes(const char *body, size_t length, const char *repaired,
    size_t repaired_length)
{
	char *text = exact_copy(body, length, true), *copy, *seen;
	size_t n = length;
	const char *got = repair_json(text, &n, &copy);

	assert_non_null(got);
	assert_true(copy == NULL || got == copy);
	seen = exact_copy(got, n, false);
	n = unescape(seen, n);
	if (n != repaired_length || memcmp(seen, repaired, n) != 0)
		fail_msg("'%.*s' becomes '%.*s'", (int)length, body, (int)n,
		    seen);
	free(seen);
	free(copy);
	free(text);
}

static void
check(const char *body, const char *repaired)
{
	check_bytes(body, strlen(body), repaired, strlen(repaired));
}

/* Nothing to repair: no copy, and the body itself from `skipped` on. */
static void
check_kept(const char *body, size_t skipped)
{
	size_t length = strlen(body);
	char *text = exact_copy(body, length, true), *copy;
	const char *got = repair_json(text, &length, &copy);

	if (got != text + skipped || copy != NULL)
		fail_msg("'%s' is copied", body);
	assert_int_equal(length, strlen(body) - skipped);
	free(text);
}

static void
a_sound_body_is_not_copied(void **state)
{
	static const char *const bodies[] = {
		"", "[]", "{}", "[{\"a\":\"b\",\"c\":-1.5e3}]\n", " \t\r\n[]",
		"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\u0001\\u00e9\"]",
		"[\"\x7f\"]", "[1e308,-1e308,1234567890123]",
		"<html>", "[\"\\x\"]",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bodies); i++)
		check_kept(bodies[i], 0);
}

static void
valid_utf8_is_kept(void **state)
{
	static const char *const bodies[] = {
		"\"\xc2\x80\xdf\xbf\"",	/* U+0080, U+07FF */
		"\"\xe0\xa0\x80\xef\xbf\xbf\"",	/* U+0800, U+FFFF */
		"\"\xed\x9f\xbf\xee\x80\x80\"",	/* U+D7FF, U+E000 */
		"\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",	/* U+10000, 10FFFF */
		"\"\xef\xbb\xbf\"",	/* U+FEFF inside */
		"\"" R "\"",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bodies); i++)
		check_kept(bodies[i], 0);
}

static void
a_leading_byte_order_mark_is_skipped(void **state)
{
	(void)state;
	check_kept("\xef\xbb\xbf[]", 3);
	check_kept("\xef\xbb\xbf", 3);
	check("\xef\xbb\xbf[\"\xff\"]", "[\"" R "\"]");
	/* One, and nothing that only begins like one. */
	check_kept("\xef\xbb\xbf\xef\xbb\xbf[]", 3);
	check("\xef\xbb[]", R "[]");
	check("\xef[]", R "[]");
	check("\xfe\xff[]", R R "[]");
}

/* Unicode, 3.9: each maximal subpart of an ill-formed sequence is one. */
static void
invalid_utf8_is_replaced_by_maximal_subparts(void **state)
{
	static const struct {
		const char	*bytes;
		const char	*repaired;
	} rows[] = {
		{ "\x80", R }, { "\xbf\x80", R R },	/* alone */
		{ "\xc0\xaf", R R }, { "\xc1\xbf", R R },	/* overlong */
		{ "\xe0\x80\xaf", R R R }, { "\xe0\x9f\xbf", R R R },
		{ "\xf0\x80\x80\xaf", R R R R },
		{ "\xf0\x8f\xbf\xbf", R R R R },
		{ "\xed\xa0\x80", R R R },		/* surrogates */
		{ "\xed\xbf\xbf", R R R },
		{ "\xed\xa0\xbd\xed\xb8\x80", R R R R R R },
		{ "\xf4\x90\x80\x80", R R R R },	/* beyond U+10FFFF */
		{ "\xf5\x80\x80\x80", R R R R },
		{ "\xf8\x88\x80\x80\x80", R R R R R },
		{ "\xfe", R }, { "\xff\xff", R R },
		{ "\xc2", R }, { "\xe2\x82", R },	/* cut short */
		{ "\xe0\xa0", R }, { "\xed\x9f", R }, { "\xf0\x90", R },
		{ "\xf0\x9f\x93", R }, { "\xf4\x8f\xbf", R },
		{ "\xc2""a", R "a" }, { "\xe2\x82""a", R "a" },
		{ "\xf0\x9f\x93""a", R "a" }, { "\xe2""a\x82", R "a" R },
		{ "\xe2\xe2\x82\xac", R "\xe2\x82\xac" },
		{ "\xe2\x82\xe2\x82\xac", R "\xe2\x82\xac" },
		{ "\xc2\xc2\xa9", R "\xc2\xa9" },
		{ "\xc3\xa9\x80", "\xc3\xa9" R },
		{ "a\xf1\x80\x80\xe1\x80\xc2""b\x80""c\x80\xbf""d",
		    "a" R R R "b" R "c" R R "d" },	/* table 3-8 */
	};
	char body[64], repaired[64];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		snprintf(body, sizeof(body), "[\"%s\"]", rows[i].bytes);
		snprintf(repaired, sizeof(repaired), "[\"%s\"]",
		    rows[i].repaired);
		check(body, repaired);
		/* At the end of the body, and outside of strings. */
		check(rows[i].bytes, rows[i].repaired);
	}
}

/* A quote or a backslash is never taken for a part of a sequence. */
static void
invalid_utf8_swallows_no_syntax(void **state)
{
	(void)state;
	check("[\"\xe2\",\"\xf0\x9f\"]", "[\"" R "\",\"" R "\"]");
	check("[\"\xc3\\\"\",1e999]", "[\"" R "\\\"\",null]");
}

static void
a_body_of_nothing_but_bad_bytes_has_room(void **state)
{
	char body[1000], repaired[3000];
	size_t i;

	(void)state;
	memset(body, 0xff, sizeof(body));
	for (i = 0; i < sizeof(body); i++)
		memcpy(repaired + 3 * i, R, 3);
	check_bytes(body, sizeof(body), repaired, sizeof(repaired));
}

static void
control_bytes_are_replaced_in_strings_alone(void **state)
{
	char body[] = "[\"a?b\"]", repaired[] = "[\"a" R "b\"]";
	char c;

	(void)state;
	for (c = 0; c < 0x20; c++) {
		body[3] = c;
		check_bytes(body, sizeof(body) - 1, repaired,
		    sizeof(repaired) - 1);
	}
	check_kept("[\r\n\t1 ,\x01\x1f 2]", 0);
	check_bytes("[\0]", 3, "[\0]", 3);
	check("[\"a\nb\",\n\"c\td\"]", "[\"a" R "b\",\n\"c" R "d\"]");
}

static void
escaped_nuls_are_replaced(void **state)
{
	(void)state;
	check("[\"\\u0000\"]", "[\"" R "\"]");
	check("[\"a\\u0000\\u0000b\"]", "[\"a" R R "b\"]");
	check("{\"\\u0000\":1}", "{\"" R "\":1}");
	check_kept("[\"\\u0001\\u000a\"]", 0);
	/* Here it is the backslash that is escaped. */
	check_kept("[\"\\\\u0000\"]", 0);
	check("[\"\\\\\\u0000\"]", "[\"\\\\" R "\"]");
	check_kept("[\"\\\\\\\\u0000\"]", 0);
}

static void
surrogates_stand_in_pairs(void **state)
{
	static const char *const pairs[] = {
		"[\"\\ud83d\\ude00\"]", "[\"\\uD83D\\uDE00\"]",
		"[\"\\ud800\\udc00\"]", "[\"\\udbff\\udfff\"]",
		"[\"\\uD83d\\udE00\\ud83d\\ude00\"]",
		"[\"\\ud7ff\\ue000\"]",		/* beside the range */
		"[\"\\\\ud83d\"]",
	};
	static const struct {
		const char	*body;
		const char	*repaired;
	} halves[] = {
		{ "[\"\\ud83d\"]", "[\"" R "\"]" },
		{ "[\"\\uDBFF\"]", "[\"" R "\"]" },
		{ "[\"\\ude00\"]", "[\"" R "\"]" },
		{ "[\"\\uDC00x\"]", "[\"" R "x\"]" },
		{ "[\"\\ude00\\ud83d\"]", "[\"" R R "\"]" },
		{ "[\"\\ude00\\udc00\"]", "[\"" R R "\"]" },
		{ "[\"\\ud83d\\ud83d\"]", "[\"" R R "\"]" },
		{ "[\"\\ud83d\\ud83d\\ude00\"]",
		    "[\"" R "\\ud83d\\ude00\"]" },
		{ "[\"\\ud83d\\ude00\\ude00\"]",
		    "[\"\\ud83d\\ude00" R "\"]" },
		{ "[\"\\ud83d \\ude00\"]", "[\"" R " " R "\"]" },
		{ "[\"\\ud83d\\n\"]", "[\"" R "\\n\"]" },
		{ "[\"\\ud83d\\u0041\"]", "[\"" R "\\u0041\"]" },
		{ "[\"\\ud83d\\u0000\"]", "[\"" R R "\"]" },
		{ "[\"\\ud83d\\\\ude00\"]", "[\"" R "\\\\ude00\"]" },
		{ "[\"\\ud83d\\\"\",\"\\ude00\"]",
		    "[\"" R "\\\"\",\"" R "\"]" },
		{ "[\"\\ud83d\\ud", "[\"" R "\\ud" },
		{ "[\"\\ud83d", "[\"" R },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(pairs); i++)
		check_kept(pairs[i], 0);
	for (i = 0; i < COUNT(halves); i++)
		check(halves[i].body, halves[i].repaired);
}

/* The parser's own errors are left for it to find. */
static void
escapes_that_json_does_not_know_are_left(void **state)
{
	static const char *const bodies[] = {
		"[\"\\u00\"]", "[\"\\u00g0\"]", "[\"\\x41\"]", "[\"\\",
		"[\"\\u", "[\"\\u000", "[\"\\u 000\"]", "[\"\\u+000\"]",
		"[\"\\U0000\"]",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bodies); i++)
		check_kept(bodies[i], 0);
}

static void
escaped_quotes_do_not_end_a_string(void **state)
{
	(void)state;
	check("[\"a\\\"\x01\"]", "[\"a\\\"" R "\"]");
	check_kept("[\"a\\\\\",\x01]", 0);
	check("[\"a\\\\\\\"\x01\"]", "[\"a\\\\\\\"" R "\"]");
	check_kept("[\"1e999\\\"1e999\"]", 0);
	check("[\"\\\\\",1e999]", "[\"\\\\\",null]");
}

static bool
is_deep(const char *body)
{
	size_t length = strlen(body);
	char *text = exact_copy(body, length, true), *copy;
	bool deep = repair_json(text, &length, &copy) == NULL;

	if (deep)
		assert_null(copy);
	free(copy);
	free(text);
	return deep;
}

static void
nesting_ends_at_64(void **state)
{
	char body[512];

	(void)state;
	memset(body, '[', 64);
	memset(body + 64, ']', 64);
	body[128] = '\0';
	assert_false(is_deep(body));
	memset(body, '[', 65);
	memset(body + 65, ']', 65);
	body[130] = '\0';
	assert_true(is_deep(body));
	body[65] = '\0';	/* never closed */
	assert_true(is_deep(body));
	memset(body, '{', 65);
	assert_true(is_deep(body));
	body[64] = '\0';
	assert_false(is_deep(body));
	body[64] = '[';		/* both kinds count */
	assert_true(is_deep(body));
}

static void
brackets_side_by_side_or_in_strings_are_not_deep(void **state)
{
	char body[2048];
	size_t i;

	(void)state;
	body[0] = '[';
	for (i = 0; i < 500; i++)
		memcpy(body + 1 + 3 * i, "[],", 3);
	strcpy(body + 1 + 3 * i, "[]]");
	assert_false(is_deep(body));

	memset(body, '[', sizeof(body));
	body[63] = '"';
	memcpy(body + 100, "\\\"", 2);
	strcpy(body + 1000, "\"");
	assert_false(is_deep(body));
	strcpy(body + 1000, "\"[[");
	assert_true(is_deep(body));
}

/* What was replaced before the depth was found is freed. */
static void
deep_nesting_after_a_repair_is_refused(void **state)
{
	char body[128] = "[\"\xff\",";

	(void)state;
	memset(body + 5, '[', 63);
	assert_false(is_deep(body));
	memset(body + 5, '[', 64);
	assert_true(is_deep(body));
}

static void
numbers_beyond_doubles_become_null(void **state)
{
	(void)state;
	check("[1e309]", "[null]");
	check("[-1e309,1E+400]", "[null,null]");
	check("{\"a\":1.5e999,\"b\":2}", "{\"a\":null,\"b\":2}");
	check("1e999", "null");
	check("[1.8e308,-17976931348623160e292]", "[null,null]");
	check_kept("[1.7976931348623157e308,-1e308]", 0);
	check_kept("[1e-400]", 0);
	check_kept("[\"1e999\"]", 0);
	check_kept("{\"1e999\":\"-1e999\"}", 0);
	check_kept("[Infinity,-Infinity,inf,nan]", 0);
}

/* It is the number that counts, not how it is written. */
static void
numbers_within_doubles_are_kept_however_written(void **state)
{
	(void)state;
	check_kept("[0.0000001e310,0.000e999,0e999,1000e-1000]", 0);
}

static void
a_body_may_end_within_a_number(void **state)
{
	static const char *const bodies[] = {
		"-", "[-", "[0", "[-0", "[1", "[1.", "[-0.", "[1.5e", "[1E",
		"[1e-", "[1e+", "[--", "[-.", "[.", "[-e", "[0e", "[1e9",
		"[+", "[-+",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bodies); i++)
		check_kept(bodies[i], 0);
	check("[1e999", "[null");
}

static void
repairs_of_all_kinds_go_together(void **state)
{
	static const char body[] = "\xef\xbb\xbf[{\"a\xff\":\"\0\","
	    "\"\\u0000\":1e999}, \"\\ud800\\\\\xc3\xa9\x01\"]\n";
	static const char repaired[] = "[{\"a" R "\":\"" R "\","
	    "\"" R "\":null}, \"" R "\\\\\xc3\xa9" R "\"]\n";

	(void)state;
	check_bytes(body, sizeof(body) - 1, repaired, sizeof(repaired) - 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_body_is_not_copied),
		cmocka_unit_test(valid_utf8_is_kept),
		cmocka_unit_test(a_leading_byte_order_mark_is_skipped),
		cmocka_unit_test(invalid_utf8_is_replaced_by_maximal_subparts),
		cmocka_unit_test(invalid_utf8_swallows_no_syntax),
		cmocka_unit_test(a_body_of_nothing_but_bad_bytes_has_room),
		cmocka_unit_test(control_bytes_are_replaced_in_strings_alone),
		cmocka_unit_test(escaped_nuls_are_replaced),
		cmocka_unit_test(surrogates_stand_in_pairs),
		cmocka_unit_test(escapes_that_json_does_not_know_are_left),
		cmocka_unit_test(escaped_quotes_do_not_end_a_string),
		cmocka_unit_test(nesting_ends_at_64),
		cmocka_unit_test(
		    brackets_side_by_side_or_in_strings_are_not_deep),
		cmocka_unit_test(deep_nesting_after_a_repair_is_refused),
		cmocka_unit_test(numbers_beyond_doubles_become_null),
		cmocka_unit_test(
		    numbers_within_doubles_are_kept_however_written),
		cmocka_unit_test(a_body_may_end_within_a_number),
		cmocka_unit_test(repairs_of_all_kinds_go_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
