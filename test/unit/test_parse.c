/* SPDX-License-Identifier: MIT */

/*
 * The numbers that people and Prometheus write.
 */

#include "parse.h"

#include <limits.h>

#include "unit.h"

static void
seconds_are_microseconds(void **state)
{
	static const struct {
		const char	*text;
		int64_t		 us;
	} rows[] = {
		{ "0", 0 }, { "0.0", 0 }, { "10", 10000000 },
		{ "0.5", 500000 }, { ".5", 500000 }, { "5.", 5000000 },
		{ "9.5", 9500000 }, { "00010", 10000000 },
		{ "1.000001", 1000001 }, { "0.123456", 123456 },
		{ "0.000001", 1 }, { "119.99", 119990000 },
		{ "1.12345678901234567890123456789", 1123456 },
		{ "316224000", 316224000 * INT64_C(1000000) },
	};
	int64_t us;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		us = -1;
		if (!parse_seconds(rows[i].text, &us))
			fail_msg("'%s' is refused", rows[i].text);
		assert_int_equal(us, rows[i].us);
	}
}

static void
what_is_no_plain_decimal_is_no_time(void **state)
{
	static const char *const texts[] = {
		"", ".", "-1", "+1", "-0", "1e3", "1E3", "0x10", "nan", "NaN",
		"inf", "Infinity", "1,5", "1 ", " 1", "1 0", "1.2.3", "1s",
		"10s", "1.s", "..5", "ten", "\xd9\xa3",
	};
	int64_t us;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++)
		if (parse_seconds(texts[i], &us))
			fail_msg("'%s' is taken", texts[i]);
}

/* Whatever Prometheus waits, ten years are enough for a probe. */
static void
more_than_ten_years_are_ten_years(void **state)
{
	static const char *const texts[] = {
		"316224001", "999999999.9", "9223372036854",
		"9223372036855", "9223372036854775807",
		"18446744073709551617", "100000000000000000000000000000",
	};
	int64_t us;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		us = -1;
		assert_true(parse_seconds(texts[i], &us));
		assert_in_range(us, INT64_C(316224000) * 1000000,
		    INT64_C(316224001) * 1000000);
	}
}

static void
numbers_are_read_within_their_bounds(void **state)
{
	unsigned long n = 0;

	(void)state;
	assert_true(parse_number("1", 1, 512, &n));
	assert_int_equal(n, 1);
	assert_true(parse_number("512", 1, 512, &n));
	assert_int_equal(n, 512);
	assert_true(parse_number("0", 0, 65535, &n));
	assert_int_equal(n, 0);
	assert_true(parse_number("007", 1, 512, &n));
	assert_int_equal(n, 7);
	assert_true(parse_number("999999999", 0, 999999999, &n));
	assert_int_equal(n, 999999999);
	assert_true(parse_number("4294967295", 0, ULONG_MAX, &n));
	assert_int_equal(n, 4294967295);
	assert_false(parse_number("0", 1, 512, &n));
	assert_false(parse_number("513", 1, 512, &n));
}

static void
what_is_no_whole_number_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "-1", "+1", " 1", "1 ", "1.0", "1.", "1e2", "0x10", "ten",
		"1,000", "4294967297", "18446744073709551617",
		"100000000000000000000000000001",
	};
	unsigned long n;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++)
		if (parse_number(texts[i], 0, 1000000, &n))
			fail_msg("'%s' is taken", texts[i]);
	assert_false(parse_number("18446744073709551616", 0, ULONG_MAX, &n));
}

static void
durations_have_units(void **state)
{
	static const struct {
		const char	*text;
		int64_t		 us;
		const char	*written;
	} rows[] = {
		{ "0", 0, "0s" }, { "0s", 0, "0s" }, { "0h0ms", 0, "0s" },
		{ "10s", 10000000, "10s" }, { "500ms", 500000, "500ms" },
		{ "30m", 1800000000, "30m" }, { "007s", 7000000, "7s" },
		{ "1h30m", 5400000000, "1h30m" }, { "90s", 90000000, "1m30s" },
		{ "1h2m3s4ms", 3723004000, "1h2m3s4ms" },
		{ "3600s500ms", 3600500000, "1h500ms" },
		{ "87840h", 87840 * INT64_C(3600000000), "87840h" },
	};
	char text[DURATION_SIZE];
	int64_t us;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		us = -1;
		if (!parse_duration(rows[i].text, &us))
			fail_msg("'%s' is refused", rows[i].text);
		assert_int_equal(us, rows[i].us);
		format_duration(text, us);
		assert_string_equal(text, rows[i].written);
	}
}

static void
what_has_no_unit_is_no_duration(void **state)
{
	static const char *const texts[] = {
		"", "1", "00", "10", "s", "ms", "-1s", "+1s", "1.5s", " 1s",
		"1s ", "1 s", "1S", "1M", "1sec", "1d", "1us", "1s1m", "1m1m",
		"1ms1s", "1h30", "h1", "1hm", "1000000000s", "87841h",
		"87840h1ms", "99999999999999999999s",
	};
	int64_t us;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++)
		if (parse_duration(texts[i], &us))
			fail_msg("'%s' is taken", texts[i]);
}

static void
two_hexadecimal_digits_are_a_byte(void **state)
{
	static const char *const wrong[] = { "", "1", "g0", "0g", " 1", "+1" };
	static const char digits[] = "0123456789abcdef";
	unsigned char byte;
	char text[3] = "";
	size_t i;

	(void)state;
	for (i = 0; i < 256; i++) {
		text[0] = digits[i / 16];
		text[1] = digits[i % 16];
		assert_true(parse_byte(text, &byte));
		assert_int_equal(byte, i);
	}
	assert_true(parse_byte("Fazz", &byte));
	assert_int_equal(byte, 0xfa);
	for (i = 0; i < COUNT(wrong); i++)
		if (parse_byte(wrong[i], &byte))
			fail_msg("'%s' is taken", wrong[i]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_are_microseconds),
		cmocka_unit_test(what_is_no_plain_decimal_is_no_time),
		cmocka_unit_test(more_than_ten_years_are_ten_years),
		cmocka_unit_test(numbers_are_read_within_their_bounds),
		cmocka_unit_test(what_is_no_whole_number_is_refused),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(what_has_no_unit_is_no_duration),
		cmocka_unit_test(two_hexadecimal_digits_are_a_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
