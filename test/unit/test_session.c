/* SPDX-License-Identifier: MIT */

/*
 * lib/session.c: what is remembered of modems' TLS sessions.
 */

#include "unit.h"

#include <stdio.h>

#include "session.h"

/* A session that tells who put it there. */
static void
put(struct sessions *s, const char *key, unsigned char mark)
{
	SSL_SESSION *session = SSL_SESSION_new();

	assert_non_null(session);
	assert_int_equal(SSL_SESSION_set1_id(session, &mark, 1), 1);
	sessions_put(s, key, session);
	SSL_SESSION_free(session);
}

/* The mark of a key's session, -1 if there is none. */
static int
get(struct sessions *s, const char *key)
{
	SSL_SESSION *session = sessions_get(s, key);
	unsigned length;
	int mark;

	if (session == NULL)
		return -1;
	mark = *SSL_SESSION_get_id(session, &length);
	assert_int_equal(length, 1);
	SSL_SESSION_free(session);
	return mark;
}

static void
a_session_is_found_by_its_key(void **state)
{
	struct sessions *s = sessions_new();

	(void)state;
	assert_int_equal(get(s, "10.0.0.1 443 "), -1);
	put(s, "10.0.0.1 443 ", 1);
	put(s, "10.0.0.1 8443 ", 2);
	assert_int_equal(get(s, "10.0.0.1 443 "), 1);
	assert_int_equal(get(s, "10.0.0.1 8443 "), 2);
	assert_int_equal(get(s, "10.0.0.1 443 modem.lan"), -1);
	sessions_free(s);
}

static void
a_newer_session_replaces_the_older(void **state)
{
	struct sessions *s = sessions_new();

	(void)state;
	put(s, "a", 1);
	put(s, "a", 2);
	assert_int_equal(get(s, "a"), 2);
	sessions_free(s);
}

static void
a_session_that_was_dropped_is_gone(void **state)
{
	struct sessions *s = sessions_new();

	(void)state;
	put(s, "a", 1);
	put(s, "b", 2);
	sessions_drop(s, "a");
	sessions_drop(s, "c");
	assert_int_equal(get(s, "a"), -1);
	assert_int_equal(get(s, "b"), 2);
	put(s, "a", 3);
	assert_int_equal(get(s, "a"), 3);
	sessions_free(s);
}

static void
the_least_recently_used_is_forgotten(void **state)
{
	struct sessions *s = sessions_new();
	char key[16];
	int i;

	(void)state;
	for (i = 0; i < SESSION_MAX; i++) {
		snprintf(key, sizeof(key), "%d", i);
		put(s, key, 1);
	}
	assert_int_equal(get(s, "0"), 1);	/* which makes it recent */
	put(s, "new", 2);
	assert_int_equal(get(s, "0"), 1);
	assert_int_equal(get(s, "1"), -1);
	assert_int_equal(get(s, "2"), 1);
	assert_int_equal(get(s, "new"), 2);
	sessions_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_found_by_its_key),
		cmocka_unit_test(a_newer_session_replaces_the_older),
		cmocka_unit_test(a_session_that_was_dropped_is_gone),
		cmocka_unit_test(the_least_recently_used_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
