/* SPDX-License-Identifier: MIT */

/*
 * Query strings: what they say when they are sound, and that what is in
 * doubt is refused.
 */

#include "query.h"

#include "unit.h"

static bool
parse(struct query *q, const char *raw)
{
	char *copy = exact_copy(raw, strlen(raw), true), why[256] = "";
	bool ok = query_parse(q, copy, why, sizeof(why));

	free(copy);		/* the query keeps its own */
	if (!ok && why[0] == '\0')
		fail_msg("'%s' is refused without a reason", raw);
	return ok;
}

static void
a_query_may_be_absent_or_empty(void **state)
{
	struct query q;
	char why[256];

	(void)state;
	assert_true(query_parse(&q, NULL, why, sizeof(why)));
	assert_null(query_get(&q, "target"));
	assert_true(parse(&q, ""));
	assert_null(query_get(&q, "target"));
	assert_null(query_get(&q, ""));
	assert_true(parse(&q, "&&&"));
	assert_int_equal(q.count, 0);
}

static void
parameters_are_found_by_their_names(void **state)
{
	struct query q;

	(void)state;
	assert_true(parse(&q, "target=10.0.0.7:8443&module=coda56&debug=true"));
	assert_string_equal(query_get(&q, "target"), "10.0.0.7:8443");
	assert_string_equal(query_get(&q, "module"), "coda56");
	assert_string_equal(query_get(&q, "debug"), "true");
	assert_null(query_get(&q, "Target"));
	assert_null(query_get(&q, "targe"));
	assert_null(query_get(&q, "targets"));
	assert_null(query_get(&q, ""));
}

static void
values_may_be_empty_or_hold_an_equals_sign(void **state)
{
	struct query q;

	(void)state;
	assert_true(parse(&q, "&target=&module&debug=a=b&&x=="));
	assert_string_equal(query_get(&q, "target"), "");
	assert_string_equal(query_get(&q, "module"), "");
	assert_string_equal(query_get(&q, "debug"), "a=b");
	assert_string_equal(query_get(&q, "x"), "=");
}

static void
escapes_are_decoded_once(void **state)
{
	static const struct {
		const char	*raw;
		const char	*value;
	} rows[] = {
		{ "x=https%3A%2F%2Fmodem%2F", "https://modem/" },
		{ "x=https://modem/", "https://modem/" },
		{ "x=%5bfe80::1%25eth0%5D", "[fe80::1%eth0]" },
		{ "x=a+b%20c%2Bd", "a b c+d" },
		{ "x=%26y%3D1", "&y=1" }, { "x=%2541", "%41" },
		{ "x=%c3%A9", "\xc3\xa9" }, { "x=a#b?c", "a#b?c" },
		{ "%78=1", "1" }, { "x=%7e", "~" },
	};
	struct query q;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_true(parse(&q, rows[i].raw));
		assert_non_null(query_get(&q, "x"));
		assert_string_equal(query_get(&q, "x"), rows[i].value);
	}
}

static void
doubtful_queries_are_refused(void **state)
{
	static const char *const raws[] = {
		/* bad escapes */
		"x=%", "x=%4", "x=%g1", "x=%1g", "x=%%41", "x=a%", "%=1",
		"x=% 41", "x=%-1", "x=%0x", "x=1&y=%zz",
		/* control bytes, escaped or not */
		"x=%00", "x=a%00b", "x=%0a", "x=%0d%0a", "x=%1f", "x=%7f",
		"x=\x01", "x=\t", "x=\x7f", "%00x=1", "x%0A=1",
		/* repeated names */
		"x=1&x=1", "x=1&y=2&x=", "x&x", "x=1&%78=2", "=1&=2",
	};
	struct query q;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(raws); i++)
		if (parse(&q, raws[i]))
			fail_msg("'%s' is taken", raws[i]);
}

/* Names differ by case: these are two. */
static void
names_are_compared_with_case(void **state)
{
	struct query q;

	(void)state;
	assert_true(parse(&q, "x=1&X=2"));
	assert_string_equal(query_get(&q, "x"), "1");
	assert_string_equal(query_get(&q, "X"), "2");
}

static void
too_much_is_refused(void **state)
{
	struct query q;
	char raw[8192];

	(void)state;
	memset(raw, 'a', sizeof(raw));
	raw[sizeof(raw) - 1] = '\0';
	assert_false(parse(&q, raw));
	raw[sizeof(q.text)] = '\0';
	assert_false(parse(&q, raw));
	raw[sizeof(q.text) - 1] = '\0';
	assert_true(parse(&q, raw));
	assert_true(parse(&q, "a&b&c&d&e&f&g&h"));
	assert_false(parse(&q, "a&b&c&d&e&f&g&h&i"));
}

static void
unknown_parameters_are_named(void **state)
{
	static const char *const names[] = { "target", "module", NULL };
	static const char *const none[] = { NULL };
	struct query q;

	(void)state;
	assert_true(parse(&q, "module=1&target=2"));
	assert_null(query_unknown(&q, names));
	assert_string_equal(query_unknown(&q, none), "module");
	assert_true(parse(&q, "target=1&modul%65s=2"));
	assert_string_equal(query_unknown(&q, names), "modules");
	assert_true(parse(&q, "Target=1"));
	assert_string_equal(query_unknown(&q, names), "Target");
	assert_true(parse(&q, "=1"));
	assert_string_equal(query_unknown(&q, names), "");
	assert_true(parse(&q, ""));
	assert_null(query_unknown(&q, none));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_may_be_absent_or_empty),
		cmocka_unit_test(parameters_are_found_by_their_names),
		cmocka_unit_test(values_may_be_empty_or_hold_an_equals_sign),
		cmocka_unit_test(escapes_are_decoded_once),
		cmocka_unit_test(doubtful_queries_are_refused),
		cmocka_unit_test(names_are_compared_with_case),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(unknown_parameters_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
