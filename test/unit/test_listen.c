/* SPDX-License-Identifier: MIT */

/*
 * Where to listen: addresses as they are written on the command line.
 */

#include "listen.h"

#include <arpa/inet.h>

#include "unit.h"

static void
check(const char *text, const char *ipv4, const char *ipv6, unsigned port)
{
	struct listen_address a;
	char address[INET6_ADDRSTRLEN];

	if (!listen_parse(&a, text))
		fail_msg("'%s' is refused", text);
	assert_int_equal(a.has_ipv4, ipv4 != NULL);
	assert_int_equal(a.has_ipv6, ipv6 != NULL);
	if (ipv4 != NULL) {
		assert_int_equal(a.ipv4.sin_family, AF_INET);
		assert_int_equal(ntohs(a.ipv4.sin_port), port);
		assert_string_equal(inet_ntop(AF_INET, &a.ipv4.sin_addr,
		    address, sizeof(address)), ipv4);
	}
	if (ipv6 != NULL) {
		assert_int_equal(a.ipv6.sin6_family, AF_INET6);
		assert_int_equal(ntohs(a.ipv6.sin6_port), port);
		assert_string_equal(inet_ntop(AF_INET6, &a.ipv6.sin6_addr,
		    address, sizeof(address)), ipv6);
	}
}

static void
a_port_alone_is_every_address(void **state)
{
	(void)state;
	check(":8000", "0.0.0.0", "::", 8000);
	check(":0", "0.0.0.0", "::", 0);
}

static void
localhost_is_both_families(void **state)
{
	(void)state;
	check("localhost:8000", "127.0.0.1", "::1", 8000);
}

static void
an_address_is_of_its_own_family(void **state)
{
	(void)state;
	check("127.0.0.1:0", "127.0.0.1", NULL, 0);
	check("0.0.0.0:65535", "0.0.0.0", NULL, 65535);
	check("[::1]:8000", NULL, "::1", 8000);
	check("[::]:1", NULL, "::", 1);
	check("[fd00::1]:443", NULL, "fd00::1", 443);
}

static void
what_is_no_address_and_port_is_refused(void **state)
{
	static const char *const texts[] = {
		"", ":", "8000", "127.0.0.1", "127.0.0.1:", "[::1]", "[::1]:",
		"[]:80", "[:80", "]:80", "::1:80", "fd00::1", "[127.0.0.1]:80",
		"127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+80", ":http",
		"127.0.0.1: 80", " 127.0.0.1:80", "127.1:80", "0x7f000001:80",
		"256.0.0.1:80", "modem.lan:80", "*:80", "[::1]x:80",
		"[::1]:80x", "http://127.0.0.1:80", "127.0.0.1:99999999999",
		"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:80",
	};
	struct listen_address a;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++)
		if (listen_parse(&a, texts[i]))
			fail_msg("'%s' is taken", texts[i]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_alone_is_every_address),
		cmocka_unit_test(localhost_is_both_families),
		cmocka_unit_test(an_address_is_of_its_own_family),
		cmocka_unit_test(what_is_no_address_and_port_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
