/* SPDX-License-Identifier: MIT */

/*
 * The configuration file: what is built in, what a file makes of it, what is
 * refused and where that is said to be.
 */

#include "settings.h"

#include <arpa/inet.h>

#include <unistd.h>

#include "unit.h"

static const int64_t second = 1000000;

/* What the last load had to say, without the file's name; "" if nothing. */
static char why[1024];

static struct config
command_line(void)
{
	struct config config = {
		.file = "", .modem_target = "", .modem_module = "coda56",
	};
	char text[128];

	assert_true(cm_network_parse(&config.allow.list[0], "10.0.0.0/8",
	    text, sizeof(text)));
	assert_true(cm_network_parse(&config.deny.list[0], "10.9.0.0/16",
	    text, sizeof(text)));
	config.allow.count = config.deny.count = 1;
	return config;
}

static struct settings *
load_with(struct config *config, const char *text, size_t length)
{
	char path[] = "/tmp/test_settings.XXXXXX", said[1024] = "";
	struct settings *settings;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), length);
	close(fd);
	config->file = path;
	settings = settings_load(config, said, sizeof(said));
	unlink(path);
	assert_int_equal(settings == NULL, said[0] != '\0');
	strcpy(why, strncmp(said, path, strlen(path)) == 0 ?
	    said + strlen(path) : said);
	return settings;
}

static struct settings *
load(const char *text)
{
	struct config config = command_line();

	return load_with(&config, text, strlen(text));
}

static struct settings *
load_good(const char *text)
{
	struct settings *settings = load(text);

	if (settings == NULL)
		fail_msg("%s is refused: %s", text, why);
	return settings;
}

static bool
allows(const struct cm_module *module, const char *address)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	assert_int_equal(inet_pton(AF_INET, address, &sin.sin_addr), 1);
	return cm_policy_allows(module->policy, (struct sockaddr *)&sin);
}

static void
check_same(const struct cm_module *a, const struct cm_module *b)
{
	assert_int_equal(a->scheme, b->scheme);
	assert_int_equal(a->port, b->port);
	assert_int_equal(a->timeout_us, b->timeout_us);
	assert_int_equal(a->endpoints, b->endpoints);
	assert_int_equal(a->max_concurrent_fetches,
	    b->max_concurrent_fetches);
	assert_memory_equal(a->min_interval_us, b->min_interval_us,
	    sizeof(a->min_interval_us));
	assert_int_equal(a->keepalive_us, b->keepalive_us);
	assert_int_equal(a->ip_protocol, b->ip_protocol);
	assert_string_equal(a->source_address, b->source_address);
	assert_int_equal(a->expose_identifiers, b->expose_identifiers);
	assert_int_equal(a->tls.verify, b->tls.verify);
	assert_memory_equal(a->tls.fingerprint, b->tls.fingerprint, 32);
	assert_string_equal(a->tls.ca_file, b->tls.ca_file);
	assert_string_equal(a->tls.server_name, b->tls.server_name);
	assert_int_equal(a->tls.min_version, b->tls.min_version);
}

static void
the_default_module_is_that_of_the_manual(void **state)
{
	struct config config = command_line();
	struct settings *s = settings_load(&config, why, sizeof(why));
	const struct cm_module *module = settings_module_at(s, 0);
	unsigned i;

	(void)state;
	assert_string_equal(module->name, "coda56");
	assert_int_equal(module->scheme, CM_HTTPS);
	assert_int_equal(module->port, 443);
	assert_int_equal(module->timeout_us, 10 * second);
	assert_int_equal(module->endpoints, 1u << CM_DSINFO | 1u << CM_USINFO |
	    1u << CM_DSOFDMINFO | 1u << CM_USOFDMINFO |
	    1u << CM_GETCMDOCSISWAN | 1u << CM_GETSYSINFO);
	assert_int_equal(module->max_concurrent_fetches, 6);
	for (i = 0; i < CM_ENDPOINT_COUNT; i++)
		assert_int_equal(module->min_interval_us[i], 0);
	assert_int_equal(module->keepalive_us, 90 * second);
	assert_int_equal(module->ip_protocol, CM_IP_ANY);
	assert_string_equal(module->source_address, "");
	assert_false(module->expose_identifiers);
	assert_int_equal(module->tls.verify, CM_VERIFY_NONE);
	assert_string_equal(module->tls.ca_file, "");
	assert_string_equal(module->tls.server_name, "");
	assert_int_equal(module->tls.min_version, 0x0301);
	assert_ptr_equal(settings_module(s, "coda56"), module);
	assert_null(settings_module(s, "coda"));
	assert_null(settings_module(s, ""));
	assert_null(settings_module_at(s, 3));
	settings_release(s);
}

static void
full_and_gentle_are_those_of_the_manual(void **state)
{
	struct settings *s = load_good("");
	const struct cm_module *gentle = settings_module(s, "gentle");
	struct cm_module full = *settings_module(s, "full");
	unsigned i;

	(void)state;
	assert_int_equal(full.endpoints, (1u << CM_ENDPOINT_COUNT) - 1);
	full.endpoints = settings_module(s, "coda56")->endpoints;
	check_same(&full, settings_module(s, "coda56"));
	assert_int_equal(gentle->max_concurrent_fetches, 1);
	assert_int_equal(gentle->keepalive_us, 0);
	for (i = 0; i < CM_ENDPOINT_COUNT; i++)
		assert_int_equal(gentle->min_interval_us[i],
		    i == CM_DSOFDMINFO ? 1800 * second : 60 * second);
	settings_release(s);
}

static void
a_file_may_say_nothing(void **state)
{
	static const char *const texts[] = {
		"", "\n", "# nothing\n", "---\n", "{}", "modules:\n",
		"modules: {}\ntargets: {}\n", "modules:\n  full:\n",
		"modules:\n  full: {}\n", "\xef\xbb\xbfmodules:\n",
		"modules:\n  gentle:\n    tls:\n    keepalive: 0ms\r\n",
		"%YAML 1.1\n---\nmodules:\n...\n",
	};
	struct settings *none = load_good(""), *s;
	const struct cm_module *module;
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		s = load_good(texts[i]);
		for (j = 0; (module = settings_module_at(none, j)) != NULL;
		    j++)
			check_same(module, settings_module_at(s, j));
		assert_null(settings_module_at(s, j));
		settings_release(s);
	}
	settings_release(none);
}

static const char everything[] =
    "modules:\n"
    "  all.of-it_1:\n"
    "    scheme: http\n"
    "    port: 8080\n"
    "    timeout: 1m30s\n"
    "    endpoints: [status_log, 'dsinfo']\n"
    "    max_concurrent_fetches: 10\n"
    "    min_interval: 1h1m1s1ms\n"
    "    endpoint_min_interval:\n"
    "      dsinfo: 250ms\n"
    "      getSysInfo: 0\n"
    "    keepalive: 0\n"
    "    ip_protocol: ip6\n"
    "    source_address: fe80::1%eth0\n"
    "    expose_identifiers: true\n"
    "    tls:\n"
    "      verify: fingerprint\n"
    "      fingerprint_sha256: 00:11:22:33:44:55:66:77:88:99:aa:BB:cc:dd:"
	"eE:ff:00112233445566778899AABBCCDDEEFF\n"
    "      ca_file: \"/a b/\\\"c\\\"\\u0085\\\\ \\u00fc.pem\"\n"
    "      server_name: modem.lan\n"
    "      min_version: TLS1.3\n"
    "  gentle: {max_concurrent_fetches: 2}\n"
    "targets:\n"
    "  allow: [192.168.100.0/24, \"fd00::/8\", 10.0.0.1]\n"
    "  deny:\n"
    "  - 192.168.100.7\n";

static void
every_key_is_kept(void **state)
{
	static const unsigned char half[] = {
		0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
		0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
	};
	struct settings *s = load_good(everything);
	const struct cm_module *m = settings_module(s, "all.of-it_1");
	unsigned i;

	(void)state;
	assert_ptr_equal(settings_module_at(s, 3), m);
	assert_int_equal(m->scheme, CM_HTTP);
	assert_int_equal(m->port, 8080);
	assert_int_equal(m->timeout_us, 90 * second);
	assert_int_equal(m->endpoints, 1u << CM_DSINFO | 1u << CM_STATUS_LOG);
	assert_int_equal(m->max_concurrent_fetches, 10);
	for (i = 0; i < CM_ENDPOINT_COUNT; i++)
		assert_int_equal(m->min_interval_us[i], i == CM_DSINFO ?
		    250000 : i == CM_GETSYSINFO ? 0 : 3661001000);
	assert_int_equal(m->keepalive_us, 0);
	assert_int_equal(m->ip_protocol, CM_IP6);
	assert_string_equal(m->source_address, "fe80::1%eth0");
	assert_true(m->expose_identifiers);
	assert_int_equal(m->tls.verify, CM_VERIFY_FINGERPRINT);
	assert_memory_equal(m->tls.fingerprint, half, 16);
	assert_memory_equal(m->tls.fingerprint + 16, half, 16);
	assert_string_equal(m->tls.ca_file,
	    "/a b/\"c\"\xc2\x85\\ \xc3\xbc.pem");
	assert_string_equal(m->tls.server_name, "modem.lan");
	assert_int_equal(m->tls.min_version, 0x0304);
	assert_true(allows(m, "192.168.100.1") && allows(m, "10.0.0.1"));
	assert_false(allows(m, "192.168.100.7") || allows(m, "10.0.0.2"));
	settings_release(s);
}

/* A module of the file begins as the built-in coda56, whatever else the file
 * makes of that; a built-in one keeps what the file does not say. */
static void
unset_keys_are_those_of_the_manual(void **state)
{
	struct settings *none = load_good("");
	struct settings *s = load_good("modules:\n"
	    "  coda56: {port: 1, min_interval: 9s}\n"
	    "  new:\n"
	    "  gentle: {min_interval: 5m}\n"
	    "  full: {endpoint_min_interval: {dsinfo: 7s}}\n");
	const struct cm_module *gentle = settings_module(s, "gentle");

	(void)state;
	check_same(settings_module(s, "new"), settings_module(none, "coda56"));
	assert_int_equal(settings_module(s, "coda56")->port, 1);
	assert_int_equal(gentle->max_concurrent_fetches, 1);
	assert_int_equal(gentle->min_interval_us[CM_DSINFO], 300 * second);
	assert_int_equal(gentle->min_interval_us[CM_DSOFDMINFO],
	    1800 * second);
	assert_int_equal(settings_module(s, "full")->min_interval_us[CM_DSINFO],
	    7 * second);
	settings_release(s);

	/* Written out, the intervals of the pages are all replaced. */
	s = load_good("modules: {gentle: {endpoint_min_interval: {}}}");
	assert_int_equal(settings_module(s, "gentle")->
	    min_interval_us[CM_DSOFDMINFO], 60 * second);
	settings_release(s);
	settings_release(none);
}

static void
the_command_lines_networks_win(void **state)
{
	static const char text[] = "targets: {allow: [11.0.0.0/8, 10.0.0.1], "
	    "deny: []}";
	struct config config = command_line();
	struct settings *s = load_with(&config, text, strlen(text));
	const struct cm_module *m = settings_module_at(s, 0);

	(void)state;
	assert_true(allows(m, "11.0.0.1"));
	assert_false(allows(m, "10.0.0.2"));
	settings_release(s);

	config.allow.given = true;
	s = load_with(&config, text, strlen(text));
	m = settings_module_at(s, 0);
	assert_true(allows(m, "10.0.0.2") && allows(m, "10.9.0.1"));
	assert_false(allows(m, "11.0.0.1"));
	settings_release(s);

	config.deny.given = true;
	s = load_with(&config, text, strlen(text));
	assert_false(allows(settings_module_at(s, 0), "10.9.0.1"));
	settings_release(s);
}

static void
the_modem_is_of_the_files_module(void **state)
{
	static const char text[] = "modules: {old: {scheme: http, port: 81}}";
	struct config config = command_line();
	const struct cm_module *module;
	const struct cm_target *target;
	struct settings *s = load_with(&config, text, strlen(text));

	(void)state;
	assert_null(settings_modem(s, &module));
	assert_string_equal(module->name, "coda56");
	settings_release(s);

	config.modem_target = "Modem.lan";
	config.modem_module = "old";
	s = load_with(&config, text, strlen(text));
	target = settings_modem(s, &module);
	assert_string_equal(module->name, "old");
	assert_string_equal(target->host, "modem.lan");
	assert_int_equal(target->scheme, CM_HTTP);
	assert_int_equal(target->port, 81);
	settings_release(s);

	assert_null(load_with(&config, "modules:\n", 9));
	assert_non_null(strstr(why, "--modem.module=old: "));
	config.probe = true;
	assert_null(load_with(&config, "modules:\n", 9));
	assert_non_null(strstr(why, "--module=old: "));
}

static void
wrong_modems_are_refused(void **state)
{
	static const char *const targets[] = {
		"10.0.0.7/x", "[fd00::1", "1.2.3", "a b", "\x1b[m",
	};
	struct config config = command_line();
	char wanted[64];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(targets); i++) {
		config.modem_target = targets[i];
		assert_null(settings_load(&config, why, sizeof(why)));
		snprintf(wanted, sizeof(wanted), "--modem.target=%s: ",
		    i == 4 ? "\\x1b[m" : targets[i]);
		assert_memory_equal(why, wanted, strlen(wanted));
	}
	config.probe = true;
	config.modem_target = "";
	assert_null(settings_load(&config, why, sizeof(why)));
	assert_memory_equal(why, "probe : ", 8);
}

#define MODULE(rest) "modules:\n  m:\n    " rest "\n"

static void
what_is_wrong_is_refused_where_it_stands(void **state)
{
	static const struct {
		const char	*text;
		const char	*place;
		const char	*said;
	} rows[] = {
		/* Not what a configuration looks like. */
		{ "modules", "1:1", "a configuration must be a mapping" },
		{ "[]", "1:1", "must be a mapping" },
		{ "modul: {}", "1:1", "unknown key 'modul'; a configuration "
		    "takes modules, targets" },
		{ "modules: {}\nmodules: {}", "2:1", "second time" },
		{ "modules: []", "1:10", "modules must be a mapping" },
		{ "modules: x", "1:10", "modules must be a mapping" },
		{ "modules: ''", "1:10", "modules must be a mapping" },
		{ "? [a]\n: b", "1:3", "a key must be a single value" },
		{ "targets: 5", "1:10", "targets must be a mapping" },
		{ "targets: {alow: []}", "1:11", "targets takes allow, deny" },
		/* Modules. */
		{ "modules: {'': {}}", "1:11", "name of a module" },
		{ "modules: {a b: {}}", "1:11", "'a b' is no name" },
		{ "modules: {\"a\\e\": {}}", "1:11", "'a\\x1b' is no name" },
		{ "modules: {a/b: {}}", "1:11", "'a/b' is no name" },
		{ "modules:\n  <<: {}", "2:3", "'<<' is no name" },
		{ "modules: {0123456789012345678901234567890123456789"
		    "012345678901234567890123: {}}", "1:11", "63 letters" },
		{ "modules: {a: {}, b: {}, a: {}}", "1:25", "'a' stands" },
		{ "modules: {a: 5}", "1:14", "a must be a mapping" },
		{ "modules: {a: [port]}", "1:14", "a must be a mapping" },
		{ MODULE("prot: 443"), "3:5", "unknown key 'prot'; m takes "
		    "scheme, port, timeout, " },
		{ MODULE("port: 443\n    port: 443"), "4:5", "'port' stands" },
		{ MODULE("min_interval_us: 0"), "3:5", "unknown key" },
		/* Values. */
		{ MODULE("scheme: ftp"), "3:13", "scheme must be one of http, "
		    "https, not 'ftp'" },
		{ MODULE("scheme: HTTP"), "3:13", "one of" },
		{ MODULE("scheme: [http]"), "3:13", "single value" },
		{ MODULE("port: 0"), "3:11", "port must be a number from 1 to "
		    "65535, not '0'" },
		{ MODULE("port: 65536"), "3:11", "1 to 65535" },
		{ MODULE("port: -1"), "3:11", "1 to 65535" },
		{ MODULE("port: 443.0"), "3:11", "1 to 65535" },
		{ MODULE("port: 0x1bb"), "3:11", "1 to 65535" },
		{ MODULE("port: 99999999999999999999"), "3:11", "65535" },
		{ MODULE("port:"), "3:10", "65535" },
		{ MODULE("port: {}"), "3:11", "port must be a single value" },
		{ MODULE("timeout: 0s"), "3:14", "duration above 0" },
		{ MODULE("timeout: 0"), "3:14", "duration above 0" },
		{ MODULE("timeout: 10"), "3:14", "duration above 0, such as "
		    "10s or 500ms, not '10'" },
		{ MODULE("timeout: 1.5s"), "3:14", "not '1.5s'" },
		{ MODULE("timeout: -1s"), "3:14", "not '-1s'" },
		{ MODULE("timeout: 30s1m"), "3:14", "not '30s1m'" },
		{ MODULE("timeout: 1s1s"), "3:14", "not '1s1s'" },
		{ MODULE("timeout: s"), "3:14", "not 's'" },
		{ MODULE("timeout: 87841h"), "3:14", "not '87841h'" },
		{ MODULE("timeout: 9999999999s"), "3:14", "duration" },
		{ MODULE("keepalive: 90"), "3:16", "keepalive must be a "
		    "duration such as 10s, 500ms or 1h30m, or 0, not '90'" },
		{ MODULE("min_interval: []"), "3:19", "single value" },
		{ MODULE("endpoints: dsinfo"), "3:16", "endpoints must be a "
		    "list, as in [dsinfo, usinfo]" },
		{ MODULE("endpoints: []"), "3:16", "not be empty" },
		{ MODULE("endpoints:"), "3:15", "must be a list" },
		{ MODULE("endpoints: [dsinfo, dsinf]"), "3:25",
		    "unknown page 'dsinf' in endpoints; there are dsinfo, " },
		{ MODULE("endpoints: [dsinfo, usinfo, dsinfo]"), "3:33",
		    "'dsinfo' stands in endpoints for the second time" },
		{ MODULE("endpoints: [[dsinfo]]"), "3:17", "single value" },
		{ MODULE("max_concurrent_fetches: 0"), "3:29", "1 to 10" },
		{ MODULE("max_concurrent_fetches: 11"), "3:29", "1 to 10" },
		{ MODULE("endpoint_min_interval: {dsinf: 1s}"), "3:29",
		    "unknown page 'dsinf' in endpoint_min_interval" },
		{ MODULE("endpoint_min_interval: {dsinfo: 1}"), "3:37",
		    "dsinfo must be a duration" },
		{ MODULE("endpoint_min_interval: {dsinfo: 1s, dsinfo: 1s}"),
		    "3:41", "second time" },
		{ MODULE("endpoint_min_interval: [dsinfo]"), "3:28",
		    "must be a mapping" },
		{ MODULE("ip_protocol: 4"), "3:18", "any, ip4, ip6" },
		{ MODULE("source_address: modem.lan"), "3:21", "an address" },
		{ MODULE("source_address: 10.1"), "3:21", "an address" },
		{ MODULE("source_address: 010.0.0.1"), "3:21", "an address" },
		{ MODULE("source_address: fe80::1%"), "3:21", "an address" },
		{ MODULE("source_address: '[fe80::1]'"), "3:21", "address" },
		{ MODULE("source_address: 10.0.0.1:80"), "3:21", "address" },
		{ MODULE("expose_identifiers: yes"), "3:25",
		    "one of false, true, not 'yes'" },
		{ MODULE("expose_identifiers: 1"), "3:25", "false, true" },
		{ MODULE("tls: none"), "3:10", "tls must be a mapping" },
		{ MODULE("tls: {verfy: none}"), "3:11", "tls takes verify, " },
		{ MODULE("tls: {verify: full}"), "3:19",
		    "none, fingerprint, ca, not 'full'" },
		{ MODULE("tls: {min_version: 1.2}"), "3:24",
		    "TLS1.0, TLS1.1, TLS1.2, TLS1.3, not '1.2'" },
		{ MODULE("tls: {fingerprint_sha256: 00112233}"), "3:31",
		    "64 hexadecimal digits" },
		{ MODULE("tls: {fingerprint_sha256: 00112233445566778899aabbcc"
		    "ddeeff00112233445566778899aabbccddeefg}"), "3:31",
		    "64 hexadecimal digits" },
		{ MODULE("tls: {fingerprint_sha256: '00112233445566778899aabbc"
		    "cddeeff00112233445566778899aabbccddeeff:'}"), "3:31",
		    "64 hexadecimal digits" },
		{ MODULE("tls: {fingerprint_sha256: 00112233445566778899aabbcc"
		    "ddeeff00112233445566778899aabbccddeeff00}"), "3:31",
		    "64 hexadecimal digits" },
		{ MODULE("tls: {server_name: 'a b'}"), "3:24",
		    "a host's name" },
		{ MODULE("tls: {ca_file: [x]}"), "3:20", "single value" },
		/* What needs another key. */
		{ MODULE("tls: {verify: fingerprint}"), "2:3",
		    "no tls.fingerprint_sha256" },
		{ MODULE("tls: {verify: ca}"), "2:3", "tls.ca_file ''" },
		{ MODULE("tls: {verify: ca, ca_file: /nonexistent}"), "2:3",
		    "tls.ca_file '/nonexistent' cannot be read" },
		{ MODULE("tls: {verify: ca, ca_file: /}"), "2:3", "tls.ca" },
		/* Networks. */
		{ "targets: {allow: []}", "1:18", "not be empty" },
		{ "targets: {allow: 10.0.0.0/8}", "1:18", "a list" },
		{ "targets: {deny: }", "1:17", "a list" },
		{ "targets: {deny: [10.0.0.0/8, 10.0.0.0/33]}", "1:30",
		    "'10.0.0.0/33' in deny: the network's number of bits" },
		{ "targets: {allow: [modem.lan]}", "1:19", "10.0.0.0/8" },
		{ "targets: {allow: [[]]}", "1:19", "single value" },
		/* What YAML can do beyond that. */
		{ "a: &x {}\nb: *x", "1:4", "leave out &x" },
		{ "modules: {a: &x {port: 1}}", "1:14", "leave out &x" },
		{ "modules: {a: *x}", "1:14", "aliases are not read" },
		{ "modules: {a: {port: !!int 5}}", "1:21", "tags are not" },
		{ "modules: !x {}", "1:10", "tags are not read" },
		{ "modules: {}\n---\nmodules: {}", "2:1", "second document" },
		{ "modules: {}\n--- !x", "2:1", "second document" },
		{ "[[[[[[[[[[]]]]]]]]]]", "1:9", "nested too deeply" },
		{ "modules: {\"a\\0b\": {}}", "1:11", "NUL" },
		/* No YAML at all. */
		{ "modules:\n\tm: {}", "2:1", "tab" },
		{ "modules: {", "2:1", "check quotes" },
		{ "modules: {}\n  targets: {}", "2:3", "check quotes" },
		{ "a: b: c", "1:5", "mapping values are not allowed" },
		{ "modules: \"x", "1:12", "check quotes" },
		{ "# \xc3\xbc\n# \xc3\xbc\xff", "2:4", "UTF-8" },
		{ "a\n\x1b[m", "2:1", "text in UTF-8" },
		{ "\xfe\xffm", "1:1", "UTF-8" },
	};
	char wanted[32];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		if (load(rows[i].text) != NULL)
			fail_msg("%s is taken", rows[i].text);
		snprintf(wanted, sizeof(wanted), ":%s: ", rows[i].place);
		if (strncmp(why, wanted, strlen(wanted)) != 0 ||
		    strstr(why, rows[i].said) == NULL)
			fail_msg("%s is refused with '%s', not '%s%s'",
			    rows[i].text, why, wanted, rows[i].said);
	}
}

static void
a_nul_in_the_file_is_refused(void **state)
{
	struct config config = command_line();

	(void)state;
	assert_null(load_with(&config, "modules:\n\0", 10));
	assert_memory_equal(why, ":2:1: ", 6);
}

/* A configuration with this many of something in it, numbered. */
static char *
repeat(const char *begin, const char *before, const char *after,
    const char *end, unsigned count)
{
	size_t size = strlen(begin) + strlen(end) + 1 +
	    count * (strlen(before) + 10 + strlen(after));
	char *text = malloc(size);
	size_t n;
	unsigned i;

	assert_non_null(text);
	n = (size_t)sprintf(text, "%s", begin);
	for (i = 0; i < count; i++)
		n += (size_t)sprintf(text + n, "%s%u%s", before, i, after);
	strcpy(text + n, end);
	return text;
}

static void
lists_have_their_limits(void **state)
{
	static const struct {
		const char	*begin, *before, *after, *end;
		unsigned	 most;
		const char	*said;
	} rows[] = {
		/* Three modules are built in. */
		{ "modules: {", "m", ": {}, ", "}", 61, "too many modules; "
		    "there may be 64" },
		{ "targets: {deny: [", "10.0.0.", ", ", "]}", 64,
		    "too many networks in deny; there may be 64" },
	};
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		text = repeat(rows[i].begin, rows[i].before, rows[i].after,
		    rows[i].end, rows[i].most);
		settings_release(load_good(text));
		free(text);
		text = repeat(rows[i].begin, rows[i].before, rows[i].after,
		    rows[i].end, rows[i].most + 1);
		assert_null(load(text));
		if (strstr(why, rows[i].said) == NULL)
			fail_msg("%s instead of %s", why, rows[i].said);
		free(text);
	}
}

static void
files_and_texts_have_their_limits(void **state)
{
	static char text[256 * 1024 + 2];
	struct config config = command_line();

	(void)state;
	memset(text, '#', sizeof(text));
	settings_release(load_with(&config, text, sizeof(text) - 2));
	assert_null(load_with(&config, text, sizeof(text) - 1));
	assert_string_equal(why, ": too large; a configuration has at most "
	    "256 KiB");
	snprintf(text, sizeof(text), "modules: {m: {tls: {ca_file: %065536d}}}",
	    0);
	settings_release(load_good(text));
	snprintf(text, sizeof(text), "modules: {m: {tls: {ca_file: %065537d}}}",
	    0);
	assert_null(load(text));
	assert_string_equal(why, ":1:30: a text has at most 65536 bytes");
}

static void
a_file_that_cannot_be_read_is_refused(void **state)
{
	struct config config = command_line();

	(void)state;
	config.file = "/nonexistent/x.yml";
	assert_null(settings_load(&config, why, sizeof(why)));
	assert_string_equal(why, "/nonexistent/x.yml: No such file or "
	    "directory");
	config.file = "/";
	assert_null(settings_load(&config, why, sizeof(why)));
	assert_string_equal(why, "/: Is a directory");
}

static void
a_readable_ca_file_is_right(void **state)
{
	char path[] = "/tmp/test_settings.XXXXXX", text[256];
	int fd = mkstemp(path);
	struct settings *s;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(text, sizeof(text), "modules: {m: {tls: {verify: ca, "
	    "ca_file: %s}}}", path);
	s = load(text);
	unlink(path);
	assert_non_null(s);
	assert_int_equal(settings_module(s, "m")->tls.verify, CM_VERIFY_CA);
	assert_string_equal(settings_module(s, "m")->tls.ca_file, path);
	settings_release(s);
}

static void
what_is_written_reads_back(void **state)
{
	static const char *const texts[] = { "", everything };
	struct settings *one, *other;
	const struct cm_module *module;
	char *written, *again;
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		one = load_good(texts[i]);
		written = settings_write(one);
		assert_non_null(written);
		other = load_good(written);
		for (j = 0; (module = settings_module_at(one, j)) != NULL;
		    j++) {
			check_same(module, settings_module_at(other, j));
			assert_string_equal(module->name,
			    settings_module_at(other, j)->name);
			assert_int_equal(allows(module, "192.168.100.1"),
			    i == 1);
			assert_int_equal(allows(settings_module_at(other, j),
			    "192.168.100.1"), i == 1);
			assert_int_equal(allows(settings_module_at(other, j),
			    "10.9.0.1"), 0);
			assert_int_equal(allows(settings_module_at(other, j),
			    "192.168.100.7"), 0);
		}
		assert_null(settings_module_at(other, j));
		again = settings_write(other);
		assert_string_equal(again, written);
		free(written);
		free(again);
		settings_release(one);
		settings_release(other);
	}
}

static void
who_lets_go_last_frees(void **state)
{
	struct settings *s = load_good(everything);
	const struct cm_module *module = settings_module_at(s, 3);

	(void)state;
	assert_ptr_equal(settings_hold(s), s);
	settings_release(s);
	assert_string_equal(module->name, "all.of-it_1");
	assert_true(allows(module, "10.0.0.1"));
	settings_release(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_module_is_that_of_the_manual),
		cmocka_unit_test(full_and_gentle_are_those_of_the_manual),
		cmocka_unit_test(a_file_may_say_nothing),
		cmocka_unit_test(every_key_is_kept),
		cmocka_unit_test(unset_keys_are_those_of_the_manual),
		cmocka_unit_test(the_command_lines_networks_win),
		cmocka_unit_test(the_modem_is_of_the_files_module),
		cmocka_unit_test(wrong_modems_are_refused),
		cmocka_unit_test(what_is_wrong_is_refused_where_it_stands),
		cmocka_unit_test(a_nul_in_the_file_is_refused),
		cmocka_unit_test(lists_have_their_limits),
		cmocka_unit_test(files_and_texts_have_their_limits),
		cmocka_unit_test(a_file_that_cannot_be_read_is_refused),
		cmocka_unit_test(a_readable_ca_file_is_right),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(who_lets_go_last_frees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
