/* SPDX-License-Identifier: MIT */

/*
 * The command line: `coda56-exporter [OPTION...]` serves, `coda56-exporter
 * probe TARGET [OPTION...]` probes once.  One row is one option, with its
 * default, which is taken like a value if the option is not given.
 */

#include "options.h"

#include <event2/http.h>
#include <event2/util.h>

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "parse.h"
#include "routes.h"
#include "version.h"

#define PROGRAM "coda56-exporter"

/* The configuration file may replace these two, and options replace both. */
static const char default_allow[] = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,"
    "100.64.0.0/10,127.0.0.0/8,::1/128,fc00::/7,fe80::/10,169.254.0.0/16";
/* Where clouds keep their secrets: of most; Alibaba; in IPv6 AWS, Google and
 * Oracle. */
static const char default_deny[] = "169.254.169.254/32,100.100.100.200/32,"
    "fd00:ec2::254/128,fd20:ce::254/128,fd00:c1::a9fe:a9fe/128";

struct why {
	char	text[256];
};

typedef bool setter(struct config *, const char *, struct why *);

static setter	set_listen, set_external_url, set_route_prefix;
static setter	set_telemetry_path, set_max_probes, set_max_connections;
static setter	set_allow, set_deny;
static setter	set_timeout_offset, set_history_limit, set_log_level;
static setter	set_log_format, set_format;
static void	print_help(void);
static void	print_metrics(void);
static void	print_version(void);

#define AT(member) offsetof(struct config, member)

/* Which of the two commands take an option. */
enum scope {
	BOTH,
	SERVE,
	PROBE
};

static const struct option {
	enum scope	 scope;
	const char	*name;
	const char	*value;		/* its value in the help: a noun, or
					 * words to choose from; NULL: it takes
					 * none */
	const char	*preset;	/* its value if it is not given */
	bool		 repeatable;
	const char	*help;
	/* One of them: what is printed instead of anything else; what reads
	 * the value; or the member that is set to it as it is, or to true if
	 * the option takes none.  What a text means, be it of a file or a
	 * module, is looked at when it is used. */
	void		(*print)(void);
	setter		*set;
	size_t		 at;
} options[] = {
	{ SERVE, "web.listen-address", "ADDRESS", ":8000", true,
	    "Where to listen: HOST:PORT, [IPV6]:PORT, or :PORT for all "
	    "addresses; port 0 takes a free one.", .set = set_listen },
	{ SERVE, "web.systemd-socket", NULL, NULL, false,
	    "Serve on the sockets that systemd hands over, instead of "
	    "--web.listen-address.", .at = AT(systemd_socket) },
	{ SERVE, "web.config.file", "FILE", "", false,
	    "TLS, users and headers, in the format that Prometheus's "
	    "exporters share; read again when it changes.",
	    .at = AT(web_config_file) },
	{ SERVE, "web.external-url", "URL", "", false,
	    "What browsers reach the front page by, if a reverse proxy is in "
	    "between.", .set = set_external_url },
	{ SERVE, "web.route-prefix", "PATH", "", false,
	    "What the paths of all pages begin with; if it is not given, the "
	    "path of --web.external-url.", .set = set_route_prefix },
	{ SERVE, "web.telemetry-path", "PATH", "/metrics", false,
	    "Where the exporter's own metrics are, below the prefix.",
	    .set = set_telemetry_path },
	{ SERVE, "web.max-probes", "NUMBER", "512", false,
	    "Probes at the same time; one more is answered with 503.",
	    .set = set_max_probes },
	{ SERVE, "web.max-connections", "NUMBER", "1024", false,
	    "Connections of clients at the same time; for one more the "
	    "longest idle is closed, or it waits.",
	    .set = set_max_connections },
	{ SERVE, "web.disable-debug", NULL, NULL, false,
	    "Show no logs: no /logs, and no debug=true on /probe.",
	    .at = AT(disable_debug) },
	{ SERVE, "web.disable-config", NULL, NULL, false,
	    "Do not show the configuration on /config.",
	    .at = AT(disable_config) },
	{ BOTH, "config.file", "FILE", "", false,
	    "Modules, and which targets may be asked, in YAML; read again at "
	    "SIGHUP and POST /-/reload.", .at = AT(file) },
	{ SERVE, "config.check", NULL, NULL, false,
	    "Say whether the configuration files are right and exit.",
	    .at = AT(check) },
	{ SERVE, "modem.module", "MODULE", "coda56", false,
	    "How --modem.target is asked.", .at = AT(modem_module) },
	{ SERVE, "modem.target", "TARGET", "", false,
	    "A modem whose metrics stand on the telemetry path too.",
	    .at = AT(modem_target) },
	{ PROBE, "module", "MODULE", "coda56", false,
	    "How the target is asked.", .at = AT(modem_module) },
	{ PROBE, "format", "text|openmetrics|json|table", "text", false,
	    "What is printed.", .set = set_format },
	{ BOTH, "target.allow", "NETWORKS", default_allow, true,
	    "Networks whose addresses may be asked, separated by commas; wins "
	    "over the configuration file.", .set = set_allow },
	{ BOTH, "target.deny", "NETWORKS", default_deny, true,
	    "Networks whose addresses may not be asked, though allowed; wins "
	    "over the configuration file.", .set = set_deny },
	{ BOTH, "dns.resolv-conf", "FILE", "/etc/resolv.conf", false,
	    "Which DNS servers resolve targets' names (resolv.conf(5)).",
	    .at = AT(resolv_conf) },
	{ SERVE, "timeout-offset", "SECONDS", "0.5", false,
	    "How long before Prometheus's timeout a probe must end.",
	    .set = set_timeout_offset },
	{ SERVE, "history.limit", "NUMBER", "100", false,
	    "How many probes / and /logs remember, and as many failures more.",
	    .set = set_history_limit },
	{ SERVE, "disable-sandbox", NULL, NULL, false,
	    "Let the system calls through that it does not need, to find out "
	    "whether a fault is the sandbox's.", .at = AT(disable_sandbox) },
	{ BOTH, "log.level", "debug|info|warn|error", "info", false,
	    "What is logged at the least.", .set = set_log_level },
	{ BOTH, "log.format", "logfmt|json", "logfmt", false,
	    "How a line of the log is written.", .set = set_log_format },
	{ BOTH, "list-metrics", NULL, NULL, false,
	    "Print a table of all metrics in Markdown and exit.",
	    .print = print_metrics },
	{ BOTH, "version", NULL, NULL, false,
	    "Print the version and exit.", .print = print_version },
	{ BOTH, "help", NULL, NULL, false,
	    "Print this and exit.", .print = print_help },
};

#define COUNT (sizeof(options) / sizeof(options[0]))

static bool	applies(const struct config *, const struct option *);
static void	finish(struct config *);
static bool	apply(struct config *, const struct option *, const char *);

static enum options_result
usage(const char *what, const char *arg)
{
	fprintf(stderr, "%s: %s: %s (try --help)\n", PROGRAM, arg, what);
	return OPTIONS_WRONG;
}

static const struct option *
find(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (strlen(options[i].name) == length &&
		    memcmp(options[i].name, name, length) == 0)
			return &options[i];
	return NULL;
}

enum options_result
options_parse(struct config *config, int argc, char **argv)
{
	bool given[COUNT] = { false };
	const struct option *option;
	const char *name, *value;
	size_t i, length;
	int arg;

	memset(config, 0, sizeof(*config));
	config->probe = argc > 1 && strcmp(argv[1], "probe") == 0;
	for (arg = config->probe ? 2 : 1; arg < argc; arg++) {
		if (strncmp(argv[arg], "--", 2) != 0) {
			if (!config->probe || config->modem_target != NULL)
				return usage("not an option", argv[arg]);
			config->modem_target = argv[arg];
			continue;
		}
		name = argv[arg] + 2;
		length = strcspn(name, "=");
		option = find(name, length);
		if (option == NULL)
			return usage("no such option", argv[arg]);
		if (!applies(config, option))
			return usage(config->probe ? "not with probe" :
			    "only with probe", argv[arg]);
		if (option->value == NULL && name[length] == '=')
			return usage("takes no value", argv[arg]);
		if (option->print != NULL) {
			option->print();
			return OPTIONS_DONE;
		}
		value = option->value == NULL ? NULL :
		    name[length] == '=' ? name + length + 1 : argv[++arg];
		if (value == NULL && option->value != NULL)
			return usage("needs a value", name - 2);
		if (given[option - options] && !option->repeatable)
			return usage("given twice", name - 2);
		given[option - options] = true;
		if (!apply(config, option, value))
			return OPTIONS_WRONG;
	}
	for (i = 0; i < COUNT; i++)
		if (!given[i] && options[i].preset != NULL &&
		    applies(config, &options[i]) &&
		    !apply(config, &options[i], options[i].preset))
			return OPTIONS_WRONG;
	if (config->modem_target == NULL)
		return usage("needs a TARGET, such as 192.168.100.1", "probe");
	finish(config);
	return OPTIONS_RUN;
}

static bool
applies(const struct config *config, const struct option *option)
{
	return option->scope == BOTH ||
	    option->scope == (config->probe ? PROBE : SERVE);
}

static bool
apply(struct config *config, const struct option *option, const char *value)
{
	void *at = (char *)config + option->at;
	struct why why;

	if (option->set == NULL && option->value == NULL)
		*(bool *)at = true;
	else if (option->set == NULL)
		*(const char **)at = value;
	if (option->set == NULL || option->set(config, value, &why))
		return true;
	fprintf(stderr, "%s: --%s=%s: %s\n", PROGRAM, option->name, value,
	    why.text);
	return false;
}

/* What one option says of another. */
static void
finish(struct config *config)
{
	if (!config->probe && config->route_prefix[0] == '\0')
		strcpy(config->route_prefix, config->external_path);
	if (!config->probe && config->home[0] == '\0') {
		strcpy(config->external_path, config->route_prefix);
		strcpy(config->home, config->route_prefix);
	}
}

static void
print_version(void)
{
	printf("%s %s (revision %s)\n", PROGRAM, VERSION, REVISION);
}

static void
print_metrics(void)
{
	char *list = cm_list_metrics();

	if (list != NULL)
		fputs(list, stdout);
	free(list);
}

/* Print a text as an indented paragraph of 80 columns, broken behind blanks
 * and, as lists of networks have none, commas. */
static void
print_wrapped(const char *text)
{
	enum { INDENT = 6, WIDTH = 80 - INDENT };
	size_t n, fits;

	for (; *text != '\0'; text += n) {
		for (n = fits = 0; n < WIDTH && text[n] != '\0'; n++)
			if (text[n] == ' ' || text[n] == ',')
				fits = n + 1;
		if (text[n] != '\0' && text[n] != ' ' && fits > 0)
			n = fits;
		fits = n > 0 && text[n - 1] == ' ' ? n - 1 : n;
		printf("%*s%.*s\n", INDENT, "", (int)fits, text);
		n += strspn(text + n, " ");
	}
}

static void
print_help(void)
{
	static const char *const commands[] = {
		[BOTH] = "", [SERVE] = "", [PROBE] = "Only with probe.  ",
	};
	const struct option *o;
	char text[512];

	printf("usage: %s [--option=value ...]\n"
	    "       %s probe TARGET [--option=value ...]\n"
	    "       %s healthcheck [URL]\n\n"
	    "Answers Prometheus with the state of Hitron CODA cable modems; "
	    "with probe, asks\none modem once and prints the answer; with "
	    "healthcheck, asks a running exporter\nwhether it is there.\n\n",
	    PROGRAM, PROGRAM, PROGRAM);
	for (o = options; o < options + COUNT; o++) {
		printf("  --%s", o->name);
		if (o->value != NULL)
			printf("=%s", o->value);
		putchar('\n');
		snprintf(text, sizeof(text), "%s%s", commands[o->scope],
		    o->help);
		print_wrapped(text);
		if (o->preset == NULL || o->preset[0] == '\0')
			continue;
		snprintf(text, sizeof(text), "%sDefault: %s",
		    o->repeatable ? "May be repeated.  " : "", o->preset);
		print_wrapped(text);
	}
}

static bool
fail(struct why *why, const char *text)
{
	snprintf(why->text, sizeof(why->text), "%s", text);
	return false;
}

static bool
set_listen(struct config *config, const char *value, struct why *why)
{
	if (config->listen_count == CONFIG_LISTEN_MAX)
		return fail(why, "too many addresses");
	return listen_parse(&config->listen[config->listen_count++], value) ||
	    fail(why, "must be HOST:PORT, [IPV6]:PORT or :PORT, the host "
	    "being numeric or localhost");
}

/* A path that needs no escape in HTML, in a header and in a link.  There two
 * slashes at its beginning would name another machine. */
static bool
check_path(const char *path, struct why *why)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";

	return (path[0] == '/' && path[strspn(path, safe)] == '\0' &&
	    strstr(path, "//") == NULL) ||
	    fail(why, "a path begins with one / and has only letters, digits "
	    "and -._~/");
}

/* A path with slashes at its ends, from one with or without them. */
static bool
take_prefix(char *prefix, const char *value, struct why *why)
{
	size_t n;

	value += strspn(value, "/");
	for (n = strlen(value); n > 0 && value[n - 1] == '/'; n--)
		;
	if (n + 3 > CONFIG_PATH_MAX)
		return fail(why, "the path is too long");
	snprintf(prefix, CONFIG_PATH_MAX, n > 0 ? "/%.*s/" : "/%.*s", (int)n,
	    value);
	return check_path(prefix, why);
}

static bool
set_route_prefix(struct config *config, const char *value, struct why *why)
{
	/* Not given, it is that of the URL: see finish(). */
	return value[0] == '\0' ||
	    take_prefix(config->route_prefix, value, why);
}

static bool
set_external_url(struct config *config, const char *value, struct why *why)
{
	struct evhttp_uri *uri = evhttp_uri_parse(value);
	const char *scheme = uri != NULL ? evhttp_uri_get_scheme(uri) : NULL;
	const char *host = uri != NULL ? evhttp_uri_get_host(uri) : NULL;
	const char *path;
	bool ok;

	strcpy(config->external_path, "/");
	if (value[0] == '\0')
		ok = true;
	else if (scheme == NULL || (evutil_ascii_strcasecmp(scheme, "http") &&
	    evutil_ascii_strcasecmp(scheme, "https")) || host == NULL ||
	    host[0] == '\0' || evhttp_uri_get_userinfo(uri) != NULL ||
	    evhttp_uri_get_query(uri) != NULL ||
	    evhttp_uri_get_fragment(uri) != NULL)
		ok = fail(why, "must be a URL without user, query and "
		    "fragment, as in https://example.org/modems/");
	else {
		path = evhttp_uri_get_path(uri);
		ok = take_prefix(config->external_path, path, why);
		if (ok && (size_t)snprintf(config->home, sizeof(config->home),
		    "%.*s%s", (int)(strlen(value) - strlen(path)), value,
		    config->external_path) >= sizeof(config->home))
			ok = fail(why, "the URL is too long");
	}
	if (uri != NULL)
		evhttp_uri_free(uri);
	return ok;
}

static bool
set_telemetry_path(struct config *config, const char *value, struct why *why)
{
	static const char *const paths[] = {
#define X(path, methods, name, off) path,
		ROUTES(X)
#undef X
	};
	bool taken = false;
	size_t i;

	if (!check_path(value, why))
		return false;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcmp(value, paths[i]) == 0)
			taken = true;
	/* Below /-/ are, now and later, pages that control the exporter. */
	if (taken || strncmp(value, "/-/", 3) == 0)
		return fail(why, "another page has this path");
	config->telemetry_path = value;
	return true;
}

static bool
read_count(unsigned long *count, const char *value, struct why *why)
{
	return parse_number(value, 1, 1000000, count) ||
	    fail(why, "must be a number from 1 to 1000000");
}

static bool
set_max_probes(struct config *config, const char *value, struct why *why)
{
	return read_count(&config->max_probes, value, why);
}

static bool
set_max_connections(struct config *config, const char *value, struct why *why)
{
	return read_count(&config->max_connections, value, why);
}

static bool
set_history_limit(struct config *config, const char *value, struct why *why)
{
	return parse_number(value, 0, 10000, &config->history_limit) ||
	    fail(why, "must be a number from 0 to 10000");
}

static bool
add_networks(struct networks *networks, const char *value, struct why *why)
{
	char one[64];
	size_t n;

	for (;; value += n + 1) {
		n = strcspn(value, ",");
		if (networks->count == CONFIG_NETWORKS_MAX)
			return fail(why, "too many networks");
		/* No network is so long: cut, it is refused all the same. */
		snprintf(one, sizeof(one), "%.*s",
		    n < sizeof(one) ? (int)n : (int)sizeof(one), value);
		if (!cm_network_parse(&networks->list[networks->count++], one,
		    why->text, sizeof(why->text)))
			return false;
		if (value[n] == '\0')
			return true;
	}
}

static bool
set_allow(struct config *config, const char *value, struct why *why)
{
	config->allow.given = value != default_allow;
	return add_networks(&config->allow, value, why);
}

static bool
set_deny(struct config *config, const char *value, struct why *why)
{
	config->deny.given = value != default_deny;
	/* An empty list can only be said by an empty value. */
	return value[0] == '\0' || add_networks(&config->deny, value, why);
}

static bool
set_timeout_offset(struct config *config, const char *value, struct why *why)
{
	return parse_seconds(value, &config->timeout_offset) ||
	    fail(why, "must be seconds, as in 0.5");
}

static bool
set_log_level(struct config *config, const char *value, struct why *why)
{
	enum log_level level;

	(void)config;
	if (!log_parse_level(value, &level))
		return fail(why, "must be debug, info, warn or error");
	log_set_level(level);
	return true;
}

static bool
set_log_format(struct config *config, const char *value, struct why *why)
{
	enum log_format format;

	(void)config;
	if (!log_parse_format(value, &format))
		return fail(why, "must be logfmt or json");
	log_set_format(format);
	return true;
}

static bool
set_format(struct config *config, const char *value, struct why *why)
{
	static const char *const words[] = {
		[FORMAT_TEXT] = "text",
		[FORMAT_OPENMETRICS] = "openmetrics",
		[FORMAT_JSON] = "json",
		[FORMAT_TABLE] = "table",
	};
	unsigned i;

	for (i = FORMAT_TEXT; i <= FORMAT_TABLE; i++)
		if (strcmp(value, words[i]) == 0) {
			config->format = i;
			return true;
		}
	return fail(why, "must be text, openmetrics, json or table");
}
