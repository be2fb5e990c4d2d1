/* SPDX-License-Identifier: MIT */

/*
 * The exposition writer: whole pages, compared byte by byte.
 */

#include "cablemodem_text.h"

#include "unit.h"

static void
check(struct cm_text *t, const char *page)
{
	size_t length = 0;
	char *got = cm_text_finish(t, &length);

	assert_non_null(got);
	assert_string_equal(got, page);
	assert_int_equal(length, strlen(page));
	free(got);
}

static struct cm_text *
begin_as(enum cm_format format)
{
	struct cm_text *t = cm_text_new(format);

	assert_non_null(t);
	return t;
}

static struct cm_text *
begin(void)
{
	return begin_as(CM_PROMETHEUS);
}

static void
a_page_without_families_is_empty(void **state)
{
	(void)state;
	check(begin(), "");
}

static void
a_family_without_samples_writes_nothing(void **state)
{
	struct cm_text *t = begin();

	(void)state;
	cm_text_family(t, "a", CM_GAUGE, "None.");
	cm_text_family(t, "b", CM_COUNTER, "One.");
	cm_text_sample(t, "1");
	cm_text_family(t, "c", CM_INFO, "None either.");
	check(t, "# HELP b_total One.\n# TYPE b_total counter\nb_total 1\n");
}

static void
help_and_type_stand_once_before_the_samples(void **state)
{
	struct cm_text *t = begin();

	(void)state;
	cm_text_family(t, "x_seconds", CM_GAUGE, "How long x took.");
	cm_text_label(t, "name", "one");
	cm_text_sample(t, "0.25");
	cm_text_label(t, "name", "two");
	cm_text_sample(t, "-7");
	cm_text_family(t, "y", CM_GAUGE, "What y is.");
	cm_text_sample(t, "231776217533");
	check(t,
	    "# HELP x_seconds How long x took.\n"
	    "# TYPE x_seconds gauge\n"
	    "x_seconds{name=\"one\"} 0.25\n"
	    "x_seconds{name=\"two\"} -7\n"
	    "# HELP y What y is.\n"
	    "# TYPE y gauge\n"
	    "y 231776217533\n");
}

static void
counters_and_infos_have_their_suffixes(void **state)
{
	struct cm_text *t = begin();

	(void)state;
	cm_text_family(t, "x_octets", CM_COUNTER, "Octets.");
	cm_text_sample(t, "18446744073709551615");
	cm_text_family(t, "x", CM_INFO, "About x.");
	cm_text_label(t, "version", "1");
	cm_text_sample(t, "1");
	check(t,
	    "# HELP x_octets_total Octets.\n"
	    "# TYPE x_octets_total counter\n"
	    "x_octets_total 18446744073709551615\n"
	    "# HELP x_info About x.\n"
	    "# TYPE x_info gauge\n"
	    "x_info{version=\"1\"} 1\n");
}

static void
labels_are_separated_by_commas_and_may_be_empty(void **state)
{
	struct cm_text *t = begin();

	(void)state;
	cm_text_family(t, "x", CM_GAUGE, "X.");
	cm_text_label(t, "a", "");
	cm_text_label(t, "b", "2");
	cm_text_label(t, "c", "");
	cm_text_sample(t, "1");
	cm_text_sample(t, "2");		/* labels are of one sample */
	check(t, "# HELP x X.\n# TYPE x gauge\n"
	    "x{a=\"\",b=\"2\",c=\"\"} 1\nx 2\n");
}

static void
label_values_are_escaped(void **state)
{
	static const struct {
		const char	*value;
		const char	*escaped;
	} rows[] = {
		{ "\"", "\\\"" }, { "\\", "\\\\" }, { "\n", "\\n" },
		{ "\\n", "\\\\n" }, { "\\\"", "\\\\\\\"" },
		{ "a\nb\nc", "a\\nb\\nc" },
		{ "\"} 1\n# TYPE x counter\nx{a=\"",
		    "\\\"} 1\\n# TYPE x counter\\nx{a=\\\"" },
		{ "\t\r{},=#'", "\t\r{},=#'" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "<b>%s%n</b>", "<b>%s%n</b>" },
	};
	struct cm_text *t;
	char page[256];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		t = begin();
		cm_text_family(t, "x", CM_GAUGE, "X.");
		cm_text_label(t, "a", rows[i].value);
		cm_text_sample(t, "1");
		snprintf(page, sizeof(page), "# HELP x X.\n# TYPE x gauge\n"
		    "x{a=\"%s\"} 1\n", rows[i].escaped);
		check(t, page);
	}
}

/* In HELP a quote is itself. */
static void
help_is_escaped(void **state)
{
	struct cm_text *t = begin();

	(void)state;
	cm_text_family(t, "x", CM_GAUGE, "A \\ and\na \"quote\", \\n.");
	cm_text_sample(t, "1");
	check(t, "# HELP x A \\\\ and\\na \"quote\", \\\\n.\n"
	    "# TYPE x gauge\nx 1\n");
}

/* The same in OpenMetrics. */

static void
an_openmetrics_page_ends_in_eof(void **state)
{
	struct cm_text *t = begin_as(CM_OPENMETRICS);

	(void)state;
	check(t, "# EOF\n");
	t = begin_as(CM_OPENMETRICS);
	cm_text_family(t, "a", CM_GAUGE, "None.");
	check(t, "# EOF\n");
	t = begin_as(CM_OPENMETRICS);
	cm_text_family(t, "a", CM_GAUGE, "One.");
	cm_text_sample(t, "1");
	check(t, "# TYPE a gauge\n# HELP a One.\na 1\n# EOF\n");
}

static void
openmetrics_families_lack_the_suffixes_of_their_samples(void **state)
{
	struct cm_text *t = begin_as(CM_OPENMETRICS);

	(void)state;
	cm_text_family(t, "x_octets", CM_COUNTER, "Octets.");
	cm_text_label(t, "a", "1");
	cm_text_sample(t, "18446744073709551615");
	cm_text_label(t, "a", "2");
	cm_text_sample(t, "0");
	cm_text_family(t, "x", CM_INFO, "About x.");
	cm_text_label(t, "version", "1");
	cm_text_label(t, "empty", "");
	cm_text_sample(t, "1");
	check(t,
	    "# TYPE x_octets counter\n"
	    "# HELP x_octets Octets.\n"
	    "x_octets_total{a=\"1\"} 18446744073709551615\n"
	    "x_octets_total{a=\"2\"} 0\n"
	    "# TYPE x info\n"
	    "# HELP x About x.\n"
	    "x_info{version=\"1\",empty=\"\"} 1\n"
	    "# EOF\n");
}

/* No other units: the contract knows these, and not in infos. */
static void
openmetrics_units_are_those_of_the_names(void **state)
{
	static const struct {
		const char	*family;
		enum cm_type	 type;
		const char	*unit;	/* "": none */
	} rows[] = {
		{ "x_seconds", CM_GAUGE, "seconds" },
		{ "x_bytes", CM_GAUGE, "bytes" },
		{ "x_hertz", CM_GAUGE, "hertz" },
		{ "x_timestamp_seconds", CM_GAUGE, "seconds" },
		{ "x_cpu_seconds", CM_COUNTER, "seconds" },
		{ "x_received_bytes", CM_COUNTER, "bytes" },
		{ "x_seconds", CM_INFO, "" }, { "seconds", CM_GAUGE, "" },
		{ "xseconds", CM_GAUGE, "" }, { "x_seconds_y", CM_GAUGE, "" },
		{ "x_ratio", CM_GAUGE, "" }, { "x_celsius", CM_GAUGE, "" },
		{ "x_megahertz", CM_GAUGE, "" }, { "x", CM_COUNTER, "" },
		{ "modem_ofdma_power_1_6mhz", CM_GAUGE, "" },
		{ "modem_downstream_octets", CM_COUNTER, "" },
	};
	static const struct {
		const char	*word;
		const char	*suffix;
	} types[] = {
		[CM_GAUGE] = { "gauge", "" },
		[CM_COUNTER] = { "counter", "_total" },
		[CM_INFO] = { "info", "_info" },
	};
	struct cm_text *t;
	char page[256], unit[64];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		t = begin_as(CM_OPENMETRICS);
		cm_text_family(t, rows[i].family, rows[i].type, "X.");
		cm_text_sample(t, "1");
		snprintf(unit, sizeof(unit), "# UNIT %s %s\n",
		    rows[i].family, rows[i].unit);
		snprintf(page, sizeof(page), "# TYPE %s %s\n%s"
		    "# HELP %s X.\n%s%s 1\n# EOF\n", rows[i].family,
		    types[rows[i].type].word, rows[i].unit[0] ? unit : "",
		    rows[i].family, rows[i].family,
		    types[rows[i].type].suffix);
		check(t, page);
	}
}

/* Here a quote in HELP is escaped too. */
static void
openmetrics_escapes_quotes_in_help(void **state)
{
	struct cm_text *t = begin_as(CM_OPENMETRICS);

	(void)state;
	cm_text_family(t, "x", CM_GAUGE, "A \\ and\na \"quote\", \\n.");
	cm_text_label(t, "a", "\"\\\n# EOF\n");
	cm_text_sample(t, "-5.200001");
	check(t, "# TYPE x gauge\n"
	    "# HELP x A \\\\ and\\na \\\"quote\\\", \\\\n.\n"
	    "x{a=\"\\\"\\\\\\n# EOF\\n\"} -5.200001\n# EOF\n");
}

static void
an_openmetrics_page_that_failed_is_none(void **state)
{
	struct cm_text *t = begin_as(CM_OPENMETRICS);
	size_t length;

	(void)state;
	cm_text_fail(t);
	assert_null(cm_text_finish(t, &length));
}

static void
formats_have_their_content_types(void **state)
{
	(void)state;
	assert_string_equal(cm_text_content_type(CM_PROMETHEUS),
	    "text/plain; version=0.0.4; charset=utf-8");
	assert_string_equal(cm_text_content_type(CM_OPENMETRICS),
	    "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

static void
a_page_grows_as_it_must(void **state)
{
	struct cm_text *t = begin();
	size_t length, i, lines = 0;
	char *long_value = malloc(100001), *page;
	char number[CM_NUMBER_SIZE];

	(void)state;
	assert_non_null(long_value);
	memset(long_value, '"', 100000);
	long_value[100000] = '\0';
	cm_text_family(t, "x", CM_GAUGE, "X.");
	for (i = 0; i < 5000; i++) {
		cm_text_label(t, "i", cm_number_integer(number, (int64_t)i));
		cm_text_sample(t, number);
	}
	cm_text_label(t, "long", long_value);
	cm_text_sample(t, "1");
	free(long_value);
	page = cm_text_finish(t, &length);
	assert_non_null(page);
	assert_int_equal(strlen(page), length);
	for (i = 0; i < length; i++)
		lines += page[i] == '\n';
	assert_int_equal(lines, 2 + 5000 + 1);
	assert_non_null(strstr(page, "\nx{i=\"4999\"} 4999\nx{long=\"\\\""));
	assert_string_equal(page + length - 7, "\\\"\"} 1\n");
	free(page);
}

/* Better no page than one with holes. */
static void
a_page_that_failed_is_none(void **state)
{
	struct cm_text *t = begin();
	size_t length;

	(void)state;
	cm_text_family(t, "x", CM_GAUGE, "X.");
	cm_text_sample(t, "1");
	cm_text_fail(t);
	cm_text_sample(t, "2");
	assert_null(cm_text_finish(t, &length));
	t = begin();
	cm_text_fail(t);
	assert_null(cm_text_finish(t, &length));
}

/* Our own numbers. */

static void
integers_are_written_in_full(void **state)
{
	char buf[CM_NUMBER_SIZE];

	(void)state;
	assert_string_equal(cm_number_integer(buf, 0), "0");
	assert_string_equal(cm_number_integer(buf, -1), "-1");
	assert_string_equal(cm_number_integer(buf, 512), "512");
	assert_string_equal(cm_number_integer(buf, INT64_MAX),
	    "9223372036854775807");
	assert_string_equal(cm_number_integer(buf, INT64_MIN),
	    "-9223372036854775808");
	assert_ptr_equal(cm_number_integer(buf, 7), buf);
}

static void
microseconds_are_seconds_without_padding(void **state)
{
	static const struct {
		int64_t		 us;
		const char	*text;
	} rows[] = {
		{ 0, "0" }, { 1, "0.000001" }, { 10, "0.00001" },
		{ 100000, "0.1" }, { 999999, "0.999999" }, { 1000000, "1" },
		{ 1500000, "1.5" }, { 10000000, "10" }, { 100000000, "100" },
		{ 1000001, "1.000001" }, { 120000000, "120" },
		{ -1, "-0.000001" }, { -1000000, "-1" },
		{ -1500000, "-1.5" }, { -10000000, "-10" },
		{ INT64_MAX, "9223372036854.775807" },
		{ INT64_MIN, "-9223372036854.775808" },
	};
	char buf[CM_NUMBER_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_string_equal(cm_number_seconds(buf, rows[i].us),
		    rows[i].text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_without_families_is_empty),
		cmocka_unit_test(a_family_without_samples_writes_nothing),
		cmocka_unit_test(help_and_type_stand_once_before_the_samples),
		cmocka_unit_test(counters_and_infos_have_their_suffixes),
		cmocka_unit_test(
		    labels_are_separated_by_commas_and_may_be_empty),
		cmocka_unit_test(label_values_are_escaped),
		cmocka_unit_test(help_is_escaped),
		cmocka_unit_test(an_openmetrics_page_ends_in_eof),
		cmocka_unit_test(
		    openmetrics_families_lack_the_suffixes_of_their_samples),
		cmocka_unit_test(openmetrics_units_are_those_of_the_names),
		cmocka_unit_test(openmetrics_escapes_quotes_in_help),
		cmocka_unit_test(an_openmetrics_page_that_failed_is_none),
		cmocka_unit_test(formats_have_their_content_types),
		cmocka_unit_test(a_page_grows_as_it_must),
		cmocka_unit_test(a_page_that_failed_is_none),
		cmocka_unit_test(integers_are_written_in_full),
		cmocka_unit_test(microseconds_are_seconds_without_padding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
