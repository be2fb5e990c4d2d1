/* SPDX-License-Identifier: MIT */

/*
 * Verdicts: pages as a modem sends them, and what is said of the line.
 *
 *	TEST_README=README.md test_health
 *
 * The thresholds are those of the README's table, which the alert rules are
 * compared with too.
 */

#include <math.h>

#include "cablemodem_health.h"
#include "decode.h"
#include "record.h"
#include "unit.h"

static struct cm_snapshot *
begin(void)
{
	struct cm_snapshot *s = snapshot_new(false);

	assert_non_null(s);
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

static const struct cm_finding *
finding(const struct cm_health *health, const char *part)
{
	unsigned i;

	for (i = 0; i < health->count; i++)
		if (strstr(health->findings[i].text, part) != NULL)
			return &health->findings[i];
	return NULL;
}

/* One page, and the grade of the line by it, with a part of what is said. */
static void
judges(enum cm_endpoint page, const char *body, enum cm_grade grade,
    const char *part)
{
	struct cm_snapshot *s = begin();
	struct cm_health health;
	const struct cm_finding *found;

	decode(s, page, body);
	cm_health(s, &health);
	found = finding(&health, part);
	if (found == NULL)
		fail_msg("'%s' is not said of %s, but '%s'", part, body,
		    health.count > 0 ? health.findings[0].text : "nothing");
	else if (health.grade != grade || found->grade != grade)
		fail_msg("%s is %s, and not %s", body,
		    cm_grade_word(health.grade), cm_grade_word(grade));
	snapshot_free(s);
}

static void
values_are_graded_at_their_limits(void **state)
{
	static const struct {
		enum cm_measure	 measure;
		const char	*value;
		enum cm_grade	 grade;
	} rows[] = {
		{ CM_DOWNSTREAM_POWER, NULL, CM_UNKNOWN },
		{ CM_DOWNSTREAM_POWER, "0", CM_GOOD },
		{ CM_DOWNSTREAM_POWER, "7", CM_GOOD },
		{ CM_DOWNSTREAM_POWER, "7.1", CM_TOLERABLE },
		{ CM_DOWNSTREAM_POWER, "12", CM_TOLERABLE },
		{ CM_DOWNSTREAM_POWER, "12.001", CM_BAD },
		{ CM_DOWNSTREAM_POWER, "15", CM_BAD },
		{ CM_DOWNSTREAM_POWER, "15.1", CM_CRITICAL },
		{ CM_DOWNSTREAM_POWER, "-7", CM_GOOD },
		{ CM_DOWNSTREAM_POWER, "-10", CM_TOLERABLE },
		{ CM_DOWNSTREAM_POWER, "-10.1", CM_BAD },
		{ CM_DOWNSTREAM_POWER, "-15.1", CM_CRITICAL },
		{ CM_DOWNSTREAM_SNR_256QAM, "35", CM_GOOD },
		{ CM_DOWNSTREAM_SNR_256QAM, "34.9", CM_TOLERABLE },
		{ CM_DOWNSTREAM_SNR_256QAM, "30.9", CM_BAD },
		{ CM_DOWNSTREAM_SNR_256QAM, "29.9", CM_CRITICAL },
		{ CM_DOWNSTREAM_SNR_64QAM, "27", CM_GOOD },
		{ CM_DOWNSTREAM_SNR_64QAM, "24.9", CM_BAD },
		{ CM_UPSTREAM_POWER, "51", CM_TOLERABLE },
		{ CM_UPSTREAM_POWER, "51.1", CM_BAD },
		{ CM_UPSTREAM_POWER, "90", CM_BAD },
		{ CM_OFDMA_POWER, "48", CM_GOOD },
		{ CM_OFDMA_POWER, "37.9", CM_BAD },
		{ CM_RANGING_TIMEOUTS, "0", CM_GOOD },
		{ CM_RANGING_TIMEOUTS, "2", CM_TOLERABLE },
		{ CM_RANGING_TIMEOUTS, "3", CM_BAD },
		{ CM_CODEWORDS_LOST, "0.0000009", CM_GOOD },
		{ CM_CODEWORDS_LOST, "0.000002", CM_BAD },
		{ CM_CODEWORDS_LOST, "0.02", CM_CRITICAL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (cm_grade(rows[i].measure, rows[i].value) != rows[i].grade)
			fail_msg("%s: %s is %s",
			    cm_thresholds(rows[i].measure)->name,
			    rows[i].value, cm_grade_word(cm_grade(
			    rows[i].measure, rows[i].value)));
}

#define DOWN(power, snr, modulation, lost, id) \
	"{\"frequency\":\"387000000\",\"signalStrength\":\"" power "\"," \
	"\"snr\":\"" snr "\",\"modulation\":\"" modulation "\"," \
	"\"dsoctets\":\"1000000000\",\"correcteds\":\"0\"," \
	"\"uncorrect\":\"" lost "\",\"channelId\":\"" id "\"}"
#define OFDM(plc, ncp, mdc1) \
	"[{\"receive\":\"1\",\"plclock\":\"" plc "\",\"ncplock\":\"" ncp \
	"\",\"mdc1lock\":\"" mdc1 "\",\"plcpower\":\"5\",\"SNR\":\"40\"}]"
#define ONLINE(ranging, access) \
	"[{\"hwInit\":\"Success\",\"findDownstream\":\"Success\"," \
	"\"ranging\":\"" ranging "\",\"dhcp\":\"Process\"," \
	"\"networkAccess\":\"" access "\"}]"
#define PORT(up, speed, duplex) \
	"{\"LinkStatus\":\"" up "\",\"LinkSpeed\":\"" speed "\"," \
	"\"LinkDuplex\":\"" duplex "\"}"

static void
a_line_is_as_bad_as_what_is_worst_of_it(void **state)
{
	static const struct {
		enum cm_endpoint	 page;
		const char		*body;
		enum cm_grade		 grade;
		const char		*part;
	} rows[] = {
		{ CM_DSINFO, "[" DOWN("0", "38", "2", "0", "7") "]", CM_GOOD,
		    "Downstream power is good on channel 7, 0 dBmV." },
		{ CM_DSINFO, "[" DOWN("1", "38", "2", "0", "7") ","
		    DOWN("8", "36", "2", "0", "8") ","
		    DOWN("9.5", "36", "2", "0", "9") "]", CM_TOLERABLE,
		    "not at its best on 2 of 3 channels, worst on channel 9 "
		    "with 9.5 dBmV; -7 to 7 is good." },
		/* The worst is the furthest out, not the largest. */
		{ CM_DSINFO, "[" DOWN("13", "38", "2", "0", "7") ","
		    DOWN("-14.5", "36", "2", "0", "8") "]", CM_BAD,
		    "out of range on 2 of 2 channels, worst on channel 8 with "
		    "-14.5 dBmV" },
		{ CM_DSINFO, "[" DOWN("0", "28", "1", "0", "7") "]", CM_GOOD,
		    "SNR of 64QAM is good" },
		{ CM_DSINFO, "[" DOWN("0", "28", "3", "0", "7") "]",
		    CM_CRITICAL, "SNR is out of range on channel 7 with "
		    "28 dB; 35 and more is good" },
		{ CM_DSINFO, "[" DOWN("0", "38", "2", "0", "7") ","
		    DOWN("0", "38", "2", "9000", "8") "]", CM_BAD,
		    "0.0009 % on channel 8; less than 0.0001 % is good." },
		{ CM_DSINFO, "[" DOWN("0", "38", "2", "90000000", "8") "]",
		    CM_CRITICAL, "8.3 % on channel 8" },
		{ CM_DSINFO, "[" DOWN("0", "38", "2", "0", "7") ","
		    DOWN("0", "38", "2", "0", "8") "]", CM_GOOD,
		    "began: less than 0.0001 % on each channel." },
		{ CM_DSINFO, "[]", CM_CRITICAL, "no downstream channel" },
		{ CM_USINFO, "[]", CM_CRITICAL, "no upstream channel" },
		{ CM_USINFO, "[{\"channelId\":\"4\",\"frequency\":\"25900000\""
		    ",\"signalStrength\":\"52\"}]", CM_BAD,
		    "Upstream power is out of range" },
		{ CM_DSOFDMINFO, OFDM("YES", "YES", "YES"), CM_GOOD,
		    "OFDM SNR is good" },
		{ CM_DSOFDMINFO, OFDM("YES", "NO", "NO"), CM_BAD,
		    "OFDM receiver 1 has only a part of its lock; missing: "
		    "NCP MDC1." },
		{ CM_USOFDMINFO, "[{\"uschindex\":\"0\",\"state\":\"OPERATE\","
		    "\"frequency\":\"42000000\",\"repPower1_6\":\"49\"}]",
		    CM_BAD, "OFDMA power is out of range" },
		{ CM_GETCMINIT, ONLINE("Process", "Permitted"), CM_BAD,
		    "not online yet: ranging is not done" },
		{ CM_GETCMINIT, ONLINE("Success", "Denied"), CM_CRITICAL,
		    "denies" },
		{ CM_GETLINKSTATUS, "[" PORT("Up", "2500Mbps", "Full") "]",
		    CM_GOOD, "Port 1 to the router runs at 2.5 Gbit/s, full" },
		{ CM_GETLINKSTATUS, "[" PORT("Up", "100Mbps", "Full") ","
		    PORT("Up", "1000Mbps", "Full") "]", CM_TOLERABLE,
		    "Port 2 to the router runs at 1 Gbit/s" },
		{ CM_GETLINKSTATUS, "[" PORT("Up", "2500Mbps", "Half") "]",
		    CM_BAD, "half duplex" },
		{ CM_GETSYSINFO, "[{\"systemUptime\":\"00h:59m:59s\"}]",
		    CM_TOLERABLE, "The modem started 59 minutes ago." },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		judges(rows[i].page, rows[i].body, rows[i].grade,
		    rows[i].part);
}

static void
what_is_not_known_is_not_judged(void **state)
{
	struct cm_snapshot *s = begin();
	struct cm_health health;
	struct cm_page *page;

	(void)state;
	cm_health(s, &health);
	assert_int_equal(health.grade, CM_UNKNOWN);
	assert_int_equal(health.count, 0);
	/* A spare receiver has no lock at all. */
	decode(s, CM_DSOFDMINFO, OFDM("NO", "NO", "NO"));
	decode(s, CM_GETLINKSTATUS, "[" PORT("Down", "-", "-") "]");
	decode(s, CM_STATUS_LOG, "[{\"type\":\"82000200\"}]");
	cm_health(s, &health);
	assert_int_equal(health.count, 0);
	page = snapshot_add(s, CM_RECORD_PAGE);
	assert_non_null(page);
	*page = (struct cm_page){ .endpoint = "dsinfo", .success = "0",
	    .reason = "timeout" };
	cm_health(s, &health);
	assert_int_equal(health.grade, CM_UNKNOWN);
	assert_int_equal(health.count, 0);
	snapshot_free(s);
}

static void
add_page(struct cm_snapshot *s, const char *name, bool success)
{
	struct cm_page *page = snapshot_add(s, CM_RECORD_PAGE);

	assert_non_null(page);
	*page = (struct cm_page){ .endpoint = name,
	    .success = success ? "1" : "0", .reason = "timeout" };
}

/* A line of which much is missing is neither good nor bad by that. */
static void
pages_that_were_not_read_are_told(void **state)
{
	static const struct {
		const char	*missing;
		const char	*untold;	/* NULL: nothing */
		enum cm_reason	 reason;	/* of the probe */
		const char	*upstream;	/* power */
		enum cm_grade	 grade;
	} rows[] = {
		{ "status_log", "the event log", CM_OK, "40", CM_GOOD },
		{ "status_log", "the event log", CM_OK, "50", CM_TOLERABLE },
		{ "status_log", "the event log", CM_TIMEOUT, "40",
		    CM_UNKNOWN },
		{ "dsinfo", "downstream channels", CM_TIMEOUT, "40",
		    CM_UNKNOWN },
		{ "dsinfo", "downstream channels", CM_TIMEOUT, "50",
		    CM_UNKNOWN },
		{ "dsinfo", "downstream channels", CM_TIMEOUT, "52", CM_BAD },
		{ "getSysInfo", "uptime", CM_OK, "40", CM_GOOD },
		{ "system_model", NULL, CM_OK, "40", CM_GOOD },
	};
	struct cm_snapshot *s;
	struct cm_health health;
	const char *told;
	char body[128];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		s = begin();
		add_page(s, "usinfo", true);
		add_page(s, rows[i].missing, false);
		s->error.reason = rows[i].reason;
		snprintf(body, sizeof(body), "[{\"channelId\":\"4\","
		    "\"frequency\":\"25900000\",\"signalStrength\":\"%s\"}]",
		    rows[i].upstream);
		decode(s, CM_USINFO, body);
		cm_health(s, &health);
		assert_int_equal(health.grade, rows[i].grade);
		assert_int_equal(health.count, 2);
		/* Behind what is not good, and before what is. */
		told = health.findings[strcmp(rows[i].upstream, "40") != 0]
		    .text;
		assert_non_null(strstr(told, rows[i].missing));
		assert_true((strstr(told, "Not judged") != NULL) ==
		    (rows[i].untold != NULL));
		if (rows[i].untold != NULL)
			assert_non_null(strstr(told, rows[i].untold));
		snapshot_free(s);
	}
}

#define EVENT(time, type) "{\"time\":\"" time "\",\"type\":\"" type "\"}"

static void
time_outs_are_recent_by_the_modems_clock(void **state)
{
	struct cm_snapshot *s = begin();
	struct cm_health health;
	const struct cm_finding *found;

	(void)state;
	decode(s, CM_GETSYSINFO,
	    "[{\"systemTime\":\"Thu Aug 01, 2024, 03:54:46\"}]");
	decode(s, CM_STATUS_LOG, "["
	    EVENT("08/01/24 03:54:00", "82000200") ","
	    EVENT("08/01/24 02:54:47", "82000500") ","
	    EVENT("08/01/24 02:54:46", "82000400") ","
	    EVENT("08/01/24 03:50:00", "82000300") ","
	    EVENT("08/01/24 03:58:00", "82000400") ","
	    EVENT("08/01/24 02:50:00", "84000700") ","
	    EVENT("01/01/70 00:00:50", "82000400") "]");
	cm_health(s, &health);
	found = finding(&health, "T3 and T4");
	assert_non_null(found);
	assert_string_equal(found->text, "T3 and T4 time-outs within the last "
	    "hour: 2; 5 in the event log.");
	assert_int_equal(found->grade, CM_TOLERABLE);
	assert_null(finding(&health, "partial service"));
	decode(s, CM_STATUS_LOG, "["
	    EVENT("08/01/24 03:54:00", "85010200") "]");
	cm_health(s, &health);
	assert_int_equal(health.grade, CM_BAD);
	assert_non_null(finding(&health, "partial service"));
	snapshot_free(s);
}

static void
hostile_names_make_printable_sentences(void **state)
{
	struct cm_snapshot *s = begin();
	struct cm_health health;
	char body[2048], name[512];
	const char *p;
	unsigned i;

	(void)state;
	memset(name, '<', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memcpy(name, "\\u001b[2J\\u009b", 15);
	snprintf(body, sizeof(body), "[{\"channelId\":\"%s\","
	    "\"frequency\":\"1000000\",\"signalStrength\":\"-99\","
	    "\"snr\":\"1\",\"dsoctets\":\"1\",\"correcteds\":\"1\","
	    "\"uncorrect\":\"1\"}]", name);
	decode(s, CM_DSINFO, body);
	cm_health(s, &health);
	assert_int_equal(health.count, 3);
	for (i = 0; i < health.count; i++)
		for (p = health.findings[i].text; *p != '\0'; p++)
			assert_true(*p >= ' ' && *p <= '~');
	snapshot_free(s);
}

/* The README. */

#define HEADING "\n## How to read a line's health\n"

static char *
read_readme(void)
{
	const char *path = getenv("TEST_README");
	FILE *file = path != NULL ? fopen(path, "rb") : NULL;
	char *text = calloc(1, 1 << 20);
	size_t n;

	assert_non_null(file);
	assert_non_null(text);
	n = fread(text, 1, (1 << 20) - 1, file);
	assert_true(n > 0 && feof(file));
	fclose(file);
	return text;
}

/* A row of the table, cut into cells; gives what follows it. */
static char *
next_row(char *text, char **cells, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		assert_true(*text == '|');
		text += 2;
		cells[i] = text;
		text = strchr(text, '|');
		assert_non_null(text);
		/* An empty cell is one blank, the one before it. */
		text[-1] = '\0';
		if (cells[i] == text)
			cells[i]--;
	}
	return text + 2;
}

/* The number behind a word in a cell, or the infinity of that sign. */
static double
number_behind(const char *cell, const char *word, double none)
{
	const char *at = strstr(cell, word);

	return at != NULL ? strtod(at + strlen(word), NULL) : none;
}

/* What a cell says is good or tolerable. */
static struct cm_range
range_of(const char *cell)
{
	struct cm_range range = { -HUGE_VAL, HUGE_VAL };
	char *end;
	double first = strtod(cell, &end);

	if (strncmp(cell, "less than ", 10) == 0)
		range.high = strtod(cell + 10, NULL);
	else if (strcmp(cell, "none") == 0)
		range.high = 0;
	else {
		assert_true(end != cell);
		range.low = first;
		if (strncmp(end, " to ", 4) == 0)
			range.high = strtod(end + 4, NULL);
	}
	return range;
}

static void
check_range(const char *name, struct cm_range is, struct cm_range is_to_be)
{
	if (is.low != is_to_be.low || is.high != is_to_be.high)
		fail_msg("%s: %g to %g, and in the README %g to %g", name,
		    is.low, is.high, is_to_be.low, is_to_be.high);
}

static void
check_row(const struct cm_thresholds *t, char **cells)
{
	struct cm_range tolerable = {
		number_behind(cells[3], "below ", -HUGE_VAL),
		number_behind(cells[3], "above ", HUGE_VAL) };
	struct cm_range bad = {
		number_behind(cells[4], "below ", -HUGE_VAL),
		number_behind(cells[4], "above ", HUGE_VAL) };

	check_range(t->name, t->good, range_of(cells[1]));
	check_range(t->name, t->tolerable, tolerable);
	check_range(t->name, t->bad, *cells[4] != '\0' ? bad : tolerable);
}

static void
thresholds_are_those_of_the_readme(void **state)
{
	bool seen[CM_MEASURE_COUNT] = { false };
	char *text = read_readme(), *row, *cells[6];
	unsigned i;

	(void)state;
	row = strstr(text, HEADING);
	assert_non_null(row);
	row = strstr(row, "\n| --- ");
	assert_non_null(row);
	for (row = strchr(row + 1, '\n') + 1; *row == '|';) {
		row = next_row(row, cells, COUNT(cells));
		for (i = 0; i < CM_MEASURE_COUNT; i++)
			if (strcmp(cells[0], cm_thresholds(i)->name) == 0) {
				check_row(cm_thresholds(i), cells);
				seen[i] = true;
			}
	}
	for (i = 0; i < CM_MEASURE_COUNT; i++)
		if (!seen[i])
			fail_msg("'%s' is not in the README",
			    cm_thresholds(i)->name);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_graded_at_their_limits),
		cmocka_unit_test(a_line_is_as_bad_as_what_is_worst_of_it),
		cmocka_unit_test(what_is_not_known_is_not_judged),
		cmocka_unit_test(pages_that_were_not_read_are_told),
		cmocka_unit_test(time_outs_are_recent_by_the_modems_clock),
		cmocka_unit_test(hostile_names_make_printable_sentences),
		cmocka_unit_test(thresholds_are_those_of_the_readme),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
