/* SPDX-License-Identifier: MIT */

/*
 * Failures: the words that stand in labels, and texts that nothing from a
 * modem can break.
 */

#include "error.h"

#include "unit.h"

/* Dashboards and alerts name them. */
static void
reasons_have_the_words_of_the_contract(void **state)
{
	static const struct {
		enum cm_reason	 reason;
		const char	*word;
	} rows[] = {
		{ CM_OK, "success" },
		{ CM_RESOLVE_FAILED, "resolve_failed" },
		{ CM_DENIED, "denied" },
		{ CM_CONNECT_REFUSED, "connect_refused" },
		{ CM_UNREACHABLE, "unreachable" },
		{ CM_CONNECT_TIMEOUT, "connect_timeout" },
		{ CM_TLS_HANDSHAKE_FAILED, "tls_handshake_failed" },
		{ CM_TLS_FINGERPRINT_MISMATCH, "tls_fingerprint_mismatch" },
		{ CM_TLS_VERIFICATION_FAILED, "tls_verification_failed" },
		{ CM_TIMEOUT, "timeout" },
		{ CM_CONNECTION_RESET, "connection_reset" },
		{ CM_TRUNCATED, "truncated" },
		{ CM_REDIRECT, "redirect" },
		{ CM_HTTP_STATUS, "http_status" },
		{ CM_HTTP_PROTOCOL, "http_protocol" },
		{ CM_TOO_LARGE, "too_large" },
		{ CM_NOT_JSON, "not_json" },
		{ CM_WRONG_SHAPE, "wrong_shape" },
		{ CM_EXPORTER_LIMIT, "exporter_limit" },
	};
	size_t i;

	(void)state;
	assert_int_equal(COUNT(rows), CM_REASON_COUNT);
	for (i = 0; i < COUNT(rows); i++)
		assert_string_equal(cm_reason_word(rows[i].reason),
		    rows[i].word);
}

static void
every_failure_has_a_hint(void **state)
{
	enum cm_reason reason;

	(void)state;
	assert_string_equal(cm_reason_hint(CM_OK), "");
	for (reason = CM_OK + 1; reason < CM_REASON_COUNT; reason++)
		assert_true(cm_reason_hint(reason)[0] != '\0');
}

static void
setting_an_error_is_false(void **state)
{
	struct cm_error error;

	(void)state;
	assert_false(error_set(&error, CM_TIMEOUT, "no answer in %d s", 10));
	assert_int_equal(error.reason, CM_TIMEOUT);
	assert_string_equal(error.text, "no answer in 10 s");
}

static void
texts_are_printable_ascii(void **state)
{
	struct cm_error error;

	(void)state;
	error_set(&error, CM_NOT_JSON, "it begins '%s'",
	    "<a>\r\n\x1b[2J\x7f\xc3\xa9\xff %n%s");
	assert_string_equal(error.text, "it begins '<a>\\x0d\\x0a\\x1b[2J"
	    "\\x7f\\xc3\\xa9\\xff %n%s'");
}

static void
long_texts_are_cut_between_escapes(void **state)
{
	struct cm_error error;
	char text[1000];
	size_t n, i;

	(void)state;
	for (i = 0; i < 8; i++) {
		memset(text, 0x01, sizeof(text));
		memset(text, 'x', i);
		text[sizeof(text) - 1] = '\0';
		error_set(&error, CM_NOT_JSON, "%s", text);
		n = strlen(error.text);
		assert_in_range(n, 240, sizeof(error.text) - 1);
		assert_int_equal((n - i) % 4, 0);
		assert_string_equal(error.text + n - 4, "\\x01");
	}
}

static void
escapes_fit_the_room_they_are_given(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(cm_escape(out, sizeof(out), ""), 0);
	assert_string_equal(out, "");
	assert_int_equal(cm_escape(out, sizeof(out), "a\x01~ \x7f"), 11);
	assert_string_equal(out, "a\\x01~ \\x7f");
	assert_int_equal(cm_escape(out, 6, "\xff\xff"), 4);
	assert_string_equal(out, "\\xff");
	assert_int_equal(cm_escape(out, 1, "abc"), 0);
	assert_string_equal(out, "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_have_the_words_of_the_contract),
		cmocka_unit_test(every_failure_has_a_hint),
		cmocka_unit_test(setting_an_error_is_false),
		cmocka_unit_test(texts_are_printable_ascii),
		cmocka_unit_test(long_texts_are_cut_between_escapes),
		cmocka_unit_test(escapes_fit_the_room_they_are_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
