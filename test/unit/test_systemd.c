/* SPDX-License-Identifier: MIT */

/*
 * The supervisor's protocols, from its side.
 */

#include "systemd.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <event2/event.h>

#include <time.h>
#include <unistd.h>

#include "unit.h"

static char directory[] = "/tmp/coda56-test-XXXXXX";
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int supervisor = -1;

static int
setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify",
	    directory);
	supervisor = socket(AF_UNIX, SOCK_DGRAM, 0);
	return bind(supervisor, (struct sockaddr *)&address, sizeof(address));
}

static int
teardown(void **state)
{
	(void)state;
	close(supervisor);
	unlink(address.sun_path);
	return rmdir(directory);
}

static void
check_message(const char *wanted)
{
	char text[256];
	ssize_t n = recv(supervisor, text, sizeof(text) - 1, MSG_DONTWAIT);

	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, wanted);
}

static long long
monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* The first of the tests: the environment has not been read yet. */
static void
without_the_environment_nothing_happens(void **state)
{
	struct event_base *base = event_base_new();

	(void)state;
	systemd_start();
	systemd_notify("READY=1");
	systemd_notify_reloading();
	assert_int_equal(systemd_sockets(), 0);
	assert_true(systemd_watch(base));
	assert_int_equal(event_base_get_num_events(base,
	    EVENT_BASE_COUNT_ADDED), 0);
	systemd_end();
	event_base_free(base);
}

static void
the_environment_is_read_and_unset(void **state)
{
	static const char *const names[] = {
		"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
		"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
	};
	char pid[32];
	size_t i;

	(void)state;
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	setenv("WATCHDOG_USEC", "100000", 1);
	setenv("WATCHDOG_PID", pid, 1);
	setenv("LISTEN_FDS", "2", 1);
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDNAMES", "a:b", 1);
	systemd_start();
	assert_int_equal(systemd_sockets(), 2);
	for (i = 0; i < COUNT(names); i++)
		assert_null(getenv(names[i]));
}

static void
states_are_sent_as_they_are(void **state)
{
	(void)state;
	systemd_notify("READY=1\nSTATUS=serving");
	check_message("READY=1\nSTATUS=serving");
}

/* systemd compares the time with that of its own request. */
static void
a_reload_says_when_it_began(void **state)
{
	static const char start[] = "RELOADING=1\nMONOTONIC_USEC=";
	long long before = monotonic(), said;
	char text[128];
	ssize_t n;

	(void)state;
	systemd_notify_reloading();
	n = recv(supervisor, text, sizeof(text) - 1, MSG_DONTWAIT);
	assert_true(n > (ssize_t)sizeof(start));
	text[n] = '\0';
	assert_memory_equal(text, start, sizeof(start) - 1);
	said = strtoll(text + sizeof(start) - 1, NULL, 10);
	assert_true(said >= before && said <= monotonic());
}

static void
the_watchdog_hears_of_every_half(void **state)
{
	struct event_base *base = event_base_new();
	long long began = monotonic();
	int i;

	(void)state;
	assert_true(systemd_watch(base));
	for (i = 1; i <= 3; i++) {
		event_base_loop(base, EVLOOP_ONCE);
		check_message("WATCHDOG=1");
		/* libevent's clock may be some milliseconds behind. */
		assert_true(monotonic() - began >= i * 50000 - 20000);
	}
	systemd_end();
	event_base_free(base);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_environment_nothing_happens),
		cmocka_unit_test(the_environment_is_read_and_unset),
		cmocka_unit_test(states_are_sent_as_they_are),
		cmocka_unit_test(a_reload_says_when_it_began),
		cmocka_unit_test(the_watchdog_hears_of_every_half),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
