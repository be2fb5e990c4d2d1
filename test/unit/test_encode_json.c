/* SPDX-License-Identifier: MIT */

/*
 * Snapshots as JSON, read again with a JSON library: what scripts see.
 */

#include <jansson.h>

#include "decode.h"
#include "record.h"
#include "unit.h"

static struct cm_snapshot *
begin(bool identifiers)
{
	struct cm_snapshot *s = snapshot_new(identifiers);

	assert_non_null(s);
	/* What a probe says of itself in any case. */
	((struct cm_outcome *)snapshot_single(s, CM_RECORD_OUTCOME))->success =
	    "1";
	return s;
}

static void
decode(struct cm_snapshot *s, enum cm_endpoint page, const char *body)
{
	struct cm_error error;
	unsigned rejected;

	if (!decode_page(s, page, body, strlen(body), true, &rejected,
	    &error))
		fail_msg("%s: %s", body, error.text);
}

static char *
encode(const struct cm_snapshot *s)
{
	char *text = cm_snapshot_encode_json(s, "http://127.0.0.1:80", "full",
	    "2026-05-17T09:30:00Z");

	assert_non_null(text);
	return text;
}

/* Numbers stay as they are only as long as nobody reads them as doubles. */
static json_t *
parse(const char *text)
{
	json_error_t why;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &why);

	if (json == NULL)
		fail_msg("%s, at %d: %s", why.text, why.position, text);
	assert_true(json_is_object(json));
	return json;
}

/* Encode, let the snapshot go, and parse. */
static json_t *
finish(struct cm_snapshot *s)
{
	char *text = encode(s);
	json_t *json = parse(text);

	assert_int_equal(text[strlen(text) - 1], '\n');
	free(text);
	snapshot_free(s);
	return json;
}

static const json_t *
row_of(const json_t *json, const char *record, size_t i)
{
	const json_t *row = json_array_get(json_object_get(json, record), i);

	if (!json_is_object(row))
		fail_msg("%s has no row %zu", record, i);
	return row;
}

/* A row, member by member and in order, as compact JSON. */
static void
check_row(const json_t *json, const char *record, size_t i, const char *want)
{
	char *got = json_dumps(row_of(json, record, i), JSON_COMPACT |
	    JSON_REAL_PRECISION(12));

	assert_non_null(got);
	if (strcmp(got, want) != 0)
		fail_msg("%s should be\n%s\nand is\n%s", record, want, got);
	free(got);
}

static void
check_count(const json_t *json, const char *record, size_t count)
{
	const json_t *array = json_object_get(json, record);

	if (!json_is_array(array))
		fail_msg("%s is no array", record);
	assert_int_equal(json_array_size(array), count);
}

static void
an_answer_begins_with_what_was_asked(void **state)
{
	static const char *const keys[] = {
		"target", "module", "time", "success", "reason",
		"duration_seconds", "endpoints", "downstream", "upstream",
		"ofdm", "ofdma", "wan", "system", "init", "link", "event",
		"priority", "occurrence", "latest",
	};
	struct cm_snapshot *s = begin(false);
	struct cm_outcome *outcome = snapshot_single(s, CM_RECORD_OUTCOME);
	const char *key;
	json_t *json, *value;
	size_t i = 0;

	(void)state;
	outcome->success = "0";
	outcome->reason = "timeout";
	outcome->duration = "1.500001";
	json = finish(s);
	json_object_foreach(json, key, value) {
		assert_true(i < COUNT(keys));
		assert_string_equal(key, keys[i++]);
	}
	assert_int_equal(i, COUNT(keys));
	assert_string_equal(json_string_value(json_object_get(json,
	    "target")), "http://127.0.0.1:80");
	assert_string_equal(json_string_value(json_object_get(json,
	    "module")), "full");
	assert_string_equal(json_string_value(json_object_get(json, "time")),
	    "2026-05-17T09:30:00Z");
	assert_true(json_is_false(json_object_get(json, "success")));
	assert_string_equal(json_string_value(json_object_get(json,
	    "reason")), "timeout");
	json_decref(json);
}

static void
what_is_absent_has_no_key(void **state)
{
	static const char *const tables[] = {
		"endpoints", "downstream", "upstream", "ofdm", "ofdma", "link",
		"event", "priority", "occurrence", "latest",
	};
	json_t *json = finish(begin(true));
	size_t i;

	(void)state;
	assert_true(json_is_true(json_object_get(json, "success")));
	assert_null(json_object_get(json, "reason"));
	assert_null(json_object_get(json, "duration_seconds"));
	for (i = 0; i < COUNT(tables); i++)
		check_count(json, tables[i], 0);
	json_decref(json);
}

static void
endpoints_are_told_one_by_one(void **state)
{
	struct cm_snapshot *s = begin(false);
	struct cm_page *page = snapshot_add(s, CM_RECORD_PAGE);
	json_t *json;

	(void)state;
	assert_non_null(page);
	*page = (struct cm_page){
		.endpoint = "dsinfo", .success = "1", .duration = "0.25",
		.bytes = "5800", .age = "0", .rejected = "3",
	};
	page = snapshot_add(s, CM_RECORD_PAGE);
	assert_non_null(page);
	*page = (struct cm_page){
		.endpoint = "usinfo", .success = "0", .reason = "timeout",
	};
	json = finish(s);
	check_count(json, "endpoints", 2);
	check_row(json, "endpoints", 0, "{\"endpoint\":\"dsinfo\","
	    "\"success\":true,\"duration_seconds\":0.25,"
	    "\"response_bytes\":5800,\"age_seconds\":0,"
	    "\"rejected_values\":3}");
	check_row(json, "endpoints", 1, "{\"endpoint\":\"usinfo\","
	    "\"success\":false,\"reason\":\"timeout\"}");
	json_decref(json);
}

static void
tables_of_channels_have_a_row_for_each(void **state)
{
	struct cm_snapshot *s = begin(false);
	json_t *json;

	(void)state;
	decode(s, CM_DSINFO, "[{\"portId\":\"1\",\"frequency\":\"483000000\","
	    "\"modulation\":\"2\",\"signalStrength\":\"6.250\","
	    "\"snr\":\"37.5\",\"dsoctets\":\"3 * 2e32 + 1024991746\","
	    "\"correcteds\":\"103\",\"uncorrect\":\"7\",\"channelId\":\"9\"},"
	    "{\"channelId\":\"10\",\"snr\":\"NA\"}]");
	decode(s, CM_USINFO, "[{\"portId\":\"2\",\"frequency\":\"25900000\","
	    "\"bandwidth\":\"6400000\",\"modtype\":\"64QAM\",\"scdmaMode\":"
	    "\"ATDMA\",\"signalStrength\":\"-31.25\",\"channelId\":\"4\"}]");
	decode(s, CM_DSOFDMINFO, "[{\"receive\":\"1\",\"ffttype\":\"4K\","
	    "\"Subcarr0freqFreq\":\"7000000\",\"plclock\":\"YES\","
	    "\"ncplock\":\"NO\",\"plcpower\":\"8.5\",\"SNR\":\"37\","
	    "\"dsoctets\":\"18\",\"correcteds\":\"88\",\"uncorrect\":\"6\"}]");
	decode(s, CM_USOFDMINFO, "[{\"uschindex\":\"0\",\"state\":\"OPERATE\","
	    "\"frequency\":\"42000000\",\"digAtten\":\"0.25\",\"digAttenBo\":"
	    "\"5.5\",\"channelBw\":\"39.2\",\"repPower\":\"51.5\","
	    "\"repPower1_6\":\"37.75\",\"fftVal\":\"2K\"}]");
	json = finish(s);
	check_count(json, "downstream", 2);
	check_row(json, "downstream", 0, "{\"channel\":\"9\",\"power\":6.25,"
	    "\"snr\":37.5,\"correctables\":103,\"uncorrectables\":7,"
	    "\"frequency_hertz\":483000000,"
	    "\"corrected_codewords_total\":103,"
	    "\"uncorrectable_codewords_total\":7,"
	    "\"octets_total\":13909893634,\"port\":\"1\","
	    "\"frequency\":\"483000000\",\"modulation\":\"256QAM\"}");
	check_row(json, "downstream", 1, "{\"channel\":\"10\"}");
	check_row(json, "upstream", 0, "{\"channel\":\"4\",\"power\":-31.25,"
	    "\"frequency_hertz\":25900000,\"bandwidth_hertz\":6400000,"
	    "\"port\":\"2\",\"frequency\":\"25900000\","
	    "\"modulation\":\"64QAM\",\"mode\":\"ATDMA\"}");
	check_row(json, "ofdm", 0, "{\"channel\":\"1\",\"power\":8.5,"
	    "\"snr\":37,\"correctable\":88,\"uncorrectable\":6,"
	    "\"subcarrier0_frequency_hertz\":7000000,"
	    "\"corrected_codewords_total\":88,"
	    "\"uncorrectable_codewords_total\":6,\"octets_total\":18,"
	    "\"lock\":{\"plc\":1,\"ncp\":0},\"frequency\":\"7000000\","
	    "\"fft\":\"4K\"}");
	check_row(json, "ofdma", 0, "{\"channel\":\"0\",\"operational\":1,"
	    "\"state\":\"OPERATE\",\"fft\":\"2K\",\"power\":51.5,"
	    "\"power_1_6mhz\":37.75,\"frequency_hertz\":42000000,"
	    "\"bandwidth_hertz\":39200000,\"digital_attenuation\":0.25,"
	    "\"digital_attenuation_backoff\":5.5}");
	json_decref(json);
}

static void
single_records_are_arrays_of_one(void **state)
{
	struct cm_snapshot *s = begin(false);
	json_t *json;

	(void)state;
	decode(s, CM_GETCMDOCSISWAN, "[{\"Configname\":\"a.cfg\","
	    "\"NetworkAccess\":\"Permitted\",\"CmIpAddress\":\"192.0.2.1\","
	    "\"CmNetMask\":\"\",\"CmIpLeaseDuration\":"
	    "\"D: 0 H: 01 M: 00 S: 01\"}]");
	decode(s, CM_GETSYSINFO, "[{\"hwVersion\":\"1A\",\"swVersion\":"
	    "\"7.3\",\"serialNumber\":\"S1\",\"rfMac\":\"02:00:5E:10:00:01\","
	    "\"systemUptime\":\"1h:00m:01s\",\"systemTime\":"
	    "\"Thu Aug 01, 2024, 03:54:46\"}]");
	decode(s, CM_SYSTEM_MODEL,
	    "{\"modelName\":\"CODA\",\"vendorname\":\"HITRON\"}");
	decode(s, CM_GETCMINIT, "[{\"hwInit\":\"Success\",\"ranging\":"
	    "\"Process\",\"bpiStatus\":\"AUTH:start, TEK:start\","
	    "\"networkAccess\":\"Permitted\",\"trafficStatus\":\"Enable\"}]");
	json = finish(s);
	check_count(json, "wan", 1);
	check_row(json, "wan", 0, "{\"config_name\":\"a.cfg\","
	    "\"ip_address\":\"192.0.2.1\",\"network_access\":1,"
	    "\"dhcp_lease_seconds\":3601}");
	check_count(json, "system", 1);
	check_row(json, "system", 0, "{\"uptime\":3601,"
	    "\"system_time\":1722484486,\"uptime_str\":\"1h:00m:01s\","
	    "\"vendor\":\"HITRON\",\"model\":\"CODA\","
	    "\"hardware_version\":\"1A\",\"software_version\":\"7.3\"}");
	check_count(json, "init", 1);
	check_row(json, "init", 0, "{\"init_success\":{\"hw_init\":1,"
	    "\"ranging\":0},\"auth\":\"start\",\"tek\":\"start\","
	    "\"bpi_operational\":0,\"network_access\":1,"
	    "\"traffic_enabled\":1}");
	json_decref(json);
}

static void
identifiers_are_there_if_asked_for(void **state)
{
	static const char body[] = "[{\"serialNumber\":\"S\\\"1\","
	    "\"rfMac\":\"02:00:5E:10:00:01\"}]";
	struct cm_snapshot *s = begin(true);
	json_t *json;
	char *text;

	(void)state;
	decode(s, CM_GETSYSINFO, body);
	json = finish(s);
	check_row(json, "system", 0, "{\"serial_number\":\"S\\\"1\","
	    "\"rf_mac\":\"02:00:5E:10:00:01\"}");
	json_decref(json);
	s = begin(false);
	decode(s, CM_GETSYSINFO, body);
	text = encode(s);
	assert_null(strstr(text, "5E:10"));
	assert_null(strstr(text, "serial"));
	free(text);
	snapshot_free(s);
}

static void
links_and_the_log_are_tables_too(void **state)
{
	struct cm_snapshot *s = begin(false);
	json_t *json;

	(void)state;
	decode(s, CM_GETLINKSTATUS, "[{\"LinkStatus\":\"Up\",\"LinkDuplex\":"
	    "\"Full\",\"LinkSpeed\":\"2.5Gbps\"},{\"LinkStatus\":\"Down\"}]");
	decode(s, CM_STATUS_LOG, "[{\"index\":1,\"time\":\"11/03/25 18:41:57\""
	    ",\"type\":\"82000200\",\"priority\":\"Critical\",\"event\":"
	    "\"T3;CM-MAC=02:00:5e:10:00:01;\"},{\"time\":\"01/01/70 00:00:54\""
	    ",\"type\":90000006,\"priority\":\"3\"},{\"priority\":\"5\"}]");
	json = finish(s);
	check_count(json, "link", 2);
	check_row(json, "link", 0, "{\"port\":\"1\",\"up\":1,"
	    "\"speed_bytes\":312500000,\"full_duplex\":1}");
	check_row(json, "link", 1, "{\"port\":\"2\",\"up\":0}");
	check_count(json, "event", 3);
	check_row(json, "event", 0, "{\"time\":1762195317,\"type\":"
	    "\"82000200\",\"priority\":\"critical\",\"text\":\"T3\"}");
	check_row(json, "event", 1, "{\"time\":54,\"type\":\"90000006\","
	    "\"priority\":\"critical\"}");
	check_row(json, "event", 2, "{\"priority\":\"warning\"}");
	check_count(json, "priority", 2);
	check_row(json, "priority", 0,
	    "{\"priority\":\"critical\",\"entries\":2}");
	check_row(json, "priority", 1,
	    "{\"priority\":\"warning\",\"entries\":1}");
	check_count(json, "occurrence", 9);
	check_row(json, "occurrence", 0,
	    "{\"event\":\"t3_timeout\",\"events\":1}");
	check_row(json, "occurrence", 1,
	    "{\"event\":\"t4_timeout\",\"events\":0}");
	check_row(json, "occurrence", 7,
	    "{\"event\":\"reboot\",\"events\":1}");
	check_row(json, "occurrence", 8, "{\"event\":\"other\",\"events\":1}");
	check_count(json, "latest", 1);
	check_row(json, "latest", 0, "{\"priority\":\"critical\","
	    "\"latest_timestamp_seconds\":1762195317}");
	json_decref(json);
}

static void
numbers_keep_every_digit(void **state)
{
	static const struct {
		const char	*power;
		const char	*counter;
	} rows[] = {
		{ "-5.200001", "18446744073709551615" },
		{ "0.1234567890123456789012345", "9007199254740993" },
		{ "-0.5", "0" },
	};
	struct cm_snapshot *s;
	char body[256], want[128], *text;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		s = begin(false);
		snprintf(body, sizeof(body), "[{\"signalStrength\":\"%s0\","
		    "\"dsoctets\":\"+0%s\"}]", rows[i].power,
		    rows[i].counter);
		decode(s, CM_DSINFO, body);
		text = encode(s);
		snprintf(want, sizeof(want), "\"power\":%s,", rows[i].power);
		assert_non_null(strstr(text, want));
		snprintf(want, sizeof(want), "\"octets_total\":%s}",
		    rows[i].counter);
		assert_non_null(strstr(text, want));
		free(text);
		snapshot_free(s);
	}
}

static void
hostile_texts_come_back_as_they_went(void **state)
{
	static const char *const texts[] = {
		"\"", "\\", "\\\"", "a\"b\\c\nd\te\rf\bg\fh", "/", "\\u0041",
		"\x01\x1f\x7f", "\"},{\"x\":[", "</script>", "# TYPE",
		"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xef\xbf\xbd",
		"\xe2\x80\xa8", "%s%n", "{}[],:",
	};
	struct cm_snapshot *s;
	struct cm_wan *wan;
	struct cm_downstream *row;
	const json_t *got;
	json_t *json;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		s = begin(false);
		wan = snapshot_single(s, CM_RECORD_WAN);
		wan->config_name = texts[i];
		row = snapshot_add(s, CM_RECORD_DOWNSTREAM);
		assert_non_null(row);
		row->channel = texts[i];
		row->snr = "1";
		text = cm_snapshot_encode_json(s, texts[i], texts[i],
		    texts[i]);
		assert_non_null(text);
		json = parse(text);
		free(text);
		snapshot_free(s);
		assert_string_equal(json_string_value(json_object_get(json,
		    "target")), texts[i]);
		assert_string_equal(json_string_value(json_object_get(json,
		    "module")), texts[i]);
		assert_string_equal(json_string_value(json_object_get(json,
		    "time")), texts[i]);
		got = row_of(json, "wan", 0);
		assert_string_equal(json_string_value(json_object_get(got,
		    "config_name")), texts[i]);
		got = row_of(json, "downstream", 0);
		assert_string_equal(json_string_value(json_object_get(got,
		    "channel")), texts[i]);
		assert_int_equal(json_integer_value(json_object_get(got,
		    "snr")), 1);
		json_decref(json);
	}
}

/* Better no answer than one with holes. */
static void
a_snapshot_that_failed_has_no_answer(void **state)
{
	struct cm_snapshot *s = begin(false);

	(void)state;
	s->failed = true;
	assert_null(cm_snapshot_encode_json(s, "t", "m", "now"));
	snapshot_free(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_begins_with_what_was_asked),
		cmocka_unit_test(what_is_absent_has_no_key),
		cmocka_unit_test(endpoints_are_told_one_by_one),
		cmocka_unit_test(tables_of_channels_have_a_row_for_each),
		cmocka_unit_test(single_records_are_arrays_of_one),
		cmocka_unit_test(identifiers_are_there_if_asked_for),
		cmocka_unit_test(links_and_the_log_are_tables_too),
		cmocka_unit_test(numbers_keep_every_digit),
		cmocka_unit_test(hostile_texts_come_back_as_they_went),
		cmocka_unit_test(a_snapshot_that_failed_has_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
