/* SPDX-License-Identifier: MIT */

/*
 * Spans of time between the library's clock and libevent's timers.  A C
 * library whose time_t is wider than that of the one that libevent was built
 * with would make every timer fire at once, and no compiler say so.
 */

#include <event2/event.h>

#include "clock.h"
#include "unit.h"

static void
nothing(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static void
a_timer_fires_when_it_is_to(void **state)
{
	struct event_base *base = event_base_new();
	struct timeval half = clock_timeval(500000);
	int64_t began, took;

	(void)state;
	assert_non_null(base);
	began = clock_now();
	assert_int_equal(event_base_once(base, -1, EV_TIMEOUT, nothing, NULL,
	    &half), 0);
	assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	took = clock_now() - began;
	/* libevent's clock may be some milliseconds behind. */
	assert_true(took >= 480000);
	assert_true(took < 5000000);
	event_base_free(base);
}

static void
spans_keep_their_microseconds(void **state)
{
	struct timeval tv = clock_timeval(INT64_C(315360000999999));

	(void)state;
	assert_true(tv.tv_sec == 315360000);
	assert_true(tv.tv_usec == 999999);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timer_fires_when_it_is_to),
		cmocka_unit_test(spans_keep_their_microseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
