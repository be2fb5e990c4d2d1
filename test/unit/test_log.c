/* SPDX-License-Identifier: MIT */

/*
 * The log: one line an event whatever is in it, read back from stderr.
 */

#include "log.h"

#include <event2/event.h>
#include <jansson.h>
#include <regex.h>

#include "capture.h"
#include "unit.h"

/* Cut the time off a line's text, having looked at it. */
static char *
without_time(char *text)
{
	static const char pattern[] = "^time=20[0-9][0-9]-[01][0-9]-[0-3][0-9]"
	    "T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9][0-9][0-9]Z ";
	regmatch_t match;
	regex_t regex;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED), 0);
	if (regexec(&regex, text, 1, &match, 0) != 0)
		fail_msg("no time in UTC at the beginning of: %s", text);
	regfree(&regex);
	memmove(text, text + match.rm_eo, strlen(text + match.rm_eo) + 1);
	return text;
}

static void
check_value(const char *value, const char *written)
{
	struct capture c;
	char line[4096], *text;

	capture_begin(&c, stderr);
	log_line(LEVEL_WARN, "probe", "reason", value, "next", "1", NULL);
	text = capture_end(&c);
	snprintf(line, sizeof(line), "level=warn msg=probe reason=%s next=1\n",
	    written);
	assert_string_equal(without_time(text), line);
	free(text);
}

static void
a_line_is_message_and_pairs(void **state)
{
	struct capture c;
	char *text;

	(void)state;
	capture_begin(&c, stderr);
	log_line(LEVEL_INFO, "coda56-exporter", "version", "0.1.0",
	    "max", "512", NULL);
	text = capture_end(&c);
	assert_string_equal(without_time(text),
	    "level=info msg=coda56-exporter version=0.1.0 max=512\n");
	free(text);

	capture_begin(&c, stderr);
	log_line(LEVEL_ERROR, "no memory", NULL);
	text = capture_end(&c);
	assert_string_equal(without_time(text),
	    "level=error msg=\"no memory\"\n");
	free(text);
}

static void
plain_values_stand_as_they_are(void **state)
{
	static const char *const values[] = {
		"timeout", "10.0.0.7:443", "https://[fd00::1]:443/", "0.25",
		"a,b;c", "{}[]()<>", "%s%n", "#", "'x'",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(values); i++)
		check_value(values[i], values[i]);
}

static void
values_that_would_not_stand_alone_are_quoted(void **state)
{
	(void)state;
	check_value("", "\"\"");
	check_value("a b", "\"a b\"");
	check_value(" ", "\" \"");
	check_value("a=b", "\"a=b\"");
	check_value("level=info msg=x", "\"level=info msg=x\"");
}

static void
quotes_and_backslashes_are_escaped(void **state)
{
	(void)state;
	check_value("\"", "\"\\\"\"");
	check_value("\\", "\"\\\\\"");
	check_value("a\"b\\c", "\"a\\\"b\\\\c\"");
	check_value("\\\"", "\"\\\\\\\"\"");
	check_value("x\" level=info msg=\"y", "\"x\\\" level=info msg=\\\"y\"");
}

static void
control_bytes_are_escaped(void **state)
{
	char value[4] = "a?b", written[16];
	int c;

	(void)state;
	for (c = 1; c < 0x20; c++) {
		value[1] = (char)c;
		snprintf(written, sizeof(written), "\"a\\x%02xb\"",
		    (unsigned)c);
		check_value(value, written);
	}
	check_value("\x7f", "\"\\x7f\"");
	check_value("x\ntime=2024 level=info msg=forged",
	    "\"x\\x0atime=2024 level=info msg=forged\"");
	check_value("\x1b[2J", "\"\\x1b[2J\"");
}

static void
messages_are_escaped_like_values(void **state)
{
	struct capture c;
	char *text;

	(void)state;
	capture_begin(&c, stderr);
	log_line(LEVEL_WARN, "a\nb=\"c\"", NULL);
	text = capture_end(&c);
	assert_string_equal(without_time(text),
	    "level=warn msg=\"a\\x0ab=\\\"c\\\"\"\n");
	free(text);
}

/* Nothing reaches a terminal that it could obey: U+009B, and 9B alone, begin
 * a control sequence. */
static void
bytes_that_are_not_ascii_are_escaped(void **state)
{
	(void)state;
	check_value("\xc2\x9b" "2J", "\"\\xc2\\x9b2J\"");
	check_value("\x9b" "2J", "\"\\x9b2J\"");
	check_value("\xff", "\"\\xff\"");
}

/* As JSON, without its time; to be freed. */
static char *
json_line(const char *msg, const char *value)
{
	static const char start[] = "{\"time\":\"20";
	struct capture c;
	char *text;

	log_set_format(LOG_JSON);
	capture_begin(&c, stderr);
	log_line(LEVEL_WARN, msg, "a", value, "b", "1", NULL);
	text = capture_end(&c);
	log_set_format(LOG_LOGFMT);
	assert_memory_equal(text, start, sizeof(start) - 1);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	/* {"time":"2026-11-22T01:02:03.456Z", */
	memmove(text + 1, text + 35, strlen(text + 35) + 1);
	return text;
}

static void
check_json(const char *msg, const char *value, const char *written)
{
	char *text = json_line(msg, value);

	assert_string_equal(text, written);
	free(text);
}

static void
json_has_the_same_pairs(void **state)
{
	(void)state;
	check_json("probe failed", "x y=z", "{\"level\":\"warn\","
	    "\"msg\":\"probe failed\",\"a\":\"x y=z\",\"b\":\"1\"}\n");
	check_json("", NULL, "{\"level\":\"warn\",\"msg\":\"\","
	    "\"a\":\"\",\"b\":\"1\"}\n");
}

static void
json_is_escaped(void **state)
{
	char value[2] = "?", escaped[8], written[80];
	int c;

	(void)state;
	for (c = 1; c < 256; c++) {
		value[0] = (char)c;
		snprintf(escaped, sizeof(escaped),
		    c == '"' || c == '\\' ? "\\%c" :
		    c >= ' ' && c < 0x7f ? "%c" :
		    c < 0x80 ? "\\u%04x" : "\\\\x%02x", c);
		snprintf(written, sizeof(written), "{\"level\":\"warn\","
		    "\"msg\":\"m\",\"a\":\"%s\",\"b\":\"1\"}\n", escaped);
		check_json("m", value, written);
	}
}

/* Wherever a line is cut, it is an object that ends. */
static void
json_that_is_cut_is_json(void **state)
{
	static const char *const fillers[] = { "x", "\"", "\n", "\xff" };
	json_error_t error;
	json_t *object;
	size_t i, n, k;
	char *text;
	char value[2101];

	(void)state;
	for (i = 0; i < COUNT(fillers); i++)
		for (n = 1; n < sizeof(value); n += n < 200 ||
		    (n > 1900 && n < 2060) ? 1 : 37) {
			for (k = 0; k < n; k++)
				value[k] = fillers[i][0];
			value[n] = '\0';
			text = json_line("m", value);
			assert_in_range(strlen(text), 20, 2048);
			object = json_loads(text, 0, &error);
			if (object == NULL)
				fail_msg("%s: %s", error.text, text);
			assert_string_equal(json_string_value(
			    json_object_get(object, "level")), "warn");
			json_decref(object);
			free(text);
		}
}

static void
formats_have_words(void **state)
{
	enum log_format parsed;

	(void)state;
	assert_true(log_parse_format("logfmt", &parsed));
	assert_int_equal(parsed, LOG_LOGFMT);
	assert_true(log_parse_format("json", &parsed));
	assert_int_equal(parsed, LOG_JSON);
	assert_false(log_parse_format("", &parsed));
	assert_false(log_parse_format("JSON", &parsed));
}

static size_t
lines_at(enum log_level level)
{
	struct capture c;
	char *text;
	size_t n = 0, i;

	capture_begin(&c, stderr);
	log_line(level, "x", NULL);
	text = capture_end(&c);
	for (i = 0; text[i] != '\0'; i++)
		n += text[i] == '\n';
	free(text);
	return n;
}

static void
lines_below_the_level_are_dropped(void **state)
{
	enum log_level lowest, level;

	(void)state;
	for (lowest = LEVEL_DEBUG; lowest <= LEVEL_ERROR; lowest++) {
		log_set_level(lowest);
		for (level = LEVEL_DEBUG; level <= LEVEL_ERROR; level++)
			assert_int_equal(lines_at(level), level >= lowest);
	}
	log_set_level(LEVEL_INFO);
}

/* The first of the tests: nothing has set a level yet. */
static void
the_level_is_info_unless_set(void **state)
{
	(void)state;
	assert_int_equal(lines_at(LEVEL_DEBUG), 0);
	assert_int_equal(lines_at(LEVEL_INFO), 1);
}

static void
levels_have_words(void **state)
{
	static const char *const others[] = {
		"", "INFO", "Info", "warning", "trace", "fatal", "inf",
		"info ", "1",
	};
	enum log_level level;
	size_t i;

	(void)state;
	assert_true(log_parse_level("debug", &level));
	assert_int_equal(level, LEVEL_DEBUG);
	assert_true(log_parse_level("info", &level));
	assert_int_equal(level, LEVEL_INFO);
	assert_true(log_parse_level("warn", &level));
	assert_int_equal(level, LEVEL_WARN);
	assert_true(log_parse_level("error", &level));
	assert_int_equal(level, LEVEL_ERROR);
	for (i = 0; i < COUNT(others); i++)
		assert_false(log_parse_level(others[i], &level));
}

static void
long_lines_are_cut_and_end(void **state)
{
	static const char fillers[] = "x\n\\";
	struct capture c;
	char value[10000], *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fillers) - 1; i++) {
		memset(value, fillers[i], sizeof(value) - 1);
		value[sizeof(value) - 1] = '\0';
		capture_begin(&c, stderr);
		log_line(LEVEL_INFO, "x", "a", value, "b", value, NULL);
		text = capture_end(&c);
		assert_in_range(strlen(text), 1000, 9000);
		assert_ptr_equal(strchr(text, '\n'),
		    text + strlen(text) - 1);
		free(text);
	}
}

static void
on_loop(evutil_socket_t fd, short what, void *base)
{
	(void)fd;
	(void)what;
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
libevent_warns_through_the_log(void **state)
{
	static const struct timeval at_once = { 0, 0 };
	struct event_base *base = event_base_new();
	struct capture c;
	char *text;

	(void)state;
	assert_non_null(base);
	log_take_libevent();
	/* A loop within itself is what libevent warns of. */
	assert_int_equal(event_base_once(base, -1, EV_TIMEOUT, on_loop, base,
	    &at_once), 0);
	capture_begin(&c, stderr);
	event_base_dispatch(base);
	text = capture_end(&c);
	event_base_free(base);
	without_time(text);
	assert_memory_equal(text, "level=warn msg=libevent text=\"", 30);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_level_is_info_unless_set),
		cmocka_unit_test(a_line_is_message_and_pairs),
		cmocka_unit_test(plain_values_stand_as_they_are),
		cmocka_unit_test(values_that_would_not_stand_alone_are_quoted),
		cmocka_unit_test(quotes_and_backslashes_are_escaped),
		cmocka_unit_test(control_bytes_are_escaped),
		cmocka_unit_test(messages_are_escaped_like_values),
		cmocka_unit_test(bytes_that_are_not_ascii_are_escaped),
		cmocka_unit_test(json_has_the_same_pairs),
		cmocka_unit_test(json_is_escaped),
		cmocka_unit_test(json_that_is_cut_is_json),
		cmocka_unit_test(formats_have_words),
		cmocka_unit_test(lines_below_the_level_are_dropped),
		cmocka_unit_test(levels_have_words),
		cmocka_unit_test(long_lines_are_cut_and_end),
		cmocka_unit_test(libevent_warns_through_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
