/* SPDX-License-Identifier: MIT */

#include "history.h"

#include "record.h"
#include "unit.h"

static void
add(struct history *h, const char *target, enum cm_reason reason)
{
	struct cm_snapshot *s = snapshot_new(false);

	assert_non_null(s);
	s->error.reason = reason;
	s->log = "  0.000000 said\n";
	history_add(h, target, "coda56", s);
	snapshot_free(s);
}

/* The targets, newest first. */
static const char *
listing(const struct history *h)
{
	static char text[512];
	const struct past_probe *p;
	size_t i, n = 0;

	text[0] = '\0';
	for (i = 0; (p = history_at(h, i)) != NULL; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s",
		    i > 0 ? " " : "", p->target);
	return text;
}

static void
the_newest_comes_first(void **state)
{
	struct history *h = history_new(3);
	const struct past_probe *p;

	(void)state;
	assert_string_equal(listing(h), "");
	add(h, "a", CM_OK);
	add(h, "b", CM_TIMEOUT);
	assert_string_equal(listing(h), "b a");
	p = history_at(h, 0);
	assert_int_equal(p->id, 2);
	assert_int_equal(p->reason, CM_TIMEOUT);
	assert_true(p->time > 0);
	assert_string_equal(p->module, "coda56");
	assert_string_equal(p->log, "  0.000000 said\n");
	history_free(h);
}

static void
older_failures_stay_longer(void **state)
{
	struct history *h = history_new(2);

	(void)state;
	add(h, "a", CM_TIMEOUT);
	add(h, "b", CM_OK);
	add(h, "c", CM_OK);
	assert_string_equal(listing(h), "c b a");
	add(h, "d", CM_NOT_JSON);
	add(h, "e", CM_OK);
	assert_string_equal(listing(h), "e d a");
	add(h, "f", CM_TIMEOUT);
	add(h, "g", CM_OK);
	assert_string_equal(listing(h), "g f d a");
	add(h, "h", CM_OK);
	add(h, "i", CM_OK);
	assert_string_equal(listing(h), "i h f d");
	history_free(h);
}

static void
a_history_of_none_is_empty(void **state)
{
	struct history *h = history_new(0);

	(void)state;
	add(h, "a", CM_TIMEOUT);
	assert_null(history_at(h, 0));
	history_free(h);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_comes_first),
		cmocka_unit_test(older_failures_stay_longer),
		cmocka_unit_test(a_history_of_none_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
