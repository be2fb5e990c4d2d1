/* SPDX-License-Identifier: MIT */

/*
 * Snapshots: what several pages make together, and how they are read.
 */

#include "decode.h"
#include "record.h"
#include "unit.h"

static struct cm_snapshot *
begin(bool identifiers)
{
	struct cm_snapshot *s = snapshot_new(identifiers);

	assert_non_null(s);
	return s;
}

/* Decode a page; gives how much of it was rejected. */
static unsigned
decode(struct cm_snapshot *s, enum cm_endpoint page, const char *body)
{
	struct cm_error error;
	char *copy = exact_copy(body, strlen(body), true);
	unsigned rejected;

	if (!decode_page(s, page, copy, strlen(copy), true, &rejected,
	    &error))
		fail_msg("%s: %s", body, error.text);
	free(copy);
	return rejected;
}

static char *
encode(const struct cm_snapshot *s)
{
	struct cm_text *t = cm_text_new(CM_PROMETHEUS);
	size_t length;
	char *page;

	assert_non_null(t);
	cm_snapshot_encode(s, t);
	page = cm_text_finish(t, &length);
	assert_non_null(page);
	return page;
}

static void
an_empty_snapshot_shows_nothing(void **state)
{
	struct cm_snapshot *s = begin(true);
	char *page = encode(s);

	(void)state;
	assert_string_equal(page, "");
	free(page);
	assert_int_equal(cm_snapshot_count(s, CM_RECORD_DOWNSTREAM), 0);
	assert_null(cm_snapshot_downstream(s, 0));
	assert_non_null(cm_snapshot_system(s, 0));
	assert_null(cm_snapshot_system(s, 0)->uptime);
	assert_null(cm_snapshot_system(s, 1));
	assert_int_equal(cm_snapshot_reason(s), CM_OK);
	assert_string_equal(cm_snapshot_text(s), "");
	snapshot_free(s);
}

static void
members_are_texts_or_null(void **state)
{
	struct cm_snapshot *s = begin(false);
	const struct cm_downstream *row;

	(void)state;
	assert_int_equal(decode(s, CM_DSINFO,
	    "[{\"channelId\":\"7\",\"signalStrength\":\" 6.000\","
	    "\"snr\":\"NA\",\"dsoctets\":\"1 * 2e32 + 1\",\"modulation\":2},"
	    "{\"portId\":3,\"frequency\":\"0\",\"snr\":\"bad\"}]"), 1);
	assert_int_equal(cm_snapshot_count(s, CM_RECORD_DOWNSTREAM), 2);
	row = cm_snapshot_downstream(s, 0);
	assert_string_equal(row->channel, "7");
	assert_string_equal(row->power, "6");
	assert_null(row->snr);
	assert_string_equal(row->octets, "4294967297");
	assert_string_equal(row->modulation, "256QAM");
	assert_null(row->frequency);
	row = cm_snapshot_downstream(s, 1);
	assert_string_equal(row->channel, "port3");
	assert_null(row->frequency);
	assert_null(row->snr);
	assert_null(cm_snapshot_downstream(s, 2));
	assert_null(cm_snapshot_downstream(s, UINT32_MAX));
	snapshot_free(s);
}

static const char system_page[] = "[{\"hwVersion\":\"1C\","
    "\"swVersion\":\"7.3.5\",\"serialNumber\":\" ZZ12\\\"34 \","
    "\"rfMac\":\"02:00:5E:10:20:30\"}]";

static void
identifiers_are_labels_if_asked_for(void **state)
{
	struct cm_snapshot *s = begin(true);
	char *page;

	(void)state;
	decode(s, CM_GETSYSINFO, system_page);
	page = encode(s);
	assert_non_null(strstr(page, "\nmodem_info{vendor=\"\",model=\"\","
	    "hardware_version=\"1C\",software_version=\"7.3.5\","
	    "serial_number=\"ZZ12\\\"34\",rf_mac=\"02:00:5E:10:20:30\"} 1\n"));
	free(page);
	snapshot_free(s);
}

static void
identifiers_are_nowhere_unless_asked_for(void **state)
{
	struct cm_snapshot *s = begin(false);
	char *page;

	(void)state;
	decode(s, CM_GETSYSINFO, system_page);
	assert_null(cm_snapshot_system(s, 0)->serial_number);
	assert_null(cm_snapshot_system(s, 0)->rf_mac);
	page = encode(s);
	assert_non_null(strstr(page, "\nmodem_info{vendor=\"\",model=\"\","
	    "hardware_version=\"1C\",software_version=\"7.3.5\"} 1\n"));
	assert_null(strstr(page, "ZZ12"));
	assert_null(strstr(page, "5E:10"));
	free(page);
	snapshot_free(s);
}

static void
identifiers_that_are_placeholders_are_empty(void **state)
{
	struct cm_snapshot *s = begin(true);
	char *page;

	(void)state;
	decode(s, CM_GETSYSINFO, "{\"hwVersion\":\"1C\","
	    "\"serialNumber\":\"TODO\",\"rfMac\":\"--\"}");
	page = encode(s);
	assert_non_null(strstr(page, "hardware_version=\"1C\","
	    "software_version=\"\",serial_number=\"\",rf_mac=\"\"} 1\n"));
	free(page);
	snapshot_free(s);
}

static void
an_identifier_alone_makes_an_info(void **state)
{
	struct cm_snapshot *s = begin(true);
	char *page;

	(void)state;
	decode(s, CM_GETSYSINFO, "{\"serialNumber\":\"ZZ1\"}");
	page = encode(s);
	assert_non_null(strstr(page, "software_version=\"\","
	    "serial_number=\"ZZ1\",rf_mac=\"\"} 1\n"));
	free(page);
	snapshot_free(s);

	/* Not asked for, it is no reason to show an empty one. */
	s = begin(false);
	decode(s, CM_GETSYSINFO, "{\"serialNumber\":\"ZZ1\"}");
	page = encode(s);
	assert_string_equal(page, "");
	free(page);
	snapshot_free(s);
}

static void
pages_stand_in_their_order_however_they_come(void **state)
{
	static const struct {
		enum cm_endpoint page;
		const char	*body;
	} rows[] = {
		{ CM_DSINFO, "[{\"channelId\":\"1\",\"snr\":\"36\"}]" },
		{ CM_USINFO, "[{\"channelId\":\"1\","
		    "\"signalStrength\":\"38\"}]" },
		{ CM_DSOFDMINFO, "[{\"receive\":\"0\",\"plclock\":\"NO\"}]" },
		{ CM_USOFDMINFO, "[{\"uschindex\":\"0\","
		    "\"state\":\"DISABLED\"}]" },
		{ CM_GETCMDOCSISWAN, "[{\"NetworkAccess\":\"Permitted\"}]" },
		{ CM_GETSYSINFO, "[{\"systemUptime\":\"1h:0m:0s\"}]" },
	};
	static const char *const order[] = {
		"modem_downstream_snr{", "modem_upstream_power{",
		"modem_ofdm_lock{", "modem_ofdma_operational{",
		"modem_wan_network_access ", "modem_uptime ",
	};
	struct cm_snapshot *s;
	char *forward, *backward;
	const char *p, *next;
	size_t i;

	(void)state;
	s = begin(false);
	for (i = 0; i < COUNT(rows); i++)
		decode(s, rows[i].page, rows[i].body);
	forward = encode(s);
	snapshot_free(s);
	s = begin(false);
	for (i = COUNT(rows); i-- > 0; )
		decode(s, rows[i].page, rows[i].body);
	backward = encode(s);
	snapshot_free(s);
	assert_string_equal(forward, backward);
	for (p = forward, i = 0; i < COUNT(order); i++, p = next) {
		next = strstr(p, order[i]);
		if (next == NULL)
			fail_msg("%s is missing or too early", order[i]);
	}
	free(forward);
	free(backward);
}

static void
a_page_that_failed_leaves_no_trace(void **state)
{
	static const struct {
		enum cm_endpoint page;
		const char	*body;
		enum cm_reason	 reason;
	} rows[] = {
		{ CM_DSINFO, "[{\"channelId\":\"1\",\"snr\":\"36\"}",
		    CM_NOT_JSON },
		{ CM_USINFO, "", CM_NOT_JSON },
		{ CM_GETCMDOCSISWAN, "[]", CM_WRONG_SHAPE },
		{ CM_GETSYSINFO, "[1,2]", CM_WRONG_SHAPE },
	};
	struct cm_snapshot *s = begin(false);
	struct cm_error error;
	unsigned rejected;
	char *page;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_false(decode_page(s, rows[i].page, rows[i].body,
		    strlen(rows[i].body), true, &rejected, &error));
		assert_int_equal(error.reason, rows[i].reason);
	}
	assert_int_equal(cm_snapshot_count(s, CM_RECORD_DOWNSTREAM), 0);
	page = encode(s);
	assert_string_equal(page, "");
	free(page);
	snapshot_free(s);
}

static void
an_unread_page_has_no_count_and_an_empty_one_has(void **state)
{
	struct cm_snapshot *s = begin(false);
	char *page;

	(void)state;
	decode(s, CM_DSINFO, "[]");
	page = encode(s);
	assert_non_null(strstr(page, "\nmodem_downstream_channels 0\n"));
	assert_null(strstr(page, "modem_upstream_channels"));
	free(page);
	snapshot_free(s);
}

/* What is said of a body stays printable, and within its room. */
static void
a_failure_says_what_came(void **state)
{
	static const struct {
		const char	*body;
		size_t		 length;
		const char	*said;
	} rows[] = {
		{ "<html>\n<b>\xff", 12, "<html>\\x0a<b>\\xff" },
		{ "", 0, "empty" },
		{ "\x1f\x8b\x08", 3, "compressed" },
	};
	struct cm_snapshot *s = begin(false);
	struct cm_error error;
	unsigned rejected;
	char *copy;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		copy = exact_copy(rows[i].body, rows[i].length, true);
		assert_false(decode_page(s, CM_DSINFO, copy, rows[i].length,
		    true, &rejected, &error));
		if (strstr(error.text, rows[i].said) == NULL)
			fail_msg("%s is not in: %s", rows[i].said,
			    error.text);
		free(copy);
	}
	snapshot_free(s);
}

/*
 * A body without a length ends where the connection does: every beginning of
 * a page, but for nothing at all, may be one that was cut short.
 */
static void
check_beginnings(const char *body)
{
	struct cm_snapshot *s = begin(false);
	struct cm_error error;
	unsigned rejected;
	size_t n, length = strlen(body);
	char *copy;

	for (n = 1; n < length; n++) {
		copy = exact_copy(body, n, true);
		assert_false(decode_page(s, CM_DSINFO, copy, n, false,
		    &rejected, &error));
		if (error.reason != CM_TRUNCATED)
			fail_msg("%s: %s", copy, error.text);
		/* Of known length it was sent like that. */
		assert_false(decode_page(s, CM_DSINFO, copy, n, true,
		    &rejected, &error));
		assert_int_equal(error.reason, CM_NOT_JSON);
		free(copy);
	}
	assert_int_equal(cm_snapshot_count(s, CM_RECORD_DOWNSTREAM), 0);
	assert_true(decode_page(s, CM_DSINFO, body, length, false, &rejected,
	    &error));
	snapshot_free(s);
}

static void
bodies_that_end_early_are_truncated(void **state)
{
	(void)state;
	check_beginnings("[{\"portId\":\"1\",\"snr\":\"36.5\",\"index\":1234},"
	    "\n {\"note\":\"\xc3\xa9\xf0\x9f\x98\x80\xff\",\"a\":[{}]},{}]");
}

static void
bodies_that_end_within_an_escape_are_truncated(void **state)
{
	(void)state;
	check_beginnings("[{\"time\":\"11\\/03\\/2025\"}]");
	check_beginnings("[{\"event\":\"\\\"x\\\" \\u00e9\\ud83d\\ude00\"}]");
}

static void
bodies_that_end_within_a_token_are_truncated(void **state)
{
	(void)state;
	check_beginnings("[{\"snr\":-36.5e+3,\"a\":null,\"b\":[true,false]}]");
}

static void
what_was_never_json_is_not_truncated(void **state)
{
	static const char *const bodies[] = {
		"", "<html><body>", "login", "null",
		"[{\"a\":\"b\"}]x", "[{\"a\" \"b\"}]", "{1:2}",
	};
	struct cm_snapshot *s = begin(false);
	struct cm_error error;
	unsigned rejected;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bodies); i++) {
		assert_false(decode_page(s, CM_DSINFO, bodies[i],
		    strlen(bodies[i]), false, &rejected, &error));
		if (error.reason != CM_NOT_JSON)
			fail_msg("%s: %s", bodies[i], error.text);
	}
	snapshot_free(s);
}

static void
texts_live_as_long_as_the_snapshot(void **state)
{
	struct cm_snapshot *s = begin(false);
	const char *first = snapshot_text(s, "first"), *texts[5000];
	char text[64], *long_text = malloc(50001);
	size_t i;

	(void)state;
	assert_non_null(long_text);
	memset(long_text, 'x', 50000);
	long_text[50000] = '\0';
	for (i = 0; i < COUNT(texts); i++) {
		snprintf(text, sizeof(text), "text %zu", i);
		texts[i] = snapshot_text(s, text);
		assert_non_null(texts[i]);
		if (i == 2500)
			assert_string_equal(snapshot_text(s, long_text),
			    long_text);
	}
	for (i = 0; i < COUNT(texts); i++) {
		snprintf(text, sizeof(text), "text %zu", i);
		assert_string_equal(texts[i], text);
	}
	assert_string_equal(first, "first");
	assert_string_equal(snapshot_text(s, ""), "");
	free(long_text);
	snapshot_free(s);
}

static void
values_of_ours_are_shown_beside_the_modems(void **state)
{
	struct cm_snapshot *s = begin(false);
	struct cm_outcome *outcome = snapshot_single(s, CM_RECORD_OUTCOME);
	struct cm_page *row = snapshot_add(s, CM_RECORD_PAGE);
	char *page;

	(void)state;
	assert_non_null(row);
	outcome->success = "0";
	outcome->reason = "timeout";
	row->endpoint = "dsinfo";
	row->success = "1";
	row->rejected = "3";
	page = encode(s);
	assert_non_null(strstr(page, "\nprobe_success 0\n"));
	assert_non_null(strstr(page,
	    "\nprobe_failure_info{reason=\"timeout\"} 1\n"));
	assert_non_null(strstr(page,
	    "\nprobe_endpoint_success{endpoint=\"dsinfo\"} 1\n"));
	assert_non_null(strstr(page,
	    "\nprobe_endpoint_rejected_values{endpoint=\"dsinfo\"} 3\n"));
	assert_null(strstr(page, "probe_endpoint_failure_info"));
	assert_null(strstr(page, "probe_duration_seconds"));
	free(page);
	snapshot_free(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_snapshot_shows_nothing),
		cmocka_unit_test(members_are_texts_or_null),
		cmocka_unit_test(identifiers_are_labels_if_asked_for),
		cmocka_unit_test(identifiers_are_nowhere_unless_asked_for),
		cmocka_unit_test(identifiers_that_are_placeholders_are_empty),
		cmocka_unit_test(an_identifier_alone_makes_an_info),
		cmocka_unit_test(pages_stand_in_their_order_however_they_come),
		cmocka_unit_test(a_page_that_failed_leaves_no_trace),
		cmocka_unit_test(
		    an_unread_page_has_no_count_and_an_empty_one_has),
		cmocka_unit_test(a_failure_says_what_came),
		cmocka_unit_test(bodies_that_end_early_are_truncated),
		cmocka_unit_test(
		    bodies_that_end_within_an_escape_are_truncated),
		cmocka_unit_test(bodies_that_end_within_a_token_are_truncated),
		cmocka_unit_test(what_was_never_json_is_not_truncated),
		cmocka_unit_test(texts_live_as_long_as_the_snapshot),
		cmocka_unit_test(values_of_ours_are_shown_beside_the_modems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
