/* SPDX-License-Identifier: MIT */

/*
 * Content negotiation: the headers that scrapers, browsers and curl send, and
 * what resembles them.
 */

#include "negotiate.h"

#include "unit.h"

#define OM CM_OPENMETRICS
#define TEXT CM_PROMETHEUS

static void
check_format(const char *accept, enum cm_format format)
{
	char *copy = exact_copy(accept, strlen(accept), true);

	if (negotiate_format(copy) != format)
		fail_msg("'%s' is not answered with %s", accept,
		    cm_text_content_type(format));
	free(copy);
}

static void
check_gzip(const char *accept_encoding, bool taken)
{
	char *copy = exact_copy(accept_encoding, strlen(accept_encoding),
	    true);

	if (negotiate_gzip(copy) != taken)
		fail_msg("'%s' is answered %s", accept_encoding,
		    taken ? "in plain" : "with gzip");
	free(copy);
}

struct row {
	const char	*header;
	enum cm_format	 format;
};

static void
check_formats(const struct row *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		check_format(rows[i].header, rows[i].format);
}

static void
prometheus_gets_openmetrics(void **state)
{
	static const struct row rows[] = {
		/* up to 2.48 */
		{ "application/openmetrics-text;version=1.0.0,"
		    "application/openmetrics-text;version=0.0.1;q=0.75,"
		    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OM },
		/* 2.49 to 2.55 */
		{ "application/openmetrics-text;version=1.0.0;q=0.5,"
		    "application/openmetrics-text;version=0.0.1;q=0.4,"
		    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", OM },
		{ "application/vnd.google.protobuf;"
		    "proto=io.prometheus.client.MetricFamily;"
		    "encoding=delimited;q=0.6,"
		    "application/openmetrics-text;version=1.0.0;q=0.5,"
		    "application/openmetrics-text;version=0.0.1;q=0.4,"
		    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", OM },
		/* 3.x */
		{ "application/openmetrics-text;version=1.0.0;"
		    "escaping=allow-utf-8;q=0.6,"
		    "application/openmetrics-text;version=0.0.1;q=0.5,"
		    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
		    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", OM },
		{ "application/vnd.google.protobuf;"
		    "proto=io.prometheus.client.MetricFamily;"
		    "encoding=delimited;q=0.6,"
		    "application/openmetrics-text;version=1.0.0;"
		    "escaping=allow-utf-8;q=0.6,"
		    "application/openmetrics-text;version=0.0.1;q=0.5,"
		    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
		    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", OM },
		/* told to scrape text alone */
		{ "text/plain;version=0.0.4;q=0.6,*/*;q=0.5", TEXT },
		{ "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,"
		    "*/*;q=0.5", TEXT },
	};

	(void)state;
	check_formats(rows, COUNT(rows));
}

static void
people_get_text(void **state)
{
	static const struct row rows[] = {
		{ "*/*", TEXT },		/* curl */
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,"
		    "image/avif,image/webp,*/*;q=0.8", TEXT },
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,"
		    "image/png,image/svg+xml,*/*;q=0.8", TEXT },
		{ "text/html", TEXT },
	};

	(void)state;
	assert_int_equal(negotiate_format(NULL), TEXT);
	check_formats(rows, COUNT(rows));
}

static void
openmetrics_of_known_versions_is_that_of_ours(void **state)
{
	static const struct row rows[] = {
		{ "application/openmetrics-text", OM },
		{ "application/openmetrics-text;version=1.0.0", OM },
		{ "application/openmetrics-text;version=0.0.1", OM },
		{ "application/openmetrics-text; version=1.0.0; "
		    "charset=utf-8", OM },
		{ "APPLICATION/OpenMetrics-Text;VERSION=1.0.0;Q=0.5", OM },
		{ " \tapplication/openmetrics-text \t; version=1.0.0 ", OM },
		{ "application/openmetrics-text;escaping=values", OM },
		{ "application/openmetrics-text;q=0.5;version=1.0.0", OM },
		{ "application/openmetrics-text;version=2.0.0", TEXT },
		{ "application/openmetrics-text;version=1.0.0-x", TEXT },
		{ "application/openmetrics-text;version=1", TEXT },
		{ "application/openmetrics-text;version=2.0.0,"
		    "application/openmetrics-text;version=1.0.0;q=0.1", OM },
		{ "application/openmetrics", TEXT },
		{ "application/openmetrics-textual", TEXT },
		{ "x/application/openmetrics-text", TEXT },
	};

	(void)state;
	check_formats(rows, COUNT(rows));
}

static void
the_best_quality_wins(void **state)
{
	static const struct row rows[] = {
		{ "text/plain;q=0.4,application/openmetrics-text;q=0.5", OM },
		{ "text/plain;q=0.5,application/openmetrics-text;q=0.4", TEXT },
		{ "text/plain;q=0.9,application/openmetrics-text", OM },
		{ "text/plain;q=0.999,application/openmetrics-text;q=1", OM },
		{ "application/openmetrics-text;q=0.001,text/plain;q=0", OM },
		{ "application/openmetrics-text;q=0.123,text/plain;q=0.124",
		    TEXT },
		{ "application/openmetrics-text;q=0.12,text/plain;q=0.119",
		    OM },
		{ "application/openmetrics-text;q=0.2,*/*;q=0.3", TEXT },
		{ "text/*;q=0.3,application/openmetrics-text;q=0.2", TEXT },
		{ "image/png,application/openmetrics-text;q=0.1", OM },
	};

	(void)state;
	check_formats(rows, COUNT(rows));
}

static void
of_equal_qualities_the_first_wins(void **state)
{
	static const struct row rows[] = {
		{ "application/openmetrics-text,text/plain", OM },
		{ "text/plain,application/openmetrics-text", TEXT },
		{ "*/*,application/openmetrics-text", TEXT },
		{ "application/openmetrics-text,*/*", OM },
		{ "text/plain;q=0.5,application/openmetrics-text;q=0.50",
		    TEXT },
		{ "application/openmetrics-text;q=1.000,text/plain;q=1", OM },
	};

	(void)state;
	check_formats(rows, COUNT(rows));
}

static void
a_quality_of_zero_excludes(void **state)
{
	static const struct row rows[] = {
		{ "application/openmetrics-text;q=0", TEXT },
		{ "application/openmetrics-text;q=0.0", TEXT },
		{ "application/openmetrics-text;q=0.000,*/*;q=0.1", TEXT },
		{ "application/openmetrics-text; q=0 ; version=1.0.0", TEXT },
		{ "text/plain;q=0,application/openmetrics-text;q=0.1", OM },
		/* Nothing is left: never a 406. */
		{ "text/plain;q=0,application/openmetrics-text;q=0", TEXT },
		{ "*/*;q=0", TEXT },
	};

	(void)state;
	check_formats(rows, COUNT(rows));
}

static void
odd_qualities_are_none(void **state)
{
	static const char *const qualities[] = {
		"-1", "-0.5", "1.1", "1.001", "2", "10", "0.1234", "0.5x",
		"x", "", " ", "0,5", ".5", "nan", "inf", "1e0", "0x1",
		"+0.5", "0..5", "0.5.5", "99999999999999999999",
	};
	char header[128];
	size_t i;

	(void)state;
	/* Whatever it is taken for, text is a fair answer beside it. */
	for (i = 0; i < COUNT(qualities); i++) {
		snprintf(header, sizeof(header), "text/plain;q=1.0,"
		    "application/openmetrics-text;q=%s", qualities[i]);
		check_format(header, TEXT);
	}
}

static void
garbage_gets_text(void **state)
{
	static const char *const headers[] = {
		"", " ", ",", ";", "=", ",,,", ";;;", ";q=1", ";q=1,;q=0",
		"q=1", "/", "*", "*/", "/*", "text", "text/", "*/plain",
		"\"", "\"application/openmetrics-text\"", "\xff\xfe",
		"application/openmetrics-text text/plain",
		"application/ openmetrics-text", "application;openmetrics-text",
		";version=1.0.0", ";application/openmetrics-text",
		"=application/openmetrics-text",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(headers); i++)
		check_format(headers[i], TEXT);
}

static void
empty_offers_and_parameters_are_passed_over(void **state)
{
	static const struct row rows[] = {
		{ ",,application/openmetrics-text,,", OM },
		{ "application/openmetrics-text;;q=0.5;,text/plain;q=0.4",
		    OM },
		{ "application/openmetrics-text;q,text/plain;q=0.4", OM },
		{ "application/openmetrics-text;=;q=0.3,text/plain;q=0.4",
		    TEXT },
		{ " , \t, text/plain;q=0.1 ,application/openmetrics-text ",
		    OM },
	};

	(void)state;
	check_formats(rows, COUNT(rows));
}

static void
a_long_header_is_read_to_its_end(void **state)
{
	static const char offer[] = "image/png;q=0.5,";
	char header[8192] = "";
	size_t i;

	(void)state;
	for (i = 0; i + sizeof(offer) < 8000; i += sizeof(offer) - 1)
		memcpy(header + i, offer, sizeof(offer));
	strcat(header, "application/openmetrics-text;q=0.001");
	check_format(header, OM);
	memset(header, 'a', 8000);
	check_format(header, TEXT);
	memset(header, ';', 8000);
	check_format(header, TEXT);
}

static void
gzip_is_sent_to_who_takes_it(void **state)
{
	static const struct {
		const char	*header;
		bool		 taken;
	} rows[] = {
		{ "gzip", true }, { "GZip", true }, { " gzip ", true },
		{ "deflate, gzip, br, zstd", true },	/* curl --compressed */
		{ "gzip, deflate, br, zstd", true },	/* browsers */
		{ "gzip;q=1.0", true }, { "gzip;q=0.5", true },
		{ "gzip;q=0.001", true }, { "gzip ; q=0.1", true },
		{ "br;q=1.0, gzip;q=0.8, *;q=0.1", true },
		{ "*", true }, { "*;q=0.1", true }, { "x-gzip", true },
		{ "identity;q=0, gzip", true }, { "identity, gzip", true },
		{ "*;q=0, gzip", true }, { "gzip, *;q=0", true },
		{ "gzip;q=0", false }, { "gzip;q=0.0", false },
		{ "gzip; q=0.000 ", false }, { "gzip;Q=0", false },
		{ "gzip;q=0, *", false }, { "*, gzip;q=0", false },
		{ "*;q=0", false }, { "identity", false },
		{ "identity, *;q=0", false }, { "identity;q=0", false },
		{ "deflate", false }, { "br, zstd", false }, { "", false },
		{ ",", false }, { "gzipped", false }, { "gz", false },
		{ "deflate gzip", false }, { "br;gzip", false },
		{ ";q=1", false }, { "\xff", false },
	};
	size_t i;

	(void)state;
	assert_false(negotiate_gzip(NULL));
	for (i = 0; i < COUNT(rows); i++)
		check_gzip(rows[i].header, rows[i].taken);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(prometheus_gets_openmetrics),
		cmocka_unit_test(people_get_text),
		cmocka_unit_test(
		    openmetrics_of_known_versions_is_that_of_ours),
		cmocka_unit_test(the_best_quality_wins),
		cmocka_unit_test(of_equal_qualities_the_first_wins),
		cmocka_unit_test(a_quality_of_zero_excludes),
		cmocka_unit_test(odd_qualities_are_none),
		cmocka_unit_test(garbage_gets_text),
		cmocka_unit_test(empty_offers_and_parameters_are_passed_over),
		cmocka_unit_test(a_long_header_is_read_to_its_end),
		cmocka_unit_test(gzip_is_sent_to_who_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
