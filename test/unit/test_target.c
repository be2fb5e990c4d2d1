/* SPDX-License-Identifier: MIT */

/*
 * Targets and networks: one spelling for every modem, nothing that could be
 * read in two ways, and nobody asked who must not be.
 */

#include "target.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include "unit.h"

/* A target as a module of HTTPS and port 443 reads it; NULL if refused. */
static const char *
canonical(const char *text)
{
	static char url[CM_TARGET_SIZE];
	struct cm_target target;
	char *copy = exact_copy(text, strlen(text), true), why[256] = "";
	bool ok;
	size_t i;

	ok = cm_target_parse(&target, copy, CM_HTTPS, 443, why, sizeof(why));
	free(copy);
	if (ok) {
		cm_target_format(&target, url);
		return url;
	}
	if (why[0] == '\0')
		fail_msg("'%s' is refused without a reason", text);
	for (i = 0; why[i] != '\0'; i++)
		assert_in_range(why[i], ' ', '~');
	return NULL;
}

static void
check(const char *text, const char *url)
{
	const char *got = canonical(text);

	if (got == NULL)
		fail_msg("'%s' is refused", text);
	assert_string_equal(got, url);
}

static void
check_refused(const char *text)
{
	const char *got = canonical(text);

	if (got != NULL)
		fail_msg("'%s' is taken as %s", text, got);
}

static void
targets_take_scheme_and_port_of_their_module(void **state)
{
	struct cm_target target;
	char url[CM_TARGET_SIZE], why[256];

	(void)state;
	assert_true(cm_target_parse(&target, "modem.lan", CM_HTTP, 8080, why,
	    sizeof(why)));
	cm_target_format(&target, url);
	assert_string_equal(url, "http://modem.lan:8080");
	assert_int_equal(target.scheme, CM_HTTP);
	assert_int_equal(target.port, 8080);
	assert_int_equal(target.family, AF_UNSPEC);
	assert_string_equal(target.host, "modem.lan");

	/* A scheme given is a port given. */
	assert_true(cm_target_parse(&target, "http://10.0.0.7", CM_HTTPS,
	    8443, why, sizeof(why)));
	cm_target_format(&target, url);
	assert_string_equal(url, "http://10.0.0.7:80");
	assert_int_equal(target.family, AF_INET);
	assert_true(cm_target_parse(&target, "https://[fd00::1]", CM_HTTP,
	    8080, why, sizeof(why)));
	cm_target_format(&target, url);
	assert_string_equal(url, "https://[fd00::1]:443");
	assert_int_equal(target.family, AF_INET6);
	assert_string_equal(target.host, "fd00::1");
}

static void
targets_of_every_form_are_taken(void **state)
{
	static const struct {
		const char	*text;
		const char	*url;
	} rows[] = {
		{ "192.168.100.1", "https://192.168.100.1:443" },
		{ "modem.lan", "https://modem.lan:443" },
		{ "modem", "https://modem:443" },
		{ "localhost", "https://localhost:443" },
		{ "10.0.0.7:8443", "https://10.0.0.7:8443" },
		{ "modem.lan:1", "https://modem.lan:1" },
		{ "modem.lan:65535", "https://modem.lan:65535" },
		{ "[fd00::1]", "https://[fd00::1]:443" },
		{ "[fd00::1]:8443", "https://[fd00::1]:8443" },
		{ "[fe80::1%eth0]:443", "https://[fe80::1%eth0]:443" },
		{ "[fe80::1%br-lan.7]", "https://[fe80::1%br-lan.7]:443" },
		{ "[::1]", "https://[::1]:443" },
		{ "http://modem.lan", "http://modem.lan:80" },
		{ "http://modem.lan:443", "http://modem.lan:443" },
		{ "https://modem.lan:80", "https://modem.lan:80" },
		{ "https://10.0.0.7/", "https://10.0.0.7:443" },
		{ "cable_modem-1.lan", "https://cable_modem-1.lan:443" },
		{ "4modems.lan", "https://4modems.lan:443" },
		{ "10.0.0.7.lan", "https://10.0.0.7.lan:443" },
		{ "1e5", "https://1e5:443" },
		{ "x0x1", "https://x0x1:443" },
		{ "0x7f.lan", "https://0x7f.lan:443" },
		{ "0.0.0.0", "https://0.0.0.0:443" },
		{ "255.255.255.255", "https://255.255.255.255:443" },
		{ "xn--mdem-5qa.invalid", "https://xn--mdem-5qa.invalid:443" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		check(rows[i].text, rows[i].url);
}

static void
spellings_of_one_target_are_one(void **state)
{
	static const struct {
		const char	*one;
		const char	*other;
	} rows[] = {
		{ "modem.lan", "MODEM.Lan" },
		{ "modem.lan", "modem.lan:443" },
		{ "modem.lan", "modem.lan/" },
		{ "modem.lan", "https://modem.lan" },
		{ "modem.lan", "HTTPS://Modem.LAN:443/" },
		{ "http://modem.lan", "HtTp://modem.lan:80/" },
		{ "modem.lan:80", "modem.lan:00080" },
		{ "10.0.0.7", "[::ffff:10.0.0.7]" },
		{ "10.0.0.7", "[::ffff:a00:7]" },
		{ "10.0.0.7", "[0:0:0:0:0:FFFF:10.0.0.7]/" },
		{ "10.0.0.7:8443", "https://[::FFFF:0a00:0007]:8443" },
		{ "[fd00::1]", "[FD00::1]" },
		{ "[fd00::1]", "[fd00:0:0:0:0:0:0:1]" },
		{ "[fd00::1]", "[fd00:0000::0001]:443/" },
		{ "[fd00::1]", "https://[fd00::0.0.0.1]" },
		{ "[fe80::1%eth0]", "[FE80:0::1%eth0]:443" },
	};
	char one[CM_TARGET_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_non_null(canonical(rows[i].one));
		strcpy(one, canonical(rows[i].one));
		check(rows[i].other, one);
	}
}

static void
targets_that_differ_stay_apart(void **state)
{
	static const struct {
		const char	*one;
		const char	*other;
	} rows[] = {
		{ "modem.lan", "modem.lan:80" },
		{ "modem.lan:80", "http://modem.lan" },
		{ "modem.lan", "modem2.lan" },
		{ "[fe80::1%eth0]", "[fe80::1%eth1]" },
		{ "[fe80::1%eth0]", "[fe80::1]" },
		{ "[fe80::1%eth0]", "[fe80::1%ETH0]" },
		{ "10.0.0.7", "[::10.0.0.7]" },
	};
	char one[CM_TARGET_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_non_null(canonical(rows[i].one));
		strcpy(one, canonical(rows[i].one));
		assert_non_null(canonical(rows[i].other));
		assert_string_not_equal(one, canonical(rows[i].other));
	}
}

/* What a canonical target is written as is the same target. */
static void
a_canonical_target_is_its_own_spelling(void **state)
{
	static const char *const texts[] = {
		"MODEM:8443", "10.0.0.7", "[FD00::1]", "[fe80::1%eth0]",
		"http://[::ffff:10.0.0.7]",
	};
	char url[CM_TARGET_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		assert_non_null(canonical(texts[i]));
		strcpy(url, canonical(texts[i]));
		check(url, url);
	}
}

static void
hosts_that_could_be_odd_ipv4_addresses_are_refused(void **state)
{
	static const char *const texts[] = {
		"2130706433", "0", "127.1", "10.0.7", "1.2.3", "1.2.3.4.5",
		"0177.0.0.1", "010.0.0.7", "10.0.0.07", "10.00.0.7",
		"256.0.0.1", "10.0.0.256", "10.0.0.7.", "1.", "127.0.0.1.",
		"0x7f000001", "0X7F000001", "0x7f.0.0.1", "10.0.0.0x7",
		"0x", "0xmodem", "modem.0x7f", "modem.0XAB", "modem.123",
		"modem.lan.5", "10..0.7", "10.0.0.7.8:80",
		"http://0x0a000007", "https://167772167/",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++)
		check_refused(texts[i]);
}

static void
what_is_more_than_a_host_and_a_port_is_refused(void **state)
{
	static const char *const texts[] = {
		"modem.lan/data", "modem.lan//", "modem.lan/?", "modem.lan?",
		"modem.lan?x=1", "modem.lan#", "modem.lan/#top",
		"https://modem.lan/data/dsinfo.asp", "http://modem.lan/?a",
		"user@modem.lan", "user:pass@modem.lan", "@modem.lan",
		"https://user:pass@modem.lan/", "modem.lan@10.0.0.7",
		"http://modem.lan:80@10.0.0.7", "[fd00::1]/x", "[fd00::1]@x",
		"ftp://modem.lan", "file:///etc/passwd", "://modem.lan",
		"httpss://modem.lan", "http:///modem.lan",
		"http://https://modem.lan", "//modem.lan", "http:/modem.lan",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++)
		check_refused(texts[i]);
}

static void
targets_without_a_host_are_refused(void **state)
{
	static const char *const texts[] = {
		"", "/", ":", ":80", "http://", "https:///", "http://:80",
		"[]", "[]:80", ".", "..", ".lan", "modem..lan", "modem.lan..",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++)
		check_refused(texts[i]);
}

static void
ports_that_are_none_are_refused(void **state)
{
	static const char *const texts[] = {
		"modem.lan:", "modem.lan:0", "modem.lan:00000",
		"modem.lan:65536", "modem.lan:99999", "modem.lan:100000",
		"modem.lan:4294967376", "modem.lan:-80", "modem.lan:+80",
		"modem.lan: 80", "modem.lan:80 ", "modem.lan:8o",
		"modem.lan:0x50", "modem.lan:80:80", "modem.lan:http",
		"10.0.0.7:", "[fd00::1]:", "[fd00::1]:0", "[fd00::1]:65536",
		"[fd00::1]80", "[fd00::1]x", "[fd00::1]:80:80",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++)
		check_refused(texts[i]);
}

static void
ipv6_addresses_are_refused_unless_they_are_one_in_brackets(void **state)
{
	static const char *const texts[] = {
		"fd00::1", "::1", "fe80::1%eth0", "::ffff:10.0.0.7",
		"[fd00::1", "fd00::1]", "[[fd00::1]]", "[10.0.0.7]",
		"[modem.lan]", "[fd00::1::2]", "[fd00:1]", "[fd00::12345]",
		"[g::1]", "[fd00::1 ]", "[1:2:3:4:5:6:7:8:9]", "[::256.0.0.1]",
		"[fe80::1%]", "[%eth0]", "[fe80::1%eth 0]", "[fe80::1%../x]",
		"[fe80::1%eth0%eth1]", "[fe80::1%interfaces0123456]",
		"[::ffff:10.0.0.7%eth0]", "[fd00::1/64]",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++)
		check_refused(texts[i]);
}

static void
bytes_that_no_host_has_are_refused(void **state)
{
	static const char *const texts[] = {
		" modem.lan", "modem.lan ", "modem lan", "modem.lan\n",
		"modem\t.lan", "\x01modem", "modem\x7f", "m\xc3\xb6lan.lan",
		"modem,lan", "modem*", "modem;x", "modem\\lan", "modem%41",
		"\"modem\"", "<modem>", "$(modem)", "modem.lan,10.0.0.7",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++)
		check_refused(texts[i]);
}

/* RFC 1035, 2.3.4. */
static void
names_and_labels_have_their_limits(void **state)
{
	char text[400], url[450];
	size_t i;

	(void)state;
	memset(text, 'm', 63);
	strcpy(text + 63, ".lan");
	snprintf(url, sizeof(url), "https://%s:443", text);
	check(text, url);
	memset(text, 'm', 64);
	strcpy(text + 64, ".lan");
	check_refused(text);

	for (i = 0; i < 253; i++)
		text[i] = i % 50 == 49 ? '.' : 'm';
	text[253] = '\0';
	snprintf(url, sizeof(url), "https://%s:443", text);
	check(text, url);
	text[253] = 'm';
	text[254] = '\0';
	check_refused(text);
	memset(text, 'm', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	check_refused(text);
}

static void
the_longest_target_is_formatted_whole(void **state)
{
	char host[254], text[400], url[CM_TARGET_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < 253; i++)
		host[i] = i % 50 == 49 ? '.' : 'M';
	host[253] = '\0';
	snprintf(text, sizeof(text), "HTTPS://%s:65535/", host);
	assert_non_null(canonical(text));
	strcpy(url, canonical(text));
	assert_int_equal(strlen(url), 8 + 253 + 6);
	assert_string_equal(url + 8 + 253, ":65535");
}

static void
a_refusal_fits_the_room_it_is_given(void **state)
{
	struct cm_target target;
	char why[8] = "1234567";

	(void)state;
	assert_false(cm_target_parse(&target, "modem.lan/x", CM_HTTPS, 443,
	    why, 4));
	assert_int_equal(strlen(why), 3);
	assert_string_equal(why + 4, "567");
}

/* Addresses. */

static void
parse_address(struct sockaddr_storage *ss, const char *text)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	if (strchr(text, ':') != NULL) {
		ss->ss_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, text, &sin6->sin6_addr),
		    1);
	} else {
		ss->ss_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, text, &sin->sin_addr), 1);
	}
}

static void
literal_targets_are_addresses(void **state)
{
	struct cm_target target;
	struct sockaddr_storage ss;
	char why[256], text[CM_HOST_SIZE];

	(void)state;
	assert_true(cm_target_parse(&target, "10.0.0.7:8443", CM_HTTPS, 443,
	    why, sizeof(why)));
	assert_true(target_address(&target, &ss));
	assert_int_equal(ss.ss_family, AF_INET);
	address_format(&ss, text);
	assert_string_equal(text, "10.0.0.7");

	assert_true(cm_target_parse(&target, "[FD00:0::1]", CM_HTTPS, 443,
	    why, sizeof(why)));
	assert_true(target_address(&target, &ss));
	assert_int_equal(ss.ss_family, AF_INET6);
	address_format(&ss, text);
	assert_string_equal(text, "fd00::1");
}

static void
zones_must_be_interfaces_of_this_machine(void **state)
{
	struct cm_target target;
	struct sockaddr_storage ss;
	struct if_nameindex *interfaces = if_nameindex();
	char why[256], text[CM_HOST_SIZE];

	(void)state;
	assert_true(cm_target_parse(&target, "[fe80::1%no-such-one]",
	    CM_HTTPS, 443, why, sizeof(why)));
	assert_false(target_address(&target, &ss));
	if (interfaces == NULL || interfaces[0].if_name == NULL)
		skip();
	snprintf(text, sizeof(text), "[fe80::1%%%s]", interfaces[0].if_name);
	assert_true(cm_target_parse(&target, text, CM_HTTPS, 443, why,
	    sizeof(why)));
	assert_true(target_address(&target, &ss));
	assert_int_equal(((struct sockaddr_in6 *)&ss)->sin6_scope_id,
	    interfaces[0].if_index);
	address_format(&ss, text);
	assert_memory_equal(text, "fe80::1%", 8);
	assert_string_equal(text + 8, interfaces[0].if_name);
	if_freenameindex(interfaces);
}

static void
mapped_addresses_become_ipv4(void **state)
{
	struct sockaddr_storage ss;
	char text[CM_HOST_SIZE];

	(void)state;
	parse_address(&ss, "::ffff:10.0.0.7");
	address_unmap(&ss);
	assert_int_equal(ss.ss_family, AF_INET);
	address_format(&ss, text);
	assert_string_equal(text, "10.0.0.7");

	parse_address(&ss, "::10.0.0.7");	/* compatible, not mapped */
	address_unmap(&ss);
	assert_int_equal(ss.ss_family, AF_INET6);
	parse_address(&ss, "10.0.0.7");
	address_unmap(&ss);
	assert_int_equal(ss.ss_family, AF_INET);
}

/* Networks. */

static struct cm_network
network(const char *text)
{
	struct cm_network n;
	char *copy = exact_copy(text, strlen(text), true), why[256] = "";

	if (!cm_network_parse(&n, copy, why, sizeof(why)))
		fail_msg("%s is refused: %s", text, why);
	free(copy);
	return n;
}

static void
networks_are_parsed(void **state)
{
	struct cm_network n;

	(void)state;
	n = network("10.0.0.0/8");
	assert_int_equal(n.family, AF_INET);
	assert_int_equal(n.bits, 8);
	assert_memory_equal(n.address, "\x0a\0\0\0", 4);
	n = network("192.168.100.1");
	assert_int_equal(n.bits, 32);
	n = network("fd00:ec2::254");
	assert_int_equal(n.family, AF_INET6);
	assert_int_equal(n.bits, 128);
	n = network("fc00::/7");
	assert_int_equal(n.bits, 7);
	n = network("0.0.0.0/0");
	assert_int_equal(n.bits, 0);
	n = network("::/0");
	assert_int_equal(n.bits, 0);
	n = network("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128");
	assert_int_equal(n.bits, 128);
}

static void
what_is_no_network_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "/", "/8", "10", "10.0.0/8", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8 ",
		" 10.0.0.0/8", "10.0.0.0/8x", "10.0.0.0/8/8", "10.0.0.0/0x8",
		"10.0.0.0/4294967304", "10.0.0.0/255.0.0.0", "fc00::/129",
		"fc00::/", "fc00::/7/7", "[fc00::]/7", "fe80::1%eth0/64",
		"fc00:::/7", "modem.lan", "256.0.0.0/8", "10.0.0.0/8,::1/128",
		"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/1280",
		/* Bits beyond the prefix: a slip of whoever wrote it. */
		"10.0.0.1/8", "10.128.0.0/8", "192.168.0.1/31", "fc00::1/7",
		"ff00::/7", "0.0.0.1/0", "8000::/0",
		/* Mapped addresses are IPv4: no address would be in these. */
		"::ffff:10.0.0.0/104", "::ffff:10.0.0.7", "::ffff:0:0/96",
	};
	struct cm_network n;
	char *copy, why[256];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		copy = exact_copy(texts[i], strlen(texts[i]), true);
		why[0] = '\0';
		if (cm_network_parse(&n, copy, why, sizeof(why)))
			fail_msg("'%s' is taken for a network", texts[i]);
		assert_true(why[0] != '\0');
		free(copy);
	}
}

static bool
contains(const char *net, const char *address)
{
	struct cm_network allow = network(net);
	struct cm_policy policy = { &allow, 1, NULL, 0 };
	struct sockaddr_storage ss;

	parse_address(&ss, address);
	return cm_policy_allows(&policy, (struct sockaddr *)&ss);
}

/* A network's first and last address, and the two beside them. */
static void
prefixes_of_any_length_end_where_they_say(void **state)
{
	static const struct {
		const char	*net;
		const char	*before;
		const char	*first;
		const char	*last;
		const char	*after;
	} rows[] = {
		{ "128.0.0.0/1", "127.255.255.255", "128.0.0.0",
		    "255.255.255.255", NULL },
		{ "32.0.0.0/3", "31.255.255.255", "32.0.0.0",
		    "63.255.255.255", "64.0.0.0" },
		{ "10.0.0.0/8", "9.255.255.255", "10.0.0.0",
		    "10.255.255.255", "11.0.0.0" },
		{ "10.128.0.0/9", "10.127.255.255", "10.128.0.0",
		    "10.255.255.255", "11.0.0.0" },
		{ "100.64.0.0/10", "100.63.255.255", "100.64.0.0",
		    "100.127.255.255", "100.128.0.0" },
		{ "172.16.0.0/12", "172.15.255.255", "172.16.0.0",
		    "172.31.255.255", "172.32.0.0" },
		{ "192.168.64.0/18", "192.168.63.255", "192.168.64.0",
		    "192.168.127.255", "192.168.128.0" },
		{ "192.168.2.0/23", "192.168.1.255", "192.168.2.0",
		    "192.168.3.255", "192.168.4.0" },
		{ "192.168.1.4/31", "192.168.1.3", "192.168.1.4",
		    "192.168.1.5", "192.168.1.6" },
		{ "192.168.1.5/32", "192.168.1.4", "192.168.1.5",
		    "192.168.1.5", "192.168.1.6" },
		{ "fc00::/7", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    "fe00::" },
		{ "fe80::/10", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    "fec0::" },
		{ "2001:db8::/33", "2001:db7:ffff:ffff::", "2001:db8::",
		    "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff",
		    "2001:db8:8000::" },
		{ "fd00::8/127", "fd00::7", "fd00::8", "fd00::9",
		    "fd00::a" },
		{ "::1/128", "::", "::1", "::1", "::2" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		if (contains(rows[i].net, rows[i].before))
			fail_msg("%s holds %s", rows[i].net, rows[i].before);
		if (!contains(rows[i].net, rows[i].first))
			fail_msg("%s misses %s", rows[i].net, rows[i].first);
		if (!contains(rows[i].net, rows[i].last))
			fail_msg("%s misses %s", rows[i].net, rows[i].last);
		if (rows[i].after != NULL &&
		    contains(rows[i].net, rows[i].after))
			fail_msg("%s holds %s", rows[i].net, rows[i].after);
	}
}

static void
networks_hold_addresses_of_their_own_family_alone(void **state)
{
	(void)state;
	assert_true(contains("0.0.0.0/0", "8.8.8.8"));
	assert_false(contains("0.0.0.0/0", "2001:db8::1"));
	assert_true(contains("::/0", "2001:db8::1"));
	assert_false(contains("::/0", "8.8.8.8"));
	/* A mapped address is an IPv4 address. */
	assert_true(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
	assert_false(contains("::/0", "::ffff:10.1.2.3"));
}

static void
an_empty_policy_allows_nobody(void **state)
{
	struct cm_policy policy = { NULL, 0, NULL, 0 };
	struct sockaddr_storage ss;

	(void)state;
	parse_address(&ss, "10.0.0.7");
	assert_false(cm_policy_allows(&policy, (struct sockaddr *)&ss));
}

/* connect() takes the unspecified address for this machine. */
static void
this_machine_is_denied_by_any_of_its_addresses(void **state)
{
	static const struct {
		const char	*allow;
		const char	*deny;
		const char	*address;
		bool		 allowed;
	} rows[] = {
		{ "0.0.0.0/0", "127.0.0.0/8", "0.0.0.0", false },
		{ "0.0.0.0/0", "127.0.0.1", "::ffff:0.0.0.0", false },
		{ "0.0.0.0/0", "0.0.0.0", "0.0.0.0", false },
		{ "0.0.0.0/0", "127.0.0.2", "0.0.0.0", true },
		{ "0.0.0.0/0", "127.0.0.0/8", "0.0.0.1", true },
		{ "::/0", "::1", "::", false },
		{ "::/0", "::", "::", false },
		{ "::/0", "fd00::/8", "::", true },
		{ "::/0", "::1", "::2", true },
		/* Nor is it allowed because loopback is. */
		{ "127.0.0.0/8", "10.0.0.0/8", "0.0.0.0", false },
		{ "::1", "10.0.0.0/8", "::", false },
	};
	struct cm_network allow, deny;
	struct cm_policy policy = { &allow, 1, &deny, 1 };
	struct sockaddr_storage ss;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		allow = network(rows[i].allow);
		deny = network(rows[i].deny);
		parse_address(&ss, rows[i].address);
		if (cm_policy_allows(&policy, (struct sockaddr *)&ss) !=
		    rows[i].allowed)
			fail_msg("%s of %s without %s", rows[i].address,
			    rows[i].allow, rows[i].deny);
	}
}

static void
denial_wins_over_permission(void **state)
{
	struct cm_network allow = network("10.0.0.0/8");
	struct cm_network deny[2] = {
		network("192.168.0.0/16"), network("10.1.0.0/16"),
	};
	struct cm_policy policy = { &allow, 1, deny, 2 };
	struct sockaddr_storage ss;

	(void)state;
	parse_address(&ss, "10.2.0.1");
	assert_true(cm_policy_allows(&policy, (struct sockaddr *)&ss));
	parse_address(&ss, "10.1.0.1");
	assert_false(cm_policy_allows(&policy, (struct sockaddr *)&ss));
	parse_address(&ss, "192.168.0.1");
	assert_false(cm_policy_allows(&policy, (struct sockaddr *)&ss));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_take_scheme_and_port_of_their_module),
		cmocka_unit_test(targets_of_every_form_are_taken),
		cmocka_unit_test(spellings_of_one_target_are_one),
		cmocka_unit_test(targets_that_differ_stay_apart),
		cmocka_unit_test(a_canonical_target_is_its_own_spelling),
		cmocka_unit_test(
		    hosts_that_could_be_odd_ipv4_addresses_are_refused),
		cmocka_unit_test(
		    what_is_more_than_a_host_and_a_port_is_refused),
		cmocka_unit_test(targets_without_a_host_are_refused),
		cmocka_unit_test(ports_that_are_none_are_refused),
		cmocka_unit_test(
		    ipv6_addresses_are_refused_unless_they_are_one_in_brackets),
		cmocka_unit_test(bytes_that_no_host_has_are_refused),
		cmocka_unit_test(names_and_labels_have_their_limits),
		cmocka_unit_test(the_longest_target_is_formatted_whole),
		cmocka_unit_test(a_refusal_fits_the_room_it_is_given),
		cmocka_unit_test(literal_targets_are_addresses),
		cmocka_unit_test(zones_must_be_interfaces_of_this_machine),
		cmocka_unit_test(mapped_addresses_become_ipv4),
		cmocka_unit_test(networks_are_parsed),
		cmocka_unit_test(what_is_no_network_is_refused),
		cmocka_unit_test(prefixes_of_any_length_end_where_they_say),
		cmocka_unit_test(
		    networks_hold_addresses_of_their_own_family_alone),
		cmocka_unit_test(an_empty_policy_allows_nobody),
		cmocka_unit_test(
		    this_machine_is_denied_by_any_of_its_addresses),
		cmocka_unit_test(denial_wins_over_permission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
