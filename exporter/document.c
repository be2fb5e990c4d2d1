/* SPDX-License-Identifier: MIT */

/*
 * From a file to a YAML document, by libyaml.  What a configuration has no use
 * for is refused before the document is built: aliases, by which a short text
 * can stand for a huge one, deep nesting, tags, a second document.
 */

#include "document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cablemodem_file.h"

#define FILE_MAX	(256 * 1024)
#define DEPTH_MAX	8
#define SCALAR_MAX	(64 * 1024)	/* certificates in PEM */

/* What the parser's events so far have come to. */
struct progress {
	unsigned	documents;
	unsigned	depth;
};

static bool	check(struct document *, const char *, size_t);
static bool	check_event(struct document *, const yaml_event_t *,
		    struct progress *);
static bool	load(struct document *, const char *, size_t);
static bool	fail_parser(struct document *, const yaml_parser_t *,
		    const char *);
static bool	fail(struct document *, const yaml_mark_t *, const char *, ...)
		    CM_PRINTF(3, 4);
static bool	fail_list(struct document *, const yaml_mark_t *, const char *,
		    va_list) CM_PRINTF(3, 0);

bool
document_read(struct document *d, const char *path)
{
	char *text = malloc(FILE_MAX + 1);
	FILE *file = cm_file_open(path);
	size_t length;
	bool done = false;

	memset(d, 0, sizeof(*d));
	d->path = path;
	if (file == NULL || text == NULL) {
		fail(d, NULL, "%s", strerror(errno));
		goto out;
	}
	length = fread(text, 1, FILE_MAX + 1, file);
	if (ferror(file))
		fail(d, NULL, "%s", strerror(errno));
	else if (length > FILE_MAX)
		fail(d, NULL, "too large; a configuration has at most %d KiB",
		    FILE_MAX / 1024);
	else
		done = document_parse(d, path, text, length);
out:
	if (file != NULL)
		fclose(file);
	free(text);
	return done;
}

bool
document_parse(struct document *d, const char *path, const char *text,
    size_t length)
{
	memset(d, 0, sizeof(*d));
	d->path = path;
	return check(d, text, length) && load(d, text, length);
}

void
document_free(struct document *d)
{
	if (d->loaded)
		yaml_document_delete(&d->yaml);
	d->loaded = false;
}

static bool
begin(struct document *d, yaml_parser_t *parser, const char *text,
    size_t length)
{
	if (!yaml_parser_initialize(parser))
		return fail(d, NULL, "no memory");
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(parser, (const unsigned char *)text,
	    length);
	return true;
}

static bool
check(struct document *d, const char *text, size_t length)
{
	struct progress progress = { 0 };
	yaml_parser_t parser;
	yaml_event_t event;
	bool good = true, end = false;

	if (!begin(d, &parser, text, length))
		return false;
	while (good && !end) {
		if (!yaml_parser_parse(&parser, &event)) {
			good = fail_parser(d, &parser, text);
			break;
		}
		good = check_event(d, &event, &progress);
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return good;
}

static bool
check_event(struct document *d, const yaml_event_t *event,
    struct progress *progress)
{
	const yaml_mark_t *mark = &event->start_mark;
	const yaml_char_t *anchor = NULL, *tag = NULL, *value;

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return ++progress->documents == 1 || fail(d, mark,
		    "a second document begins; a file has one");
	case YAML_ALIAS_EVENT:
		return fail(d, mark, "aliases are not read; write out what "
		    "the alias stands for");
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		value = event->data.scalar.value;
		if (strlen((const char *)value) != event->data.scalar.length)
			return fail(d, mark, "a text must have no NUL in it");
		if (event->data.scalar.length > SCALAR_MAX)
			return fail(d, mark, "a text has at most %d bytes",
			    SCALAR_MAX);
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		progress->depth++;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		progress->depth++;
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		progress->depth--;
		break;
	default:
		break;
	}
	if (progress->depth > DEPTH_MAX)
		return fail(d, mark, "nested too deeply");
	if (anchor != NULL)
		return fail(d, mark, "anchors are not read; leave out &%s",
		    (const char *)anchor);
	if (tag != NULL)
		return fail(d, mark, "tags are not read; leave out %s",
		    (const char *)tag);
	return true;
}

static bool
load(struct document *d, const char *text, size_t length)
{
	yaml_parser_t parser;

	if (!begin(d, &parser, text, length))
		return false;
	d->loaded = yaml_parser_load(&parser, &d->yaml);
	if (!d->loaded)
		fail_parser(d, &parser, text);
	yaml_parser_delete(&parser);
	return d->loaded;
}

/* What libyaml has to say.  Of bytes that are no text it tells the offset
 * alone. */
static bool
fail_parser(struct document *d, const yaml_parser_t *parser, const char *text)
{
	yaml_mark_t mark = parser->problem_mark;
	size_t i;

	if (parser->error == YAML_MEMORY_ERROR || parser->problem == NULL)
		return fail(d, NULL, "no memory");
	if (parser->error != YAML_READER_ERROR)
		return fail(d, &mark, "%s; check quotes and indentation, "
		    "which is by blanks and not tabs", parser->problem);
	memset(&mark, 0, sizeof(mark));
	for (i = 0; i < parser->problem_offset; i++) {
		/* A character is counted once, at its first byte. */
		mark.column += (text[i] & 0xc0) != 0x80;
		if (text[i] != '\n')
			continue;
		mark.column = 0;
		mark.line++;
	}
	return fail(d, &mark, "%s; a configuration is text in UTF-8",
	    parser->problem);
}

yaml_node_t *
document_root(struct document *d)
{
	return yaml_document_get_root_node(&d->yaml);
}

yaml_node_t *
document_node(struct document *d, int number)
{
	return yaml_document_get_node(&d->yaml, number);
}

bool
document_fail(struct document *d, const yaml_node_t *node, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_list(d, &node->start_mark, fmt, ap);
	va_end(ap);
	return false;
}

static bool
fail(struct document *d, const yaml_mark_t *mark, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_list(d, mark, fmt, ap);
	va_end(ap);
	return false;
}

/* Complain about a place in the file, or without a mark about all of it. */
static bool
fail_list(struct document *d, const yaml_mark_t *mark, const char *fmt,
    va_list ap)
{
	char text[sizeof(d->why)], place[64] = "";
	int n;

	if (mark != NULL)
		snprintf(place, sizeof(place), ":%zu:%zu", mark->line + 1,
		    mark->column + 1);
	n = snprintf(text, sizeof(text), "%s%s: ", d->path, place);
	if (n >= 0 && (size_t)n < sizeof(text))
		vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	cm_escape(d->why, sizeof(d->why), text);
	return false;
}
