/* SPDX-License-Identifier: MIT */

/*
 * The log.  A line is put together first and written at once, so that lines
 * of several processes on one stderr do not mix.
 */

#include "log.h"

#include <event2/event.h>
#include <poll.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "monotonic.h"

#define SELDOM INT64_C(60000000)	/* microseconds */

static const char *const words[] = {
	[LEVEL_DEBUG] = "debug",
	[LEVEL_INFO] = "info",
	[LEVEL_WARN] = "warn",
	[LEVEL_ERROR] = "error",
};

static enum log_level lowest = LEVEL_INFO;
static enum log_format format = LOG_LOGFMT;

/* Room that a value must leave: for its quote, a closing brace, a newline. */
#define END 3

struct line {
	char	text[2048];
	size_t	length;
	bool	full;
};

static void	add(struct line *, const char *);
static void	add_pair(struct line *, const char *, const char *);
static bool	is_bare(const char *);
static void	add_escaped(struct line *, const char *);
static void	print_time(char *, size_t);

void
log_set_format(enum log_format chosen)
{
	format = chosen;
}

bool
log_parse_format(const char *word, enum log_format *parsed)
{
	*parsed = strcmp(word, "json") == 0 ? LOG_JSON : LOG_LOGFMT;
	return *parsed == LOG_JSON || strcmp(word, "logfmt") == 0;
}

void
log_set_level(enum log_level level)
{
	lowest = level;
}

bool
log_parse_level(const char *word, enum log_level *level)
{
	unsigned i;

	for (i = LEVEL_DEBUG; i <= LEVEL_ERROR; i++)
		if (strcmp(word, words[i]) == 0) {
			*level = i;
			return true;
		}
	return false;
}

void
log_line(enum log_level level, const char *msg, ...)
{
	struct line line = { .length = 0 };
	char now[32];
	const char *key;
	va_list ap;

	if (level < lowest)
		return;
	print_time(now, sizeof(now));
	add_pair(&line, "time", now);
	add_pair(&line, "level", words[level]);
	add_pair(&line, "msg", msg);
	va_start(ap, msg);
	while ((key = va_arg(ap, const char *)) != NULL)
		add_pair(&line, key, va_arg(ap, const char *));
	va_end(ap);
	if (format == LOG_JSON)
		line.text[line.length++] = '}';
	line.text[line.length++] = '\n';
	/* Drop the line rather than wait for a reader that has stopped.  A
	 * pipe that is ready has room for a whole one. */
	if (poll(&(struct pollfd){ STDERR_FILENO, POLLOUT, 0 }, 1, 0) != 0)
		fwrite(line.text, 1, line.length, stderr);
}

/* A line that is too long ends with the last piece that fits; no escape is
 * cut in two. */
static void
add(struct line *line, const char *piece)
{
	size_t n = strlen(piece);

	if (line->full || line->length + n > sizeof(line->text) - END) {
		line->full = true;
		return;
	}
	memcpy(line->text + line->length, piece, n);
	line->length += n;
}

/* Keys are ours and need no escaping. */
static void
add_pair(struct line *line, const char *key, const char *value)
{
	bool json = format == LOG_JSON, first = line->length == 0, quoted;
	char start[64];

	if (value == NULL)
		value = "";
	quoted = json || !is_bare(value);
	if (json)
		snprintf(start, sizeof(start), "%s\"%s\":\"",
		    first ? "{" : ",", key);
	else
		snprintf(start, sizeof(start), "%s%s=%s", first ? "" : " ",
		    key, quoted ? "\"" : "");
	add(line, start);
	if (line->full)
		return;
	add_escaped(line, value);
	if (quoted)
		line->text[line->length++] = '"';
}

/* A value is bare if nothing in it could be taken for something else. */
static bool
is_bare(const char *value)
{
	const char *p;

	for (p = value; *p > ' ' && *p < 0x7f; p++)
		if (strchr("=\"\\", *p) != NULL)
			return false;
	return *value != '\0' && *p == '\0';
}

/*
 * As it stands within quotes.  JSON has no escape for a byte that is not
 * ASCII, and may not have it as it is (RFC 8259, section 8.1): it stands there
 * as the four characters by which logfmt escapes it.
 */
static void
add_escaped(struct line *line, const char *value)
{
	unsigned char c;
	char piece[8];

	for (; *value != '\0'; value++) {
		c = (unsigned char)*value;
		snprintf(piece, sizeof(piece),
		    c == '"' || c == '\\' ? "\\%c" :
		    c >= ' ' && c < 0x7f ? "%c" :
		    format == LOG_LOGFMT ? "\\x%02x" :
		    c < 0x80 ? "\\u%04x" : "\\\\x%02x", c);
		add(line, piece);
	}
}

static void
print_time(char *text, size_t size)
{
	struct timespec now;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(text, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, size - n, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

static void
on_libevent(int severity, const char *text)
{
	log_line(severity >= EVENT_LOG_ERR ? LEVEL_ERROR :
	    severity == EVENT_LOG_WARN ? LEVEL_WARN : LEVEL_DEBUG,
	    "libevent", "text", text, NULL);
}

/* libevent gives up; it has said why.  Whoever supervises starts anew. */
static void
on_fatal(int error)
{
	(void)error;
	log_line(LEVEL_ERROR, "libevent cannot go on", NULL);
	exit(1);
}

bool
log_again(int64_t *last)
{
	int64_t now = monotonic_now();

	if (*last != 0 && now - *last < SELDOM)
		return false;
	*last = now;
	return true;
}

void
log_take_libevent(void)
{
	event_set_log_callback(on_libevent);
	event_set_fatal_callback(on_fatal);
}
