/* SPDX-License-Identifier: MIT */
/*
 * The table of misbehaviours, and rules that say where they hold:
 *
 *	[ADDRESS,][PAGE,]NAME[=VALUE]
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "behave.h"

#define DELAY_MAX	3600000		/* ms */
#define STATUS_MAX	20		/* characters */

enum argument {
	ARG_NONE,
	ARG_MS,
	ARG_STATUS,
	ARG_FILE
};

static bool	 read_value(struct rule *, const char *value, char *error,
		    size_t size);
static bool	 read_selector(struct rule *, const char *word, size_t len);
static enum behaviour behave_by_name(const char *, size_t len);
static bool	 rule_holds(const struct rule *, const char *address,
		    enum page);

static const struct {
	const char *name;
	enum stage stage;
	enum argument argument;
	const char *help;
} table[] = {
	[BEHAVE_SILENT] = { "silent", STAGE_DOOR, ARG_NONE,
	    "SYNs are not answered (Linux)" },
	[BEHAVE_REFUSE] = { "refuse", STAGE_DOOR, ARG_NONE,
	    "new connections are refused" },
	[BEHAVE_ONE_CONNECTION] = { "one-connection", STAGE_DOOR, ARG_NONE,
	    "one connection at a time, others wait" },
	[BEHAVE_ONE_CONNECTION_RESET] = { "one-connection-reset", STAGE_DOOR,
	    ARG_NONE, "one connection at a time, others get RST" },
	[BEHAVE_HANDSHAKE_COST] = { "handshake-cost", STAGE_TLS, ARG_MS,
	    "CPU of a full handshake; a resumed one costs a tenth" },
	[BEHAVE_NO_RESUME] = { "no-resume", STAGE_TLS, ARG_NONE,
	    "no tickets and no session cache" },
	[BEHAVE_NO_CLOSE_NOTIFY] = { "no-close-notify", STAGE_TLS, ARG_NONE,
	    "FIN without close_notify" },
	[BEHAVE_CHOKE_RESUMED] = { "choke-resumed", STAGE_TLS, ARG_NONE,
	    "closes instead of resuming a session" },
	[BEHAVE_HANDSHAKE_HANG] = { "handshake-hang", STAGE_HELLO, ARG_NONE,
	    "never answers the ClientHello" },
	[BEHAVE_HANDSHAKE_GARBAGE] = { "handshake-garbage", STAGE_HELLO,
	    ARG_NONE, "answers the ClientHello with bytes not TLS" },
	[BEHAVE_HANDSHAKE_CLOSE] = { "handshake-close", STAGE_HELLO, ARG_NONE,
	    "FIN after the ClientHello" },
	[BEHAVE_HANDSHAKE_RESET] = { "handshake-reset", STAGE_HELLO, ARG_NONE,
	    "RST after the ClientHello" },
	[BEHAVE_TICKET_FLOOD] = { "ticket-flood", STAGE_UP, ARG_NONE,
	    "session tickets without end (TLS 1.3)" },
	[BEHAVE_KEY_UPDATE_FLOOD] = { "key-update-flood", STAGE_UP, ARG_NONE,
	    "key updates without end (TLS 1.3)" },
	[BEHAVE_HELLO_REQUEST] = { "hello-request", STAGE_UP, ARG_NONE,
	    "asks for another handshake (TLS 1.2)" },
	[BEHAVE_DELAY] = { "delay", STAGE_PACE, ARG_MS,
	    "silence before the answer" },
	[BEHAVE_DRIP] = { "drip", STAGE_PACE, ARG_MS,
	    "one byte each MS" },
	[BEHAVE_HANG] = { "hang", STAGE_INSTEAD, ARG_NONE,
	    "never answers the request" },
	[BEHAVE_HANG_SECOND] = { "hang-second", STAGE_INSTEAD, ARG_NONE,
	    "never answers a connection's second request" },
	[BEHAVE_CLOSE] = { "close", STAGE_INSTEAD, ARG_NONE,
	    "FIN without a byte of an answer" },
	[BEHAVE_RESET] = { "reset", STAGE_INSTEAD, ARG_NONE,
	    "RST without a byte of an answer" },
	[BEHAVE_RESET_SECOND] = { "reset-second", STAGE_INSTEAD, ARG_NONE,
	    "RST instead of a connection's second answer" },
	[BEHAVE_NOT_HTTP] = { "not-http", STAGE_INSTEAD, ARG_NONE,
	    "bytes that are no HTTP, then FIN" },
	[BEHAVE_ENDLESS_STATUS] = { "endless-status", STAGE_INSTEAD, ARG_NONE,
	    "a status line that does not end before 64 MiB" },
	[BEHAVE_ENDLESS_CONTINUE] = { "endless-continue", STAGE_INSTEAD,
	    ARG_NONE, "64 MiB of 100 Continue" },
	[BEHAVE_ENDLESS_TRAILERS] = { "endless-trailers", STAGE_INSTEAD,
	    ARG_NONE, "64 MiB of header lines after the last chunk" },
	[BEHAVE_ENDLESS_CHUNK] = { "endless-chunk", STAGE_INSTEAD, ARG_NONE,
	    "64 MiB of a chunk that is said to be larger" },
	[BEHAVE_ENDLESS_TINY_CHUNKS] = { "endless-tiny-chunks", STAGE_INSTEAD,
	    ARG_NONE, "64 MiB in chunks of a byte" },
	[BEHAVE_ENDLESS_CHUNK_NOTES] = { "endless-chunk-notes", STAGE_INSTEAD,
	    ARG_NONE, "64 MiB in chunks of a byte, each with a long note" },
	[BEHAVE_STATUS] = { "status", STAGE_CONTENT, ARG_STATUS,
	    "this status code with a small HTML body" },
	[BEHAVE_REDIRECT] = { "redirect", STAGE_CONTENT, ARG_NONE,
	    "302 to /login.html" },
	[BEHAVE_LOGIN] = { "login", STAGE_CONTENT, ARG_NONE,
	    "200 with an HTML login page" },
	[BEHAVE_EMPTY] = { "empty", STAGE_CONTENT, ARG_NONE,
	    "200 without a body" },
	[BEHAVE_EMPTY_ARRAY] = { "empty-array", STAGE_CONTENT, ARG_NONE,
	    "the body is []" },
	[BEHAVE_NOT_JSON] = { "not-json", STAGE_CONTENT, ARG_NONE,
	    "the body is text that is not JSON" },
	[BEHAVE_DEEP] = { "deep", STAGE_CONTENT, ARG_NONE,
	    "arrays nested 100000 deep" },
	[BEHAVE_HUGE_BODY] = { "huge-body", STAGE_CONTENT, ARG_NONE,
	    "2 MiB of valid JSON, with a length" },
	[BEHAVE_ENDLESS] = { "endless", STAGE_CONTENT, ARG_NONE,
	    "a body that does not end before 64 MiB" },
	[BEHAVE_BODY] = { "body", STAGE_CONTENT, ARG_FILE,
	    "the bytes of this file, read at each answer" },
	[BEHAVE_BOM] = { "bom", STAGE_CHANGE, ARG_NONE,
	    "a byte-order mark before the body" },
	[BEHAVE_INVALID_UTF8] = { "invalid-utf8", STAGE_CHANGE, ARG_NONE,
	    "a text value has bytes that are not UTF-8" },
	[BEHAVE_TRAILING] = { "trailing", STAGE_CHANGE, ARG_NONE,
	    "the word garbage after the JSON" },
	[BEHAVE_GZIP] = { "gzip", STAGE_CHANGE, ARG_NONE,
	    "the body is gzip, and said to be" },
	[BEHAVE_LENGTH] = { "length", STAGE_FRAME, ARG_NONE,
	    "HTTP/1.1 with Content-Length, keeps connections" },
	[BEHAVE_LENGTH_1_0] = { "length-1.0", STAGE_FRAME, ARG_NONE,
	    "HTTP/1.0 with Content-Length, keeps as Keep-Alive" },
	[BEHAVE_LENGTH_SILENT] = { "length-1.0-silent", STAGE_FRAME, ARG_NONE,
	    "HTTP/1.0 with Content-Length, keeps without a word" },
	[BEHAVE_EXTRA] = { "extra", STAGE_FRAME, ARG_NONE,
	    "as length, then an answer that nobody asked for" },
	[BEHAVE_CHUNKED] = { "chunked", STAGE_FRAME, ARG_NONE,
	    "HTTP/1.1 in odd chunks, keeps connections" },
	[BEHAVE_BAD_CHUNK] = { "bad-chunk", STAGE_FRAME, ARG_NONE,
	    "the size of the second chunk is no number" },
	[BEHAVE_HUGE_CHUNK_LINE] = { "huge-chunk-line", STAGE_FRAME, ARG_NONE,
	    "a chunk-size line that does not end before 64 MiB" },
	[BEHAVE_TWO_LENGTHS] = { "two-lengths", STAGE_FRAME, ARG_NONE,
	    "two different Content-Length" },
	[BEHAVE_LIE_KEEPALIVE] = { "lie-keepalive", STAGE_FRAME, ARG_NONE,
	    "says keep-alive, closes right after the answer" },
	[BEHAVE_KEEPALIVE_NO_LENGTH] = { "keepalive-no-length", STAGE_FRAME,
	    ARG_NONE, "says keep-alive, no length, closes" },
	[BEHAVE_CONTINUE] = { "continue", STAGE_HEAD, ARG_NONE,
	    "100 Continue before the answer" },
	[BEHAVE_OBS_FOLD] = { "obs-fold", STAGE_HEAD, ARG_NONE,
	    "a folded header line" },
	[BEHAVE_HUGE_HEADER] = { "huge-header", STAGE_HEAD, ARG_NONE,
	    "a header line that does not end before 64 MiB" },
	[BEHAVE_MANY_HEADERS] = { "many-headers", STAGE_HEAD, ARG_NONE,
	    "small headers that do not end before 64 MiB" },
	[BEHAVE_CUT] = { "cut", STAGE_CUT, ARG_NONE,
	    "the length of the whole, half of the body, FIN" },
	[BEHAVE_CUT_UNLENGTHED] = { "cut-unlengthed", STAGE_CUT, ARG_NONE,
	    "no length, half of the body, FIN" },
	[BEHAVE_CUT_HEAD] = { "cut-head", STAGE_CUT, ARG_NONE,
	    "half of the head, FIN" },
	[BEHAVE_HANG_HEAD] = { "hang-head", STAGE_CUT, ARG_NONE,
	    "half of the head, silence" },
	[BEHAVE_HANG_BODY] = { "hang-body", STAGE_CUT, ARG_NONE,
	    "head and half of the body, silence" },
	[BEHAVE_RESET_BODY] = { "reset-body", STAGE_CUT, ARG_NONE,
	    "head and half of the body, RST" },
};

_Static_assert(sizeof(table) / sizeof(table[0]) == BEHAVE_COUNT,
    "every behaviour has its row");

const char *
behave_name(enum behaviour what)
{
	return table[what].name;
}

void
behave_help(FILE *f)
{
	static const char *const values[] = {
		[ARG_NONE] = "",
		[ARG_MS] = "=MS",
		[ARG_STATUS] = "=N",
		[ARG_FILE] = "=FILE",
	};
	enum behaviour what;

	for (what = 0; what < BEHAVE_COUNT; what++) {
		char left[64];

		snprintf(left, sizeof(left), "%s%s", table[what].name,
		    values[table[what].argument]);
		fprintf(f, "  %-22s%s\n", left, table[what].help);
	}
}

static enum behaviour
behave_by_name(const char *name, size_t len)
{
	enum behaviour what;

	for (what = 0; what < BEHAVE_COUNT; what++) {
		if (strlen(table[what].name) == len &&
		    memcmp(table[what].name, name, len) == 0)
			break;
	}
	return what;
}

bool
rules_add(struct rules *rules, const char *text, char *error, size_t size)
{
	struct rule rule = { .page = PAGE_NONE };
	struct rule *row;
	size_t len = strcspn(text, ",=");

	while (text[len] == ',') {
		if (!read_selector(&rule, text, len)) {
			snprintf(error, size, "no loopback address and no "
			    "page: %.*s", (int)len, text);
			return false;
		}
		text += len + 1;
		len = strcspn(text, ",=");
	}
	rule.what = behave_by_name(text, len);
	if (rule.what == BEHAVE_COUNT) {
		snprintf(error, size, "no such behaviour: %.*s", (int)len,
		    text);
		return false;
	}
	if (rule.page != PAGE_NONE && table[rule.what].stage < STAGE_PACE) {
		snprintf(error, size, "%s holds for no single page",
		    table[rule.what].name);
		return false;
	}
	if (!read_value(&rule, text[len] == '=' ? text + len + 1 : NULL,
	    error, size))
		return false;
	row = realloc(rules->row, (rules->count + 1) * sizeof(*row));
	if (row == NULL)
		abort();
	row[rules->count] = rule;
	rules->row = row;
	rules->count++;
	return true;
}

static bool
read_selector(struct rule *rule, const char *word, size_t len)
{
	enum page page = page_by_name(word, len);
	struct address a;
	char copy[ADDRESS_SIZE];

	if (page != PAGE_NONE) {
		if (rule->page != PAGE_NONE)
			return false;
		rule->page = page;
		return true;
	}
	if (len >= sizeof(copy) || rule->address[0] != '\0' ||
	    rule->page != PAGE_NONE)
		return false;
	memcpy(copy, word, len);
	copy[len] = '\0';
	if (!address_read(&a, copy))
		return false;
	memcpy(rule->address, a.text, sizeof(rule->address));
	return true;
}

static bool
read_value(struct rule *rule, const char *value, char *error, size_t size)
{
	const char *name = table[rule->what].name;
	char *end;
	long ms;

	if (table[rule->what].argument == ARG_NONE) {
		if (value != NULL)
			snprintf(error, size, "%s takes no value", name);
		return value == NULL;
	}
	if (value == NULL || *value == '\0') {
		snprintf(error, size, "%s needs a value", name);
		return false;
	}
	if (table[rule->what].argument == ARG_MS) {
		ms = strtol(value, &end, 10);
		if (*end != '\0' || ms < 0 || ms > DELAY_MAX) {
			snprintf(error, size, "%s: no number of milliseconds"
			    ": %s", name, value);
			return false;
		}
		rule->ms = (int)ms;
	}
	if (table[rule->what].argument == ARG_STATUS) {
		size_t sign = strspn(value, "+-") == 1;
		size_t digits = strspn(value + sign, "0123456789");

		if (digits == 0 || value[sign + digits] != '\0' ||
		    sign + digits > STATUS_MAX) {
			snprintf(error, size, "%s: no decimal number: %s",
			    name, value);
			return false;
		}
	}
	rule->text = strdup(value);
	if (rule->text == NULL)
		abort();
	return true;
}

void
rules_clear(struct rules *rules)
{
	size_t i;

	for (i = 0; i < rules->count; i++)
		free(rules->row[i].text);
	free(rules->row);
	*rules = (struct rules){ 0 };
}

static bool
rule_holds(const struct rule *rule, const char *address, enum page page)
{
	return (rule->page == PAGE_NONE || rule->page == page) &&
	    (rule->address[0] == '\0' || strcmp(rule->address, address) == 0);
}

const struct rule *
rules_find(const struct rules *rules, const char *address, enum page page,
    enum behaviour what)
{
	size_t i;

	for (i = rules->count; i > 0; i--) {
		const struct rule *rule = &rules->row[i - 1];

		if (rule->what == what && rule_holds(rule, address, page))
			return rule;
	}
	return NULL;
}

const struct rule *
rules_last(const struct rules *rules, const char *address, enum page page,
    enum stage stage)
{
	size_t i;

	for (i = rules->count; i > 0; i--) {
		const struct rule *rule = &rules->row[i - 1];

		if (table[rule->what].stage == stage &&
		    rule_holds(rule, address, page))
			return rule;
	}
	return NULL;
}
