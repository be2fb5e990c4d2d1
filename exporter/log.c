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
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cablemodem.h"

static const char *const words[] = {
	[LEVEL_DEBUG] = "debug",
	[LEVEL_INFO] = "info",
	[LEVEL_WARN] = "warn",
	[LEVEL_ERROR] = "error",
};

static enum log_level lowest = LEVEL_INFO;

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
	const char *key, *value;
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
		value = va_arg(ap, const char *);
		add_value(&line, value != NULL ? value : "");
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

/* A value is bare if nothing in it could be taken for something else. */
static void
add_value(struct line *line, const char *value)
{
	char escaped[sizeof(line->text)];

	cm_escape(escaped, sizeof(escaped), value);
	if (*value != '\0' && strcmp(escaped, value) == 0 &&
	    value[strcspn(value, " =\"\\")] == '\0') {
		add(line, value);
		return;
	}
	add(line, "\"");
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			add(line, "\\");
		cm_escape(escaped, 6, (char[]){ *value, '\0' });
		add(line, escaped);
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

void
log_take_libevent(void)
{
	event_set_log_callback(on_libevent);
	event_set_fatal_callback(on_fatal);
}
