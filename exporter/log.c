/* SPDX-License-Identifier: MIT */

/*
 * The log.  A line is put together first and written at once, so that lines
 * of several processes on one stderr do not mix.
 */

#include "log.h"

#include <event2/event.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const words[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

static enum log_level lowest = LOG_INFO;

struct line {
	char	text[2048];
	size_t	length;
};

static void	add(struct line *, const char *);
static void	add_value(struct line *, const char *);
static void	add_time(struct line *);

void
log_set_level(enum log_level level)
{
	lowest = level;
}

bool
log_parse_level(const char *word, enum log_level *level)
{
	int i;

	for (i = LOG_DEBUG; i <= LOG_ERROR; i++)
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
	const char *key;
	va_list ap;

	if (level < lowest)
		return;
	add_time(&line);
	add(&line, " level=");
	add(&line, words[level]);
	add(&line, " msg=");
	add_value(&line, msg);
	va_start(ap, msg);
	while ((key = va_arg(ap, const char *)) != NULL) {
		add(&line, " ");
		add(&line, key);
		add(&line, "=");
		add_value(&line, va_arg(ap, const char *));
	}
	va_end(ap);
	line.text[line.length++] = '\n';
	fwrite(line.text, 1, line.length, stderr);
}

/* A line that is too long is cut; there is always room for its end. */
static void
add(struct line *line, const char *text)
{
	while (*text != '\0' && line->length < sizeof(line->text) - 1)
		line->text[line->length++] = *text++;
}

static void
add_value(struct line *line, const char *value)
{
	char escape[5] = "";
	const char *p;

	if (*value != '\0' && value[strcspn(value, " =\"\\")] == '\0') {
		for (p = value; *p > ' ' && *p != 0x7f; p++)
			;
		if (*p == '\0') {
			add(line, value);
			return;
		}
	}
	add(line, "\"");
	for (p = value; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			snprintf(escape, sizeof(escape), "\\%c", *p);
		else if (*p >= ' ' && *p != 0x7f)
			snprintf(escape, sizeof(escape), "%c", *p);
		else
			snprintf(escape, sizeof(escape), "\\x%02x",
			    (unsigned)(unsigned char)*p);
		add(line, escape);
	}
	add(line, "\"");
}

static void
add_time(struct line *line)
{
	struct timespec now;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	add(line, "time=");
	n = strftime(line->text + line->length,
	    sizeof(line->text) - line->length, "%Y-%m-%dT%H:%M:%S", &tm);
	line->length += n;
	snprintf(line->text + line->length, 6, ".%03dZ",
	    (int)(now.tv_nsec / 1000000));
	line->length += 5;
}

static void
on_libevent(int severity, const char *text)
{
	log_line(severity >= EVENT_LOG_ERR ? LOG_ERROR :
	    severity == EVENT_LOG_WARN ? LOG_WARN : LOG_DEBUG,
	    "libevent", "text", text, NULL);
}

void
log_take_libevent(void)
{
	event_set_log_callback(on_libevent);
}
