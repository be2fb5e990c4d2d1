/* SPDX-License-Identifier: MIT */

/* What is left of a password that was no good. */

#include "unit.h"

#include <string.h>

#include "credentials.h"

/* Whether anything but NULs is there. */
static bool
has_something(const struct credentials *c)
{
	const char *bytes = (const char *)c;
	size_t i;

	for (i = 0; i < sizeof(*c); i++)
		if (bytes[i] != '\0')
			return true;
	return false;
}

static void
test_what_is_refused_is_not_kept(void **state)
{
	/* wonderland; alice:wonder and a NUL; alice:wonderland! in one
	 * character too few. */
	static const char *const headers[] = {
		"Basic d29uZGVybGFuZA==", "Basic YWxpY2U6d29uZGVyAA==",
		"Basic YWxpY2U6d29uZGVybGFuZC",
	};
	static struct credentials c;
	size_t i;

	(void)state;
	assert_true(credentials_parse(&c, "Basic YWxpY2U6d29uZGVybGFuZA=="));
	assert_string_equal(c.user, "alice");
	assert_string_equal(c.password, "wonderland");
	for (i = 0; i < COUNT(headers); i++) {
		assert_false(credentials_parse(&c, headers[i]));
		assert_false(has_something(&c));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_refused_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
