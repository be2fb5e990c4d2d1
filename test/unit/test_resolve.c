/* SPDX-License-Identifier: MIT */

/*
 * From a target to an address that may be asked; no server is asked here.
 */

#include "resolve.h"

#include <event2/dns.h>
#include <event2/event.h>

#include "target.h"
#include "unit.h"

struct answer {
	unsigned		 count;
	enum cm_reason		 reason;
	char			 text[sizeof(((struct cm_error *)0)->text)];
	char			 address[CM_HOST_SIZE];
};

static void
on_resolved(const struct resolution *r, void *arg)
{
	struct answer *answer = arg;

	answer->count++;
	answer->reason = r->error.reason;
	strcpy(answer->text, r->error.text);
	if (r->address.ss_family != AF_UNSPEC)
		address_format(&r->address, answer->address);
}

/* Resolve a target, where 10.0.0.0/8 and fd00::/8 may be asked. */
static struct answer
resolve(const char *text)
{
	struct answer answer = { .reason = CM_OK };
	struct event_base *base = event_base_new();
	struct evdns_base *dns;
	struct cm_network allow[2], deny;
	struct cm_policy policy = { allow, 2, &deny, 1 };
	struct cm_target target;
	char why[256];

	assert_non_null(base);
	dns = evdns_base_new(base, 0);
	assert_non_null(dns);
	assert_true(cm_network_parse(&allow[0], "10.0.0.0/8", why,
	    sizeof(why)));
	assert_true(cm_network_parse(&allow[1], "fd00::/8", why,
	    sizeof(why)));
	assert_true(cm_network_parse(&deny, "10.0.0.13", why, sizeof(why)));
	assert_true(cm_target_parse(&target, text, CM_HTTPS, 443, why,
	    sizeof(why)));
	assert_null(resolve_start(dns, &target, &policy, CM_IP_ANY,
	    on_resolved, &answer));
	assert_int_equal(answer.count, 1);
	evdns_base_free(dns, 1);
	event_base_free(base);
	return answer;
}

static void
addresses_are_their_own_answer(void **state)
{
	struct answer answer;

	(void)state;
	answer = resolve("10.0.0.7:8443");
	assert_int_equal(answer.reason, CM_OK);
	assert_string_equal(answer.address, "10.0.0.7");
	answer = resolve("[::ffff:10.0.0.7]");
	assert_int_equal(answer.reason, CM_OK);
	assert_string_equal(answer.address, "10.0.0.7");
	answer = resolve("[FD00::1]");
	assert_int_equal(answer.reason, CM_OK);
	assert_string_equal(answer.address, "fd00::1");
}

static void
denied_addresses_are_named(void **state)
{
	static const char *const rows[][2] = {
		{ "10.0.0.13", "10.0.0.13" }, { "8.8.8.8", "8.8.8.8" },
		{ "127.0.0.1", "127.0.0.1" }, { "[::1]", "::1" },
		{ "[::ffff:10.0.0.13]", "10.0.0.13" },
		{ "0.0.0.0", "0.0.0.0" }, { "[fe00::1]", "fe00::1" },
	};
	struct answer answer;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		answer = resolve(rows[i][0]);
		assert_int_equal(answer.reason, CM_DENIED);
		assert_string_equal(answer.address, rows[i][1]);
		assert_non_null(strstr(answer.text, rows[i][1]));
	}
}

static void
an_unknown_zone_is_no_address(void **state)
{
	struct answer answer = resolve("[fd00::1%no-such-one]");

	(void)state;
	assert_int_equal(answer.reason, CM_RESOLVE_FAILED);
	assert_string_equal(answer.address, "");
}

/* Without a DNS server set, a question would fail later, not at once. */
static void
names_under_invalid_are_not_asked_for(void **state)
{
	static const char *const texts[] = {
		"modem.invalid", "MODEM.Invalid", "modem.invalid.",
		"a.b.c.invalid", "invalid", "invalid.",
	};
	struct answer answer;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		answer = resolve(texts[i]);
		assert_int_equal(answer.reason, CM_RESOLVE_FAILED);
		assert_non_null(strstr(answer.text, "invalid"));
		assert_string_equal(answer.address, "");
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_their_own_answer),
		cmocka_unit_test(denied_addresses_are_named),
		cmocka_unit_test(an_unknown_zone_is_no_address),
		cmocka_unit_test(names_under_invalid_are_not_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
