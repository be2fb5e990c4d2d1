/* SPDX-License-Identifier: MIT */

/*
 * The command line: every option's default, value and refusals.
 */

#include "options.h"

#include <arpa/inet.h>

#include "capture.h"
#include "unit.h"

/* An option that takes a value, a value that is right, one that is not. */
struct valued {
	const char	*name;
	const char	*right;
	const char	*wrong;
	bool		 repeatable;
};

/* All of those with which it serves. */
static const struct valued valued[] = {
	{ "web.listen-address", "127.0.0.1:0", "nowhere", true },
	{ "web.config.file", "/dev/null", NULL, false },
	{ "web.external-url", "https://example.org/a/", "example.org", false },
	{ "web.route-prefix", "/a/b", "/a b", false },
	{ "web.telemetry-path", "/own", "own", false },
	{ "web.max-probes", "7", "0", false },
	{ "web.max-connections", "7", "0", false },
	{ "history.limit", "7", "many", false },
	{ "config.file", "/dev/null", NULL, false },
	{ "modem.module", "coda56", NULL, false },
	{ "modem.target", "10.0.0.7", NULL, false },
	{ "target.allow", "10.0.0.0/8", "10.0.0.0/33", true },
	{ "target.deny", "10.0.0.0/8", "ten", true },
	{ "dns.resolv-conf", "/dev/null", NULL, false },
	{ "timeout-offset", "0.25", "1e3", false },
	{ "log.level", "error", "loud", false },
	{ "log.format", "logfmt", "xml", false },
};

/* All of those with which it probes once. */
static const struct valued probing[] = {
	{ "config.file", "/dev/null", NULL, false },
	{ "module", "full", NULL, false },
	{ "format", "json", "xml", false },
	{ "target.allow", "10.0.0.0/8", "10.0.0.0/33", true },
	{ "target.deny", "10.0.0.0/8", "ten", true },
	{ "dns.resolv-conf", "/dev/null", NULL, false },
	{ "log.level", "error", "loud", false },
	{ "log.format", "logfmt", "xml", false },
};

struct said {
	enum options_result	 result;
	char			*out;
	char			*err;
};

/* Parse a command line that ends in NULL, and keep what is printed. */
static struct said
parse(struct config *config, const char *const *args)
{
	char *argv[64] = { NULL };
	struct capture out, err;
	struct said said;
	int argc = 0;

	argv[argc++] = (char *)(uintptr_t)"coda56-exporter";
	while (*args != NULL)
		argv[argc++] = (char *)(uintptr_t)*args++;
	capture_begin(&out, stdout);
	capture_begin(&err, stderr);
	said.result = options_parse(config, argc, argv);
	said.err = capture_end(&err);
	said.out = capture_end(&out);
	return said;
}

static void
check_run(struct config *config, const char *const *args)
{
	struct said said = parse(config, args);

	if (said.result != OPTIONS_RUN)
		fail_msg("this is refused: %s", said.err);
	assert_string_equal(said.out, "");
	assert_string_equal(said.err, "");
	free(said.out);
	free(said.err);
}

/* Refused, with one line on stderr that names what was wrong. */
static void
check_wrong(const char *const *args, const char *named)
{
	static struct config config;
	struct said said = parse(&config, args);

	if (said.result != OPTIONS_WRONG)
		fail_msg("%s is taken", named);
	assert_string_equal(said.out, "");
	if (strstr(said.err, named) == NULL)
		fail_msg("'%s' is not named: %s", named, said.err);
	assert_ptr_equal(strchr(said.err, '\n'),
	    said.err + strlen(said.err) - 1);
	free(said.out);
	free(said.err);
}

#define RUN(config, ...) \
	check_run(config, (const char *const[]){ __VA_ARGS__, NULL })
#define WRONG(named, ...) \
	check_wrong((const char *const[]){ __VA_ARGS__, NULL }, named)

static bool
allows(const struct config *config, const char *address)
{
	struct cm_policy policy = {
		config->allow.list, config->allow.count,
		config->deny.list, config->deny.count,
	};
	struct sockaddr_storage ss = { .ss_family = AF_INET };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ss;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&ss;

	if (inet_pton(AF_INET, address, &sin->sin_addr) != 1) {
		ss.ss_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, address,
		    &sin6->sin6_addr), 1);
	}
	return cm_policy_allows(&policy, (struct sockaddr *)&ss);
}

static void
defaults_are_those_of_the_manual(void **state)
{
	static const char *const none[] = { NULL };
	static struct config config;

	(void)state;
	check_run(&config, none);
	assert_int_equal(config.listen_count, 1);
	assert_true(config.listen[0].has_ipv4 && config.listen[0].has_ipv6);
	assert_int_equal(ntohs(config.listen[0].ipv4.sin_port), 8000);
	assert_false(config.systemd_socket);
	assert_string_equal(config.route_prefix, "/");
	assert_string_equal(config.external_path, "/");
	assert_string_equal(config.telemetry_path, "/metrics");
	assert_int_equal(config.max_probes, 512);
	assert_int_equal(config.max_connections, 1024);
	assert_string_equal(config.modem_target, "");
	assert_string_equal(config.modem_module, "coda56");
	assert_string_equal(config.file, "");
	assert_false(config.check || config.disable_config ||
	    config.disable_sandbox);
	assert_int_equal(config.allow.count, 9);
	assert_int_equal(config.deny.count, 5);
	assert_false(config.allow.given || config.deny.given);
	assert_string_equal(config.resolv_conf, "/etc/resolv.conf");
	assert_int_equal(config.timeout_offset, 500000);
}

static void
modems_may_be_asked_and_clouds_not(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const allowed[] = {
		"10.0.0.0", "10.0.0.7", "10.255.255.255", "172.16.0.0",
		"172.31.255.255", "192.168.0.0", "192.168.100.1",
		"192.168.255.255", "100.64.0.0", "100.127.255.255",
		"127.0.0.0", "127.0.0.1", "127.255.255.255", "169.254.0.0",
		"169.254.169.253", "169.254.169.255", "169.254.255.255",
		"100.100.100.199", "100.100.100.201", "::1", "fc00::",
		"fd00::1", "fd00:ec2::253", "fd00:ec2::255",
		"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::",
		"fe80::1", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"::ffff:192.168.100.1", "::ffff:127.0.0.1",
	};
	static const char *const denied[] = {
		/* Where clouds keep their secrets. */
		"169.254.169.254", "::ffff:169.254.169.254",
		"::ffff:a9fe:a9fe", "100.100.100.200",
		"::ffff:100.100.100.200", "192.0.0.192", "168.63.129.16",
		"fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe",
		/* Public, and for documents. */
		"8.8.8.8", "1.1.1.1", "192.0.2.1", "198.51.100.1",
		"203.0.113.9", "::ffff:8.8.8.8", "2001:4860:4860::8888",
		"2001:db8::1",
		/* Beside the allowed ones. */
		"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0",
		"192.167.255.255", "192.169.0.0", "100.63.255.255",
		"100.128.0.0", "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "169.255.0.0", "::2",
		"fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe00::",
		"fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::",
		/* This host, nobody, somebody, everybody. */
		"0.0.0.0", "0.0.0.1", "0.255.255.255", "::",
		"::ffff:0.0.0.0", "100::1", "192.88.99.1", "224.0.0.1",
		"239.255.255.250", "240.0.0.1", "255.255.255.255", "ff01::1",
		"ff02::1", "ff0e::1",
		/* IPv4 in other clothes is not IPv4: compatible, NAT64 as
		 * known to all and of one's own, 6to4, Teredo, ISATAP. */
		"::10.0.0.7", "::127.0.0.1", "::ffff:0:10.0.0.7",
		"64:ff9b::10.0.0.7", "64:ff9b::808:808", "64:ff9b:1::a00:7",
		"2002:a00:7::1", "2002:7f00:1::1", "2001::a00:7",
		"2001:db8::5efe:10.0.0.7",
	};
	static struct config config;
	size_t i;

	(void)state;
	check_run(&config, none);
	for (i = 0; i < COUNT(allowed); i++)
		if (!allows(&config, allowed[i]))
			fail_msg("%s is denied", allowed[i]);
	for (i = 0; i < COUNT(denied); i++)
		if (allows(&config, denied[i]))
			fail_msg("%s is allowed", denied[i]);
}

static void
values_follow_a_sign_or_a_blank(void **state)
{
	static struct config config;
	char with_sign[128], name[64];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(valued); i++) {
		snprintf(name, sizeof(name), "--%s", valued[i].name);
		snprintf(with_sign, sizeof(with_sign), "%s=%s", name,
		    valued[i].right);
		RUN(&config, with_sign);
		RUN(&config, name, valued[i].right);
	}
	RUN(&config, "--log.level=info");	/* for the tests to come */
}

static void
values_are_set(void **state)
{
	static struct config config;

	(void)state;
	RUN(&config, "--web.listen-address=127.0.0.1:9000",
	    "--web.listen-address", "[::1]:0", "--web.telemetry-path=/a/b-c",
	    "--web.max-probes", "1000000", "--web.max-connections=9",
	    "--modem.target=modem.lan:8443",
	    "--modem.module", "gentle", "--config.file=/etc/x.yml",
	    "--web.config.file=/etc/web.yml",
	    "--config.check", "--web.disable-config", "--disable-sandbox",
	    "--dns.resolv-conf=/tmp/x=y",
	    "--timeout-offset=1.25", "--target.allow=10.0.0.0/8,fd00::/8",
	    "--target.allow", "192.168.0.0/16", "--target.deny=10.1.0.0/16");
	assert_int_equal(config.listen_count, 2);
	assert_int_equal(ntohs(config.listen[0].ipv4.sin_port), 9000);
	assert_true(config.listen[1].has_ipv6);
	assert_string_equal(config.telemetry_path, "/a/b-c");
	assert_int_equal(config.max_probes, 1000000);
	assert_int_equal(config.max_connections, 9);
	assert_string_equal(config.modem_target, "modem.lan:8443");
	assert_string_equal(config.modem_module, "gentle");
	assert_string_equal(config.file, "/etc/x.yml");
	assert_string_equal(config.web_config_file, "/etc/web.yml");
	assert_true(config.check && config.disable_config &&
	    config.disable_sandbox);
	assert_string_equal(config.resolv_conf, "/tmp/x=y");
	assert_int_equal(config.timeout_offset, 1250000);
	/* Each list replaces its default. */
	assert_int_equal(config.allow.count, 3);
	assert_int_equal(config.deny.count, 1);
	assert_true(config.allow.given && config.deny.given);
	assert_true(allows(&config, "10.0.0.7"));
	assert_true(allows(&config, "192.168.1.1"));
	assert_false(allows(&config, "10.1.0.7"));
	assert_false(allows(&config, "172.16.0.1"));
}

static void
one_list_replaced_leaves_the_other(void **state)
{
	static struct config config;

	(void)state;
	RUN(&config, "--target.allow=0.0.0.0/0");
	assert_true(config.allow.given && !config.deny.given);
	assert_true(allows(&config, "8.8.8.8"));
	assert_false(allows(&config, "169.254.169.254"));
	RUN(&config, "--target.deny=10.0.0.7");
	assert_false(allows(&config, "10.0.0.7"));
	assert_true(allows(&config, "10.0.0.8"));
	assert_true(allows(&config, "169.254.169.254"));
	RUN(&config, "--target.deny=");
	assert_int_equal(config.deny.count, 0);
	assert_true(!config.allow.given && config.deny.given);
}

static void
wrong_values_are_refused(void **state)
{
	char with_sign[128], name[64];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(valued); i++) {
		if (valued[i].wrong == NULL)
			continue;
		snprintf(name, sizeof(name), "--%s", valued[i].name);
		snprintf(with_sign, sizeof(with_sign), "%s=%s", name,
		    valued[i].wrong);
		WRONG(with_sign, with_sign);
		WRONG(with_sign, name, valued[i].wrong);
	}
}

static void
more_wrong_values_are_refused(void **state)
{
	static const char *const args[] = {
		"--web.listen-address=", "--web.listen-address=:65536",
		"--web.telemetry-path=", "--web.telemetry-path=/",
		"--web.telemetry-path=/probe", "--web.telemetry-path=/config",
		"--web.telemetry-path=/-/ready", "--web.telemetry-path=/logs",
		"--web.telemetry-path=/a b", "--web.telemetry-path=/a?b",
		"--web.telemetry-path=/a%20b", "--web.telemetry-path=//a",
		"--web.telemetry-path=/favicon.ico", "--web.max-probes=",
		"--web.external-url=/a", "--web.external-url=http://",
		"--web.external-url=http:///a", "--web.external-url=ftp://h/",
		"--web.external-url=//h/a", "--web.external-url=http:a",
		"--web.external-url=http://u@h/",
		"--web.external-url=http://h/?",
		"--web.external-url=http://h/#a",
		"--web.external-url=http://h /",
		"--web.external-url=http://h/a//b",
		"--web.external-url=http://h/%41",
		"--web.external-url=http://h:x/",
		"--web.external-url=\"http://h\"", "--web.route-prefix=/a//b",
		"--web.route-prefix=/a?b", "--web.route-prefix=http://h/",
		"--web.route-prefix=/a\"b",
		"--log.format=", "--log.format=JSON",
		"--web.max-connections=0", "--web.max-connections=x",
		"--web.max-probes=-1", "--web.max-probes=1000001",
		"--web.max-probes=many", "--web.max-probes=1.5",
		"--target.allow=", "--target.allow=10.0.0.0/8,",
		"--target.allow=,10.0.0.0/8", "--target.allow=10.0.0.1/8",
		"--target.deny=10.0.0.0/8,,::1", "--target.deny=10.0.0.0/8 ",
		"--target.deny=::ffff:10.0.0.0/104",
		"--target.allow=::ffff:10.0.0.7",
		"--timeout-offset=", "--timeout-offset=-1",
		"--timeout-offset=inf", "--timeout-offset=0.5s",
		"--log.level=", "--log.level=INFO", "--log.level=warning",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(args); i++)
		WRONG(args[i], args[i]);
}

static void
what_is_no_option_is_refused(void **state)
{
	(void)state;
	WRONG("target", "target");
	WRONG("-h", "-h");
	WRONG("--", "--");
	WRONG("---help", "---help");
	WRONG("--nonsense", "--nonsense");
	WRONG("--nonsense=1", "--nonsense=1");
	WRONG("--log.leve", "--log.leve=info");
	WRONG("--log.levels", "--log.levels=info");
	WRONG("--Log.Level", "--Log.Level=info");
	WRONG("--=", "--=x");
	WRONG("", "");
}

static void
a_missing_value_is_refused(void **state)
{
	char name[64];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(valued); i++) {
		snprintf(name, sizeof(name), "--%s", valued[i].name);
		WRONG(name, name);
	}
	WRONG("--help", "--help=yes");
	WRONG("--version", "--version=");
	WRONG("--config.check", "--config.check=yes");
	WRONG("--web.disable-config", "--web.disable-config=");
	WRONG("--list-metrics", "--list-metrics=x");
}

static void
what_is_said_twice_must_be_repeatable(void **state)
{
	static struct config config;
	char arg[128];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(valued); i++) {
		snprintf(arg, sizeof(arg), "--%s=%s", valued[i].name,
		    valued[i].right);
		if (valued[i].repeatable)
			RUN(&config, arg, arg);
		else
			WRONG(valued[i].name, arg, arg);
	}
}

static void
lists_have_their_limits(void **state)
{
	static struct config config;
	static const char *listens[CONFIG_LISTEN_MAX + 2];
	char networks[16 + 8 * (CONFIG_NETWORKS_MAX + 1)];
	size_t i;

	(void)state;
	for (i = 0; i <= CONFIG_LISTEN_MAX; i++)
		listens[i] = "--web.listen-address=127.0.0.1:0";
	check_wrong(listens, "web.listen-address");
	listens[CONFIG_LISTEN_MAX] = NULL;
	check_run(&config, listens);
	assert_int_equal(config.listen_count, CONFIG_LISTEN_MAX);

	strcpy(networks, "--target.allow=1.0.0.0");
	for (i = 1; i < CONFIG_NETWORKS_MAX; i++)
		strcat(networks, ",1.0.0.0");
	RUN(&config, networks);
	assert_int_equal(config.allow.count, CONFIG_NETWORKS_MAX);
	strcat(networks, ",1.0.0.0");
	WRONG("target.allow", networks);
}

static void
check_prefix(const char *url, const char *prefix, const char *routes,
    const char *links, const char *home)
{
	static struct config config;

	RUN(&config, "--web.external-url", url, "--web.route-prefix", prefix);
	assert_string_equal(config.route_prefix, routes);
	assert_string_equal(config.external_path, links);
	assert_string_equal(config.home, home);
}

static void
routes_and_links_have_their_prefixes(void **state)
{
	static const char url[] = "https://example.org:8443/a/b/";

	(void)state;
	check_prefix("", "", "/", "/", "/");
	check_prefix("", "/a", "/a/", "/a/", "/a/");
	check_prefix("", "a/b/", "/a/b/", "/a/b/", "/a/b/");
	check_prefix("", "/", "/", "/", "/");
	check_prefix("", "///", "/", "/", "/");
	check_prefix("HTTP://h", "", "/", "/", "HTTP://h/");
	check_prefix("http://[fd00::1]:80/", "", "/", "/",
	    "http://[fd00::1]:80/");
	check_prefix(url, "", "/a/b/", "/a/b/", url);
	check_prefix("https://example.org:8443/a/b", "", "/a/b/", "/a/b/",
	    url);
	check_prefix(url, "/", "/", "/a/b/", url);
	check_prefix(url, "/c", "/c/", "/a/b/", url);
}

static void
long_urls_and_paths_are_refused(void **state)
{
	static struct config config;
	char path[CONFIG_PATH_MAX + 1], arg[1024];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[CONFIG_PATH_MAX - 2] = '\0';	/* a slash goes behind it */
	snprintf(arg, sizeof(arg), "--web.route-prefix=%s", path);
	RUN(&config, arg);
	snprintf(arg, sizeof(arg), "--web.external-url=http://h%s", path);
	RUN(&config, arg);
	path[CONFIG_PATH_MAX - 2] = 'a';
	path[CONFIG_PATH_MAX - 1] = '\0';
	snprintf(arg, sizeof(arg), "--web.route-prefix=%s", path);
	WRONG("long", arg);
	snprintf(arg, sizeof(arg), "--web.external-url=http://h%s", path);
	WRONG("long", arg);
	snprintf(arg, sizeof(arg), "--web.external-url=http://%0600d/", 0);
	WRONG("long", arg);
}

static void
a_switch_takes_no_value(void **state)
{
	static struct config config;

	(void)state;
	RUN(&config, "--web.systemd-socket", "--web.max-probes=7");
	assert_true(config.systemd_socket);
	assert_int_equal(config.max_probes, 7);
	WRONG("--web.systemd-socket", "--web.systemd-socket=");
	WRONG("--web.systemd-socket", "--web.systemd-socket=true");
	WRONG("true", "--web.systemd-socket", "true");
	WRONG("--web.systemd-socket", "--web.systemd-socket",
	    "--web.systemd-socket");
	WRONG("--web.systemd-socket", "probe", "10.0.0.7",
	    "--web.systemd-socket");
}

/* Both ways: nothing is missing here, and nothing there. */
static void
help_lists_every_option(void **state)
{
	static const char *const args[] = { "--help", NULL };
	static struct config config;
	struct said said = parse(&config, args);
	char line[80];
	const char *p;
	size_t i, n = 0;

	(void)state;
	assert_int_equal(said.result, OPTIONS_DONE);
	assert_string_equal(said.err, "");
	for (i = 0; i < COUNT(valued); i++) {
		snprintf(line, sizeof(line), "\n  --%s=", valued[i].name);
		if (strstr(said.out, line) == NULL)
			fail_msg("--%s is not in the help", valued[i].name);
	}
	assert_non_null(strstr(said.out, "\n  --module="));
	assert_non_null(strstr(said.out, "\n  --format="));
	assert_non_null(strstr(said.out, "\n  --web.systemd-socket\n"));
	assert_non_null(strstr(said.out, "\n  --config.check\n"));
	assert_non_null(strstr(said.out, "\n  --web.disable-config\n"));
	assert_non_null(strstr(said.out, "\n  --web.disable-debug\n"));
	assert_non_null(strstr(said.out, "\n  --disable-sandbox\n"));
	assert_non_null(strstr(said.out, "\n  --help\n"));
	assert_non_null(strstr(said.out, "\n  --version\n"));
	assert_non_null(strstr(said.out, "\n  --list-metrics\n"));
	assert_non_null(strstr(said.out, " probe TARGET"));
	for (p = said.out; (p = strstr(p, "\n  --")) != NULL; p++)
		n++;
	assert_int_equal(n, COUNT(valued) + 2 + 8);
	for (p = said.out; *p != '\0'; p += strcspn(p, "\n") + 1)
		assert_in_range(strcspn(p, "\n"), 0, 80);
	assert_non_null(strstr(said.out, "192.168.0.0/16,\n      100."));
	assert_non_null(strstr(said.out, "512"));
	assert_non_null(strstr(said.out, "169.254.169.254/32"));
	free(said.out);
	free(said.err);
}

static void
version_is_one_line(void **state)
{
	static const char *const args[] = { "--version", NULL };
	static struct config config;
	struct said said = parse(&config, args);

	(void)state;
	assert_int_equal(said.result, OPTIONS_DONE);
	assert_string_equal(said.err, "");
	assert_memory_equal(said.out, "coda56-exporter " VERSION " ",
	    strlen("coda56-exporter " VERSION " "));
	assert_ptr_equal(strchr(said.out, '\n'),
	    said.out + strlen(said.out) - 1);
	free(said.out);
	free(said.err);
}

/* The tables' own text is compared in test_list. */
static void
metrics_are_listed(void **state)
{
	static const char *const args[] = { "--list-metrics", NULL };
	static const char *const after_probe[] = {
		"probe", "--list-metrics", NULL
	};
	static struct config config;
	struct said one = parse(&config, args);
	struct said other = parse(&config, after_probe);
	char *list = cm_list_metrics();

	(void)state;
	assert_int_equal(one.result, OPTIONS_DONE);
	assert_int_equal(other.result, OPTIONS_DONE);
	assert_string_equal(one.err, "");
	assert_non_null(list);
	assert_string_equal(one.out, list);
	assert_string_equal(other.out, list);
	free(list);
	free(one.out);
	free(one.err);
	free(other.out);
	free(other.err);
}

static void
a_probe_has_the_defaults_of_the_manual(void **state)
{
	static struct config config;

	(void)state;
	RUN(&config, "probe", "192.168.100.1");
	assert_true(config.probe);
	assert_int_equal(config.format, FORMAT_TEXT);
	assert_string_equal(config.modem_module, "coda56");
	assert_string_equal(config.modem_target, "192.168.100.1");
	assert_int_equal(config.allow.count, 9);
	assert_int_equal(config.deny.count, 5);
	assert_string_equal(config.resolv_conf, "/etc/resolv.conf");
	RUN(&config, "--modem.target=probe");
	assert_false(config.probe);
}

static void
a_probe_takes_options_on_either_side(void **state)
{
	static const char *const words[] = {
		[FORMAT_TEXT] = "text",
		[FORMAT_OPENMETRICS] = "openmetrics",
		[FORMAT_JSON] = "json",
		[FORMAT_TABLE] = "table",
	};
	static struct config config;
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(words); i++) {
		RUN(&config, "probe", "--format", words[i], "http://MODEM.lan",
		    "--module=full");
		assert_int_equal(config.format, i);
		assert_string_equal(config.modem_module, "full");
		assert_string_equal(config.modem_target, "http://MODEM.lan");
	}
	RUN(&config, "probe", "--target.allow=fd00::/8", "[fd00::1]:8443",
	    "--target.deny=");
	assert_int_equal(config.allow.count, 1);
	assert_int_equal(config.deny.count, 0);
	assert_string_equal(config.modem_target, "[fd00::1]:8443");
}

static void
a_probe_needs_one_target(void **state)
{
	(void)state;
	WRONG("TARGET", "probe");
	WRONG("TARGET", "probe", "--format=json");
	WRONG("10.0.0.8", "probe", "10.0.0.7", "10.0.0.8");
	WRONG("-x", "probe", "10.0.0.7", "-x");
	WRONG("probe", "--log.level=info", "probe", "10.0.0.7");
}

/* Each command has its options, and refuses those of the other. */
static void
a_probe_has_options_of_its_own(void **state)
{
	static struct config config;
	char right[128], wrong[128], name[64];
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(probing); i++) {
		snprintf(name, sizeof(name), "--%s", probing[i].name);
		snprintf(right, sizeof(right), "%s=%s", name,
		    probing[i].right);
		RUN(&config, "probe", "10.0.0.7", right);
		WRONG(name, "probe", "10.0.0.7", name);
		if (!probing[i].repeatable)
			WRONG(name, "probe", "10.0.0.7", right, right);
		if (probing[i].wrong == NULL)
			continue;
		snprintf(wrong, sizeof(wrong), "%s=%s", name,
		    probing[i].wrong);
		WRONG(wrong, "probe", "10.0.0.7", wrong);
	}
	for (i = 0; i < COUNT(valued); i++) {
		for (j = 0; j < COUNT(probing); j++)
			if (strcmp(valued[i].name, probing[j].name) == 0)
				break;
		snprintf(name, sizeof(name), "--%s", valued[i].name);
		if (j == COUNT(probing))
			WRONG(name, "probe", "10.0.0.7", name,
			    valued[i].right);
	}
	WRONG("--module", "--module=full");
	WRONG("--format", "--format=json");
	WRONG("--format=JSON", "probe", "10.0.0.7", "--format=JSON");
	WRONG("--format=", "probe", "10.0.0.7", "--format=");
	RUN(&config, "--log.level=info");	/* for the tests to come */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_manual),
		cmocka_unit_test(modems_may_be_asked_and_clouds_not),
		cmocka_unit_test(values_follow_a_sign_or_a_blank),
		cmocka_unit_test(values_are_set),
		cmocka_unit_test(one_list_replaced_leaves_the_other),
		cmocka_unit_test(wrong_values_are_refused),
		cmocka_unit_test(more_wrong_values_are_refused),
		cmocka_unit_test(what_is_no_option_is_refused),
		cmocka_unit_test(a_missing_value_is_refused),
		cmocka_unit_test(what_is_said_twice_must_be_repeatable),
		cmocka_unit_test(lists_have_their_limits),
		cmocka_unit_test(routes_and_links_have_their_prefixes),
		cmocka_unit_test(long_urls_and_paths_are_refused),
		cmocka_unit_test(a_switch_takes_no_value),
		cmocka_unit_test(help_lists_every_option),
		cmocka_unit_test(version_is_one_line),
		cmocka_unit_test(metrics_are_listed),
		cmocka_unit_test(a_probe_has_the_defaults_of_the_manual),
		cmocka_unit_test(a_probe_takes_options_on_either_side),
		cmocka_unit_test(a_probe_needs_one_target),
		cmocka_unit_test(a_probe_has_options_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
