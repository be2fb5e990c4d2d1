/* SPDX-License-Identifier: MIT */

/*
 * The modem's texts as values: tables of what it was seen to send, and of
 * what looks like it and is none.
 */

#include <float.h>
#include <locale.h>
#include <math.h>

#include "unit.h"
#include "value.h"

static const char NONE[] = "(a placeholder)";
static const char BAD[] = "(neither value nor placeholder)";

struct row {
	const char	*text;
	const char	*value;		/* or NONE, or BAD */
};

static const char *
read_as(enum kind kind, const char *word, const char *text, size_t length,
    char *out)
{
	/* Without a NUL: the length alone says where a text ends. */
	char *copy = exact_copy(text, length, false);
	const char *value = BAD;

	switch (value_read(kind, word, copy, length, out)) {
	case VALUE_OK:
		value = out;
		break;
	case VALUE_NONE:
		value = NONE;
		break;
	case VALUE_BAD:
		break;
	}
	free(copy);
	return value;
}

static void
check(enum kind kind, const char *word, const struct row *rows, size_t count)
{
	char out[VALUE_SIZE];
	const char *value;
	size_t i;

	for (i = 0; i < count; i++) {
		value = read_as(kind, word, rows[i].text,
		    strlen(rows[i].text), out);
		if (strcmp(value, rows[i].value) != 0)
			fail_msg("'%s' is read as %s, not as %s",
			    rows[i].text, value, rows[i].value);
	}
}

static void
placeholders_are_no_value_of_any_kind(void **state)
{
	static const char *const texts[] = {
		"", " ", "\t\r\n ", "-", "--", "---", "NA", "na", "Na",
		"N/A", "n/a", "TODO", "todo", "Todo", "Secret", "SECRET",
		"D: -- H: -- M: -- S: --", "d: -- h: -- m: -- s: --",
		"  NA\t", "\r\n--", " Secret ", "\tD: -- H: -- M: -- S: -- ",
	};
	char out[VALUE_SIZE];
	enum kind kind;
	size_t i;

	(void)state;
	for (kind = KIND_TEXT; kind <= KIND_IS; kind++)
		for (i = 0; i < COUNT(texts); i++)
			if (read_as(kind, "YES", texts[i], strlen(texts[i]),
			    out) != NONE)
				fail_msg("'%s' is a value of kind %d",
				    texts[i], (int)kind);
}

static void
what_resembles_a_placeholder_is_none(void **state)
{
	static const struct row rows[] = {
		{ "----", "----" }, { "N / A", "N / A" }, { "NAN", "NAN" },
		{ "NA NA", "NA NA" }, { "none", "none" }, { "0", "0" },
		{ "Secrets", "Secrets" }, { "D: -- H: -- M: --",
		"D: -- H: -- M: --" }, { "\v", "\v" }, { "null", "null" },
	};

	(void)state;
	check(KIND_TEXT, NULL, rows, COUNT(rows));
}

static void
texts_lose_their_outer_blanks_alone(void **state)
{
	static const struct row rows[] = {
		{ "7.3.5.1", "7.3.5.1" }, { "   OPERATE", "OPERATE" },
		{ "\t a  b \r\n", "a  b" }, { "a\tb\nc", "a\tb\nc" },
		{ "\f a \v", "\f a \v" }, { "\xc2\xa0x", "\xc2\xa0x" },
		{ "\"quoted\"\\", "\"quoted\"\\" }, { "\xc3\xa9", "\xc3\xa9" },
		{ "1", "1" }, { "0", "0" },
	};

	(void)state;
	check(KIND_TEXT, NULL, rows, COUNT(rows));
	check(KIND_ID, NULL, rows, COUNT(rows));
	check(KIND_PORT, NULL, rows, COUNT(rows));
}

/* Of 1024 bytes a text is a value still, of 1025 no more. */
static void
texts_are_values_up_to_1024_bytes(void **state)
{
	static const struct {
		enum kind	kind;
		char		filler;
	} rows[] = {
		{ KIND_TEXT, 'x' },
		{ KIND_MODULATION, 'x' }, { KIND_DECIMAL, '0' },
		{ KIND_HERTZ, '0' }, { KIND_MEGAHERTZ, '0' },
		{ KIND_COUNTER, '0' }, { KIND_LOG_PRIORITY, 'x' },
		{ KIND_LOG_TEXT, 'x' },
	};
	char text[VALUE_MAX + 3], out[VALUE_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		memset(text, rows[i].filler, sizeof(text));
		text[VALUE_MAX - 1] = text[VALUE_MAX] = '1';
		assert_true(read_as(rows[i].kind, NULL, text, VALUE_MAX,
		    out) == out);
		assert_true(read_as(rows[i].kind, NULL, text, VALUE_MAX + 1,
		    out) == BAD);
		/* The blanks around it are not counted. */
		text[0] = text[VALUE_MAX + 1] = ' ';
		assert_true(read_as(rows[i].kind, NULL, text, VALUE_MAX + 2,
		    out) == out);
	}
}

static void
names_of_rows_have_up_to_32_bytes(void **state)
{
	static const enum kind kinds[] = { KIND_ID, KIND_PORT };
	char text[33], out[VALUE_SIZE];
	size_t i;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (i = 0; i < COUNT(kinds); i++) {
		assert_true(read_as(kinds[i], NULL, text, 32, out) == out);
		assert_true(read_as(kinds[i], NULL, text, 33, out) == BAD);
	}
}

static void
the_longest_fraction_has_room(void **state)
{
	char text[VALUE_MAX], out[VALUE_SIZE];

	(void)state;
	memset(text, '7', sizeof(text));
	text[0] = '-';
	text[1] = '.';
	assert_true(read_as(KIND_DECIMAL, NULL, text, VALUE_MAX, out) == out);
	assert_int_equal(strlen(out), VALUE_MAX + 1);
	assert_memory_equal(out, "-0.7", 4);
	assert_true(read_as(KIND_MEGAHERTZ, NULL, text, VALUE_MAX, out) ==
	    out);
	assert_memory_equal(out, "-777777.7", 9);
}

static void
decimals_lose_their_padding_and_nothing_else(void **state)
{
	static const struct row rows[] = {
		{ "-5.200001", "-5.200001" }, { "6.000", "6" },
		{ "38.600", "38.6" }, { ".5", "0.5" }, { "-.5", "-0.5" },
		{ "+.5", "0.5" }, { "-0", "0" }, { "-0.000", "0" },
		{ "+0", "0" }, { ".0", "0" }, { "0.", "0" }, { "-.0", "0" },
		{ "+3", "3" }, { "5.", "5" }, { "-5.", "-5" }, { "0", "0" },
		{ "00", "0" }, { "007", "7" }, { "007.10", "7.1" },
		{ "-007.010", "-7.01" }, { "100", "100" },
		{ "100.00", "100" }, { "    0.0000", "0" },
		{ " 743600000", "743600000" }, { "8.400002", "8.400002" },
		{ "\t-1.5\r\n", "-1.5" },
		{ "18446744073709551617", "18446744073709551617" },
		{ "0.1234567890123456789012345",
		    "0.1234567890123456789012345" },
	};

	(void)state;
	check(KIND_DECIMAL, NULL, rows, COUNT(rows));
	check(KIND_HERTZ, NULL, rows, COUNT(rows));
}

static void
what_is_no_plain_decimal_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "1e3", BAD }, { "1E3", BAD }, { "1e", BAD }, { "0x10", BAD },
		{ "0x1p3", BAD }, { "nan", BAD }, { "NaN", BAD },
		{ "inf", BAD }, { "-inf", BAD }, { "Infinity", BAD },
		{ "1,5", BAD }, { "1,000", BAD }, { "1 000", BAD },
		{ "1_000", BAD }, { "1'000", BAD }, { "- 5", BAD },
		{ "5 .5", BAD }, { "1. 5", BAD }, { "+", BAD }, { ".", BAD },
		{ "+.", BAD }, { "-.", BAD }, { "--5", BAD }, { "+-5", BAD },
		{ "5-", BAD }, { "1.2.3", BAD }, { "1..2", BAD },
		{ "5 dBmV", BAD }, { "5dB", BAD }, { "\v5", BAD },
		{ "\f5", BAD }, { "\xc2\xa0" "5", BAD }, { "\xd9\xa3", BAD },
		{ "\xc2\xbd", BAD }, { "----", BAD }, { "yes", BAD },
		{ "$5", BAD },
	};

	(void)state;
	check(KIND_DECIMAL, NULL, rows, COUNT(rows));
	check(KIND_HERTZ, NULL, rows, COUNT(rows));
	check(KIND_MEGAHERTZ, NULL, rows, COUNT(rows));
}

static void
a_text_with_a_nul_is_no_number(void **state)
{
	char out[VALUE_SIZE];

	(void)state;
	assert_true(read_as(KIND_DECIMAL, NULL, "5\0", 2, out) == BAD);
	assert_true(read_as(KIND_COUNTER, NULL, "5\0" "6", 3, out) == BAD);
	assert_true(read_as(KIND_DURATION, NULL, "1h:2m:3s\0", 9, out) == BAD);
}

/* Readers hold numbers in doubles: what is none there is not finite.  The
 * largest has 309 digits and begins with 17976931348623157. */
static void
decimals_end_where_doubles_do(void **state)
{
	char text[400], out[VALUE_SIZE];

	(void)state;
	memset(text, '0', sizeof(text));
	text[0] = '1';
	assert_true(read_as(KIND_DECIMAL, NULL, text, 309, out) == out);
	assert_int_equal(strlen(out), 309);
	assert_true(read_as(KIND_MEGAHERTZ, NULL, text, 303, out) == out);
	assert_true(read_as(KIND_DECIMAL, NULL, text, 310, out) == BAD);
	assert_true(read_as(KIND_MEGAHERTZ, NULL, text, 304, out) == BAD);
	memcpy(text, "17976931348623157", 17);
	assert_true(read_as(KIND_DECIMAL, NULL, text, 309, out) == out);
	memcpy(text, "17976931348623160", 17);
	assert_true(read_as(KIND_DECIMAL, NULL, text, 309, out) == BAD);
	memcpy(text, "20000000000000000", 17);
	assert_true(read_as(KIND_DECIMAL, NULL, text, 309, out) == BAD);
	text[0] = '0';		/* leading zeros are no digits */
	assert_true(read_as(KIND_DECIMAL, NULL, text, 400, out) == out);
	assert_string_equal(out, "0");
}

static void
megahertz_become_hertz_by_moving_the_point(void **state)
{
	static const struct row rows[] = {
		{ "   39.2000", "39200000" }, { "39.2", "39200000" },
		{ "96", "96000000" }, { "48.", "48000000" },
		{ "0.025", "25000" }, { ".05", "50000" }, { "6.4", "6400000" },
		{ "+6.4", "6400000" }, { "-6.4", "-6400000" },
		{ "0.000001", "1" }, { "0.0000001", "0.1" },
		{ "1.1234567", "1123456.7" }, { "1.12345670", "1123456.7" },
		{ "0000.00010", "100" }, { "0", "0" }, { "0.0000", "0" },
		{ "-0", "0" }, { "12345678.9", "12345678900000" },
		/* 0.1 + 0.2 in binary would come out as 300000.00000000006. */
		{ "0.3", "300000" },
		{ "9007199254.740993", "9007199254740993" },
	};

	(void)state;
	check(KIND_MEGAHERTZ, NULL, rows, COUNT(rows));
}

static void
counters_come_out_with_every_digit(void **state)
{
	static const struct row rows[] = {
		{ "0", "0" }, { "1071", "1071" }, { "+42", "42" },
		{ " 00071 ", "71" }, { "4294967295", "4294967295" },
		{ "4294967296", "4294967296" },
		{ "9007199254740993", "9007199254740993" },
		{ "18446744073709551615", "18446744073709551615" },
		{ "000018446744073709551615", "18446744073709551615" },
		{ "53 * 2e32 + 4142950845", "231776217533" },
		{ "3 * 2e32 + 1024991746", "13909893634" },
		{ "  1 * 2e32 + 0\n", "4294967296" },
		{ "0 * 2e32 + 7", "7" },
		{ "1 * 2e32 + 4294967295", "8589934591" },
		{ "4294967295 * 2e32 + 4294967295", "18446744073709551615" },
	};

	(void)state;
	check(KIND_COUNTER, NULL, rows, COUNT(rows));
}

static void
counters_refuse_what_they_cannot_count(void **state)
{
	static const struct row rows[] = {
		{ "-1", BAD }, { "-0", BAD }, { "1.5", BAD }, { "1.0", BAD },
		{ "1.", BAD }, { ".5", BAD }, { "+", BAD }, { "++1", BAD },
		{ "18446744073709551616", BAD },
		{ "99999999999999999999999", BAD },
		{ "4294967295 * 2e32 + 4294967296", BAD },
		{ "4294967296 * 2e32 + 0", BAD },
		{ "18446744073709551615 * 2e32 + 0", BAD },
		{ "1 * 2e32 + 18446744073709551615", BAD },
		{ "1*2e32+5", BAD }, { "1 *2e32 + 5", BAD },
		{ "1 * 2e32 +5", BAD }, { "1 * 2e32+ 5", BAD },
		{ "1  * 2e32 + 5", BAD }, { "1 * 2e32  + 5", BAD },
		{ "1 * 2e32 +  5", BAD }, { "1\t* 2e32 + 5", BAD },
		{ "1 * 2e33 + 5", BAD }, { "1 * 2^32 + 5", BAD },
		{ "1 * 2e32 - 5", BAD }, { "1 * 2e32 + -5", BAD },
		{ "1 * 2e32 + +5", BAD }, { "+3 * 2e32 + 1", BAD }, { "1 * 2e32 +", BAD },
		{ "1 * 2e32", BAD }, { "* 2e32 + 5", BAD },
		{ "-1 * 2e32 + 5", BAD }, { "1.0 * 2e32 + 5", BAD },
		{ "1 * 2e32 + 5.0", BAD }, { "1 * 2e32 + 5 * 2e32 + 5", BAD },
		{ "1 * 2e32 + 5 x", BAD }, { "1e3", BAD }, { "0x10", BAD },
		{ "1,000", BAD }, { "1 000", BAD }, { "12 octets", BAD },
	};

	(void)state;
	check(KIND_COUNTER, NULL, rows, COUNT(rows));
}

static void
durations_of_every_shape_are_seconds(void **state)
{
	static const struct row rows[] = {
		{ "1419h:53m:24s", "5111604" }, { "84h:37m:16s", "304636" },
		{ "00h:02m:57s", "177" }, { "0h:0m:0s", "0" },
		{ "  00h:00m:54s ", "54" }, { "100000h:00m:01s", "360000001" },
		{ "10 Days,17 Hours,33 Minutes,47 Seconds", "927227" },
		{ "04 Days,09 Hours,47 Minutes,10 Seconds", "380830" },
		{ "003 days 01h:40m:02s", "265202" },
		{ "3d 04h:05m:06s", "273906" }, { "0d 00h:00m:01s", "1" },
		{ "D: 6 H: 09 M: 25 S: 55", "552355" },
		{ "D: 0 H: 00 M: 00 S: 00", "0" },
		/* Minutes and seconds are not held to 59, hours not to 23. */
		{ "1h:75m:600s", "8700" }, { "D: 0 H: 99 M: 61 S: 3600",
		"363660" }, { "1d 36h:00m:00s", "216000" },
		{ "0h:0m:18446744073709551615s", "18446744073709551615" },
		{ "5124095576030431h:0m:15s", "18446744073709551615" },
		{ "213503982334601d 7h:0m:15s", "18446744073709551615" },
	};

	(void)state;
	check(KIND_DURATION, NULL, rows, COUNT(rows));
}

static void
durations_of_other_shapes_are_refused(void **state)
{
	static const struct row rows[] = {
		{ "5124095576030431h:0m:16s", BAD },
		{ "5124095576030432h:0m:0s", BAD },
		{ "0h:307445734561825861m:0s", BAD },
		{ "0h:0m:18446744073709551616s", BAD },
		{ "213503982334602d 0h:0m:0s", BAD },
		{ "D: 213503982334602 H: 0 M: 0 S: 0", BAD },
		{ "213503982334602 Days,0 Hours,0 Minutes,0 Seconds", BAD },
		{ "84:37:16", BAD }, { "84h:37m", BAD }, { "84h", BAD },
		{ "16s", BAD },
		{ "84h 37m 16s", BAD }, { "84h37m16s", BAD },
		{ "84h:37m:16", BAD }, { "h:m:s", BAD }, { "84h:37m:s", BAD },
		{ "84h:37m:16s.", BAD }, { "84h:37m:16s 5", BAD },
		{ "x84h:37m:16s", BAD }, { "-1h:00m:00s", BAD },
		{ "1.5h:00m:00s", BAD }, { "1h:-2m:00s", BAD },
		{ "3d", BAD }, { "3 days", BAD }, { "3d04h:05m:06s", BAD },
		{ "10 Days", BAD }, { "10 Days,17 Hours", BAD },
		{ "10 Days,17 Hours,33 Minutes", BAD },
		{ "17 Hours,33 Minutes,47 Seconds", BAD },
		{ "10 Weeks,17 Hours,33 Minutes,47 Seconds", BAD },
		{ "10 Days,17 Hours,33 Minutes,47 Secondss", BAD },
		{ "D: 6 H: 09 M: 25", BAD }, { "D: 6 H: 09 M: 25 S:", BAD },
		{ "D: 6 H: -- M: -- S: --", BAD },
		{ "D: 6 H: 09 M: 25 S: 55 Z: 1", BAD },
		{ "D 6 H 09 M 25 S 55", BAD },
		{ "3600", BAD }, { "3600s", BAD }, { "forever", BAD },
		{ "up 3 weeks", BAD },
	};

	(void)state;
	check(KIND_DURATION, NULL, rows, COUNT(rows));
}

static void
times_are_seconds_since_1970_in_utc(void **state)
{
	static const struct row rows[] = {
		{ "Thu Aug 01, 2024, 03:54:46", "1722484486" },
		{ "Thu Jan 01, 1970, 00:00:00", "0" },
		{ "Thu Jan 01, 1970, 00:00:54", "54" },
		{ "Fri Jan 01, 1971, 00:00:00", "31536000" },
		{ "Tue Feb 29, 2000, 00:00:00", "951782400" },
		{ "Thu Feb 29, 2024, 23:59:59", "1709251199" },
		{ "Fri Mar 01, 2024, 00:00:00", "1709251200" },
		{ "Tue Dec 31, 2024, 23:59:59", "1735689599" },
		{ "Tue Jan 19, 2038, 03:14:08", "2147483648" },
		{ "Mon Mar 01, 2100, 00:00:00", "4107542400" },
		{ "  Tue Jul 14, 2026, 20:20:28\n", "1784060428" },
		/* The weekday is not compared with the date. */
		{ "Mon Aug 01, 2024, 03:54:46", "1722484486" },
		{ "Fri Jan 31, 1975, 00:00:00", "160358400" },
		{ "Mon Mar 31, 1975, 00:00:00", "165456000" },
		{ "Wed Apr 30, 1975, 00:00:00", "168048000" },
		{ "Sat May 31, 1975, 00:00:00", "170726400" },
		{ "Mon Jun 30, 1975, 00:00:00", "173318400" },
		{ "Thu Jul 31, 1975, 00:00:00", "175996800" },
		{ "Sun Aug 31, 1975, 00:00:00", "178675200" },
		{ "Tue Sep 30, 1975, 00:00:00", "181267200" },
		{ "Fri Oct 31, 1975, 00:00:00", "183945600" },
		{ "Sun Nov 30, 1975, 00:00:00", "186537600" },
	};

	(void)state;
	check(KIND_TIME, NULL, rows, COUNT(rows));
}

static void
dates_that_are_none_are_refused(void **state)
{
	static const struct row rows[] = {
		{ "Wed Feb 30, 2024, 12:00:00", BAD },
		{ "Wed Feb 29, 2023, 12:00:00", BAD },
		{ "Wed Feb 29, 2100, 12:00:00", BAD },
		{ "Wed Apr 31, 2024, 12:00:00", BAD },
		{ "Wed Jun 31, 2024, 12:00:00", BAD },
		{ "Wed Sep 31, 2024, 12:00:00", BAD },
		{ "Wed Nov 31, 2024, 12:00:00", BAD },
		{ "Wed Jan 32, 2024, 12:00:00", BAD },
		{ "Wed Jan 00, 2024, 12:00:00", BAD },
		{ "Wed Xyz 01, 2024, 12:00:00", BAD },
		{ "Wed Ago 01, 2024, 12:00:00", BAD },
		{ "Wed anF 01, 2024, 12:00:00", BAD },
		{ "Wed 08 01, 2024, 12:00:00", BAD },
		{ "Wed Dec 31, 1969, 23:59:59", BAD },
		{ "Wed Jan 01, 2024, 24:00:00", BAD },
		{ "Wed Jan 01, 2024, 23:60:00", BAD },
		{ "Wed Jan 01, 2024, 23:59:60", BAD },
		{ "Wed Jan 01, 2024", BAD }, { "Wed Jan 01, 2024, 12:00", BAD },
		{ "Wed Jan 01, 2024, 12:00:00 CET", BAD },
		{ "Wed Jan 01 2024 12:00:00", BAD },
		{ "Wed Jan -1, 2024, 12:00:00", BAD },
		{ "Jan 01, 2024, 12:00:00", BAD }, { "Wed", BAD },
		{ "Wed Jan", BAD }, { "Wed ", BAD }, { "x", BAD },
		{ "2024-08-01T03:54:46Z", BAD }, { "1722484486", BAD },
		{ "08/01/24 03:54:46", BAD },
		{ "Wed Jan 01, 18446744073709551615, 12:00:00", BAD },
	};

	(void)state;
	check(KIND_TIME, NULL, rows, COUNT(rows));
}

static void
modulations_get_their_names(void **state)
{
	static const struct row rows[] = {
		{ "0", "16QAM" }, { "1", "64QAM" }, { "2", "256QAM" },
		{ "3", "1024QAM" }, { "4", "32QAM" }, { "5", "128QAM" },
		{ "6", "QPSK" }, { " 2\n", "256QAM" },
		/* All else is passed on: related models send names. */
		{ "7", "7" }, { "10", "10" }, { "02", "02" }, { "-1", "-1" },
		{ "+2", "+2" }, { "256QAM", "256QAM" }, { "QPSK", "QPSK" },
		{ "4096 qam", "4096 qam" }, { "?", "?" },
	};

	(void)state;
	check(KIND_MODULATION, NULL, rows, COUNT(rows));
}

static void
a_word_is_one_and_any_other_text_zero(void **state)
{
	static const struct row rows[] = {
		{ "YES", "1" }, { "yes", "1" }, { "yEs", "1" },
		{ " YES", "1" }, { "YES\r\n", "1" }, { "NO", "0" },
		{ " NO", "0" }, { "Y", "0" }, { "YE", "0" }, { "YESS", "0" },
		{ "YES NO", "0" }, { "1", "0" }, { "true", "0" },
		{ "YE\xc5\xbf", "0" },	/* no such case folding */
	};

	(void)state;
	check(KIND_IS, "YES", rows, COUNT(rows));
}

static void
speeds_are_bytes_per_second(void **state)
{
	static const struct row rows[] = {
		{ "2500Mbps", "312500000" }, { "1000Mbps", "125000000" },
		{ "2.5Gbps", "312500000" }, { "10Gbps", "1250000000" },
		{ "100kbps", "12500" }, { "100Kbps", "12500" },
		{ "9.6Kbps", "1200" }, { "2500MBPS", "312500000" },
		{ "2500mbps", "312500000" }, { "2500mBpS", "312500000" },
		{ "1GBPS", "125000000" }, { " 10Mbps\r\n", "1250000" },
		{ "+10Mbps", "1250000" }, { "0010.00Mbps", "1250000" },
		{ ".5Gbps", "62500000" }, { "5.Gbps", "625000000" },
		{ "0Mbps", "0" }, { "0.000Gbps", "0" },
		{ "1Kbps", "125" }, { "0.1Kbps", "12.5" },
		{ "0.001Kbps", "0.125" }, { "0.0001Kbps", "0.0125" },
		{ "0.000008Kbps", "0.001" }, { "0.3Gbps", "37500000" },
		{ "1.000000008Gbps", "125000001" },
		{ "72057594037.927937Mbps", "9007199254740992.125" },
		{ "100000000000000Kbps", "12500000000000000" },
	};

	(void)state;
	check(KIND_SPEED, NULL, rows, COUNT(rows));
}

static void
what_is_no_speed_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "2500", BAD }, { "Mbps", BAD }, { "bps", BAD },
		{ "2500bps", BAD }, { "2500M", BAD }, { "2500Mb", BAD },
		{ "2500Mbit", BAD }, { "2500Mbit/s", BAD },
		{ "2500Mb/s", BAD }, { "2500Tbps", BAD }, { "2500MMbps", BAD },
		{ "2500Mbpss", BAD }, { "2500Mbps.", BAD },
		{ "2500Mbps Full", BAD }, { "Mbps2500", BAD },
		{ "-2500Mbps", BAD }, { "1e3Mbps", BAD }, { "0x10Mbps", BAD },
		{ "nanMbps", BAD }, { "infGbps", BAD }, { "1,5Gbps", BAD },
		{ "1.2.3Gbps", BAD }, { ".Gbps", BAD }, { "+Gbps", BAD },
		{ "++1Gbps", BAD }, { "1 000Mbps", BAD }, { "auto", BAD },
		{ "----", BAD }, { "\xc2\xa0" "1Mbps", BAD },
		{ "1\xce\x9c" "bps", BAD },
	};

	(void)state;
	check(KIND_SPEED, NULL, rows, COUNT(rows));
	assert_true(read_as(KIND_SPEED, NULL, "1Mbps\0", 6,
	    (char[VALUE_SIZE]){ 0 }) == BAD);
}

static void
states_of_bpi_are_found_by_their_names(void **state)
{
	static const struct {
		const char	*text;
		const char	*auth;
		const char	*tek;
		const char	*operational;
	} rows[] = {
		{ "AUTH:authorized, TEK:operational",
		    "authorized", "operational", "1" },
		{ "AUTH:authorized,TEK:operational",
		    "authorized", "operational", "1" },
		{ " AUTH: authorized ,\tTEK: operational \n",
		    "authorized", "operational", "1" },
		{ "auth:AUTHORIZED, tek:Operational",
		    "AUTHORIZED", "Operational", "1" },
		{ "TEK:operational, AUTH:authorized",
		    "authorized", "operational", "1" },
		{ "AUTH:unauthorized, TEK:operational",
		    "unauthorized", "operational", "0" },
		{ "AUTH:authorized, TEK:start", "authorized", "start", "0" },
		{ "AUTH:start, TEK:start", "start", "start", "0" },
		{ "AUTH:start, TEK:operational", "start", "operational", "0" },
		{ "AUTH:preauthorized, TEK:operational",
		    "preauthorized", "operational", "0" },
		{ "AUTH:authorized, TEK:inoperational",
		    "authorized", "inoperational", "0" },
		{ "AUTH:auth wait, TEK:rekey wait",
		    "auth wait", "rekey wait", "0" },
		{ "AUTH:author, TEK:operationa", "author", "operationa", "0" },
		{ "AUTH:authorized", BAD, BAD, BAD },
		{ "TEK:operational", BAD, BAD, BAD },
		{ "AUTH:, TEK:operational", BAD, BAD, BAD },
		{ "AUTH:authorized, TEK:", BAD, BAD, BAD },
		{ "AUTH:authorized, TEK: ", BAD, BAD, BAD },
		{ "AUTH, TEK", BAD, BAD, BAD },
		{ "authorized, operational", BAD, BAD, BAD },
		{ "Disabled", BAD, BAD, BAD }, { "AUT", BAD, BAD, BAD },
		{ "NA", NONE, NONE, NONE }, { "Secret", NONE, NONE, NONE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		check(KIND_AUTH, NULL,
		    &(struct row){ rows[i].text, rows[i].auth }, 1);
		check(KIND_TEK, NULL,
		    &(struct row){ rows[i].text, rows[i].tek }, 1);
		check(KIND_BPI, NULL,
		    &(struct row){ rows[i].text, rows[i].operational }, 1);
	}
}

static void
times_of_the_log_are_seconds_since_1970(void **state)
{
	static const struct row rows[] = {
		{ "11/03/25 18:41:57", "1762195317" },
		{ "11/03/2025 18:41:57", "1762195317" },
		{ " 11/03/25 18:41:57\r\n", "1762195317" },
		{ "01/01/70 00:00:00", "0" }, { "01/01/70 00:00:54", "54" },
		{ "01/01/1970 00:00:54", "54" },
		{ "12/31/70 23:59:59", "31535999" },
		{ "12/31/99 23:59:59", "946684799" },
		{ "01/01/00 00:00:00", "946684800" },
		{ "12/31/69 23:59:59", "3155759999" },
		{ "02/29/24 00:00:00", "1709164800" },
		{ "02/29/00 00:00:00", "951782400" },
		{ "02/28/2100 00:00:00", "4107456000" },
	};

	(void)state;
	check(KIND_LOG_TIME, NULL, rows, COUNT(rows));
}

static void
what_is_no_time_of_the_log_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "02/29/25 00:00:00", BAD }, { "02/29/2100 00:00:00", BAD },
		{ "02/30/24 00:00:00", BAD }, { "04/31/25 00:00:00", BAD },
		{ "13/01/25 00:00:00", BAD }, { "00/01/25 00:00:00", BAD },
		{ "01/00/25 00:00:00", BAD }, { "01/32/25 00:00:00", BAD },
		{ "31/12/25 00:00:00", BAD }, { "01/01/25 24:00:00", BAD },
		{ "01/01/25 23:60:00", BAD }, { "01/01/25 23:59:60", BAD },
		{ "01/01/1969 00:00:00", BAD }, { "01/01/125 00:00:00", BAD },
		{ "01/01/10000 00:00:00", BAD }, { "01/01/25", BAD },
		{ "01/01/25 12:00", BAD }, { "12:00:00", BAD },
		{ "01/01/25 12:00:00 AM", BAD }, { "01/01/25T12:00:00", BAD },
		{ "01/01/25,12:00:00", BAD }, { "01-01-25 12:00:00", BAD },
		{ "2025-01-01 12:00:00", BAD }, { "2025/01/01 12:00:00", BAD },
		{ "-1/01/25 12:00:00", BAD }, { "1735732800", BAD },
		{ "Time Not Established", BAD },
		{ "01/01/18446744073709551641 12:00:00", BAD },
		{ "18446744073709551617/01/25 12:00:00", BAD },
	};

	(void)state;
	check(KIND_LOG_TIME, NULL, rows, COUNT(rows));
}

static void
priorities_are_words_in_lower_case(void **state)
{
	static const struct row rows[] = {
		{ "critical", "critical" }, { "Critical", "critical" },
		{ " NOTICE\n", "notice" }, { "other", "other" },
		{ "1", "emergency" }, { "2", "alert" }, { "3", "critical" },
		{ "4", "error" }, { "5", "warning" }, { "6", "notice" },
		{ "7", "information" }, { "8", "debug" }, { " 3 ", "critical" },
		{ "0", "0" }, { "9", "9" }, { "03", "03" }, { "33", "33" },
		{ "+3", "+3" }, { "3.0", "3.0" }, { "-3", "-3" },
		{ "A B\"C\\", "a b\"c\\" },
		/* ASCII alone: the rest is bytes of UTF-8. */
		{ "\xc3\x89" "RREUR", "\xc3\x89" "rreur" },
		{ "@[`{", "@[`{" },
	};

	(void)state;
	check(KIND_LOG_PRIORITY, NULL, rows, COUNT(rows));
}

static void
texts_of_the_log_end_before_the_addresses(void **state)
{
	static const struct row rows[] = {
		{ "T3 time-out;CM-MAC=02:00:5e:10:00:01;CMTS-MAC="
		    "02:00:5e:10:00:02;CM-QOS=1.1;CM-VER=3.1;", "T3 time-out" },
		{ "a;CM-MAC=1;b;CM-MAC=2", "a" }, { "a;CM-MAC=", "a" },
		{ "no addresses", "no addresses" },
		{ "Type Code: 24; Chan ID: 33;", "Type Code: 24; Chan ID: 33;" },
		{ "a;CM-MA", "a;CM-MA" }, { "\"q\"\\\n x", "\"q\"\\\n x" },
		{ "  a \n", "a" },
	};

	(void)state;
	check(KIND_LOG_TEXT, NULL, rows, COUNT(rows));
}

static void
positive_is_what_is_above_zero(void **state)
{
	(void)state;
	assert_true(value_is_positive("1"));
	assert_true(value_is_positive("0.000001"));
	assert_true(value_is_positive("743600000"));
	assert_false(value_is_positive("0"));
	assert_false(value_is_positive("-1"));
	assert_false(value_is_positive("-0.5"));
}

/* Doubles. */

static void
doubles_become_their_shortest_decimals(void **state)
{
	static const struct {
		double		 number;
		const char	*text;
	} rows[] = {
		{ 0.0, "0" }, { -0.0, "0" }, { 1.0, "1" }, { -1.0, "-1" },
		{ 0.1, "0.1" }, { 4.6, "4.6" }, { 0.3, "0.3" },
		{ 0.1 + 0.2, "0.30000000000000004" }, { -5.25, "-5.25" },
		{ 37.636, "37.636" }, { 100.0, "100" }, { 1e5, "100000" },
		{ 5e-7, "0.0000005" }, { 123456789.125, "123456789.125" },
		{ 4294967296.0, "4294967296" },
		{ 9007199254740992.0, "9007199254740992" },
		{ 231776217533.0, "231776217533" },
		{ 1e21, "1000000000000000000000" },
		{ -1.5e22, "-15000000000000000000000" },
		{ 1e23, "100000000000000000000000" },
		{ 1.0 / 3.0, "0.3333333333333333" },
	};
	char out[VALUE_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_true(value_from_double(rows[i].number, out));
		assert_string_equal(out, rows[i].text);
	}
}

static void
the_smallest_double_has_all_its_zeros(void **state)
{
	char out[VALUE_SIZE];

	(void)state;
	assert_true(value_from_double(5e-324, out));
	assert_int_equal(strlen(out), 2 + 324);
	assert_int_equal(strspn(out + 2, "0"), 323);
	assert_true(strtod(out, NULL) > 0);
	assert_true(value_from_double(DBL_MIN, out));
	assert_true(!(strtod(out, NULL) < DBL_MIN));
}

static void
large_doubles_have_all_their_digits(void **state)
{
	static const double numbers[] = {
		1e300, 1e307, -8e307, 1e308, DBL_MAX, -DBL_MAX,
	};
	char out[VALUE_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(numbers); i++) {
		if (!value_from_double(numbers[i], out))
			fail_msg("%g is finite, and has no text", numbers[i]);
		assert_null(strpbrk(out, "eE."));
		assert_false(strtod(out, NULL) < numbers[i]);
		assert_false(strtod(out, NULL) > numbers[i]);
	}
}

static void
what_is_not_finite_has_no_text(void **state)
{
	char out[VALUE_SIZE];

	(void)state;
	assert_false(value_from_double((double)NAN, out));
	assert_false(value_from_double((double)INFINITY, out));
	assert_false(value_from_double(-(double)INFINITY, out));
}

/* xorshift64: the same numbers on every machine and in every run. */
static uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static size_t
significant_digits(const char *decimal)
{
	const char *p = decimal + strspn(decimal, "-0."), *end;
	size_t n = 0;

	for (end = p + strlen(p); strchr(decimal, '.') == NULL && end > p &&
	    end[-1] == '0'; end--)
		;
	for (; p < end; p++)
		n += *p != '.';
	return n;
}

static void
check_round_trip(double number)
{
	char out[VALUE_SIZE], shorter[64];
	size_t n;

	assert_true(value_from_double(number, out));
	if (strtod(out, NULL) < number || strtod(out, NULL) > number)
		fail_msg("%.17g reads back from %s", number, out);
	assert_int_equal(out[strspn(out, "-0123456789.")], '\0');
	/* No padding: neither 07 nor 7.0 nor 7. nor .7 */
	assert_true(strchr(out, '.') == NULL ||
	    strchr("123456789", out[strlen(out) - 1]) != NULL);
	assert_false(out[out[0] == '-'] == '.');
	/* One digit fewer is another number. */
	n = significant_digits(out);
	if (n < 2)
		return;
	snprintf(shorter, sizeof(shorter), "%.*e", (int)n - 2, number);
	if (!(strtod(shorter, NULL) < number) &&
	    !(strtod(shorter, NULL) > number))
		fail_msg("%s is as exact as %s", shorter, out);
}

static void
random_doubles_read_back_the_same(void **state)
{
	uint64_t seed = UINT64_C(0x56c0da), bits;
	double number;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		bits = next_random(&seed);
		memcpy(&number, &bits, sizeof(number));
		if (isfinite(number))
			check_round_trip(number);
	}
}

static void
random_measurements_read_back_the_same(void **state)
{
	uint64_t seed = UINT64_C(0xc0da56);
	int i;

	(void)state;
	for (i = 0; i < 20000; i++)
		check_round_trip((double)(next_random(&seed) % 2000000) /
		    1000.0 - 1000.0);
}

/* A test that a comma in the locale would spoil; without such a locale it
 * still holds. */
static void
no_locale_has_a_say(void **state)
{
	static const char *const names[] = {
		"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "cs_CZ.UTF-8",
	};
	char out[VALUE_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(names); i++)
		if (setlocale(LC_ALL, names[i]) != NULL)
			break;
	assert_true(value_from_double(4.6, out));
	setlocale(LC_ALL, "C");
	assert_string_equal(out, "4.6");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(placeholders_are_no_value_of_any_kind),
		cmocka_unit_test(what_resembles_a_placeholder_is_none),
		cmocka_unit_test(texts_lose_their_outer_blanks_alone),
		cmocka_unit_test(texts_are_values_up_to_1024_bytes),
		cmocka_unit_test(names_of_rows_have_up_to_32_bytes),
		cmocka_unit_test(the_longest_fraction_has_room),
		cmocka_unit_test(decimals_lose_their_padding_and_nothing_else),
		cmocka_unit_test(what_is_no_plain_decimal_is_refused),
		cmocka_unit_test(a_text_with_a_nul_is_no_number),
		cmocka_unit_test(decimals_end_where_doubles_do),
		cmocka_unit_test(megahertz_become_hertz_by_moving_the_point),
		cmocka_unit_test(counters_come_out_with_every_digit),
		cmocka_unit_test(counters_refuse_what_they_cannot_count),
		cmocka_unit_test(durations_of_every_shape_are_seconds),
		cmocka_unit_test(durations_of_other_shapes_are_refused),
		cmocka_unit_test(times_are_seconds_since_1970_in_utc),
		cmocka_unit_test(dates_that_are_none_are_refused),
		cmocka_unit_test(modulations_get_their_names),
		cmocka_unit_test(a_word_is_one_and_any_other_text_zero),
		cmocka_unit_test(speeds_are_bytes_per_second),
		cmocka_unit_test(what_is_no_speed_is_refused),
		cmocka_unit_test(states_of_bpi_are_found_by_their_names),
		cmocka_unit_test(times_of_the_log_are_seconds_since_1970),
		cmocka_unit_test(what_is_no_time_of_the_log_is_refused),
		cmocka_unit_test(priorities_are_words_in_lower_case),
		cmocka_unit_test(texts_of_the_log_end_before_the_addresses),
		cmocka_unit_test(positive_is_what_is_above_zero),
		cmocka_unit_test(doubles_become_their_shortest_decimals),
		cmocka_unit_test(the_smallest_double_has_all_its_zeros),
		cmocka_unit_test(large_doubles_have_all_their_digits),
		cmocka_unit_test(what_is_not_finite_has_no_text),
		cmocka_unit_test(random_doubles_read_back_the_same),
		cmocka_unit_test(random_measurements_read_back_the_same),
		cmocka_unit_test(no_locale_has_a_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
