/* SPDX-License-Identifier: MIT */

/*
 * A snapshot as JSON (RFC 8259), for scripts.  Values are texts of numbers
 * already, which JSON takes as they are: nothing is rounded on the way.
 */

#include <string.h>

#include "buffer.h"
#include "cablemodem.h"
#include "record.h"

/* An object or array being written, and whether a comma goes before its next
 * member. */
struct list {
	struct buffer	*out;
	bool		 begun;
};

static struct list	begin(struct buffer *, const char *);
static void		add_next(struct list *);
static void		add_key(struct list *, const char *, size_t);
static void		add_string(struct list *, const char *, const char *);
static void		add_number(struct list *, const char *, const char *);
static void		add_bool(struct list *, const char *, const char *);
static void		add_quoted(struct buffer *, const char *, size_t);
static void		add_endpoints(struct list *,
			    const struct cm_snapshot *);
static void		add_record(struct list *, const struct cm_snapshot *,
			    const struct record *, const struct rows *);
static void		add_family(struct list *, const struct record *,
			    struct family, const void *, bool);

char *
cm_snapshot_encode_json(const struct cm_snapshot *s, const char *target,
    const char *module, const char *time)
{
	const struct cm_outcome *outcome = cm_snapshot_outcome(s, 0);
	struct buffer out = { 0 };
	struct list object = begin(&out, "{");
	size_t length;
	unsigned i;

	add_string(&object, "target", target);
	add_string(&object, "module", module);
	add_string(&object, "time", time);
	add_bool(&object, "success", outcome->success);
	add_string(&object, "reason", outcome->reason);
	add_number(&object, "duration_seconds", outcome->duration);
	add_endpoints(&object, s);
	for (i = CM_RECORD_DOWNSTREAM; i < CM_RECORD_COUNT; i++)
		add_record(&object, s, &records[i], &s->rows[i]);
	buffer_add_text(&out, "\n}\n");
	if (s->failed)		/* better nothing than something with holes */
		buffer_fail(&out);
	return buffer_take(&out, &length);
}

static struct list
begin(struct buffer *out, const char *bracket)
{
	buffer_add_text(out, bracket);
	return (struct list){ out, false };
}

static void
add_next(struct list *list)
{
	buffer_add_text(list->out, list->begun ? "," : "");
	list->begun = true;
}

static void
add_key(struct list *list, const char *key, size_t length)
{
	add_next(list);
	add_quoted(list->out, key, length);
	buffer_add_text(list->out, ":");
}

/* A value that is NULL is left out, with its key. */
static void
add_string(struct list *list, const char *key, const char *value)
{
	if (value == NULL)
		return;
	add_key(list, key, strlen(key));
	add_quoted(list->out, value, strlen(value));
}

static void
add_number(struct list *list, const char *key, const char *value)
{
	if (value == NULL)
		return;
	add_key(list, key, strlen(key));
	buffer_add_text(list->out, value);
}

static void
add_bool(struct list *list, const char *key, const char *value)
{
	add_number(list, key, strcmp(value, "1") == 0 ? "true" : "false");
}

static void
add_quoted(struct buffer *out, const char *text, size_t length)
{
	static const char hex[] = "0123456789abcdef";
	char escape[] = "\\u0000";
	size_t i;

	buffer_add_text(out, "\"");
	for (i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			buffer_add_text(out, "\\");
		if (c >= 0x20) {
			buffer_add(out, text + i, 1);
			continue;
		}
		escape[4] = hex[c >> 4];
		escape[5] = hex[c & 15];
		buffer_add_text(out, escape);
	}
	buffer_add_text(out, "\"");
}

static void
add_endpoints(struct list *object, const struct cm_snapshot *s)
{
	const struct cm_page *page;
	struct list array, row;
	unsigned i;

	add_key(object, "endpoints", 9);
	array = begin(object->out, "[");
	for (i = 0; (page = cm_snapshot_page(s, i)) != NULL; i++) {
		add_next(&array);
		row = begin(array.out, "\n{");
		add_string(&row, "endpoint", page->endpoint);
		add_bool(&row, "success", page->success);
		add_string(&row, "reason", page->reason);
		add_number(&row, "duration_seconds", page->duration);
		add_number(&row, "response_bytes", page->bytes);
		add_number(&row, "age_seconds", page->age);
		add_number(&row, "rejected_values", page->rejected);
		buffer_add_text(row.out, "}");
	}
	buffer_add_text(array.out, "]");
}

static void
add_record(struct list *object, const struct cm_snapshot *s,
    const struct record *record, const struct rows *rows)
{
	const struct field *f, *end = record->fields + record->field_count;
	struct list array, object_row;
	struct family family;
	const char *row;
	unsigned i;

	add_key(object, record->name, strlen(record->name));
	array = begin(object->out, "[");
	for (i = 0; i < rows->count; i++) {
		row = rows->row + record->size * i;
		add_next(&array);
		object_row = begin(array.out, "\n{");
		if (*record->label != '\0')
			add_string(&object_row, record->label,
			    record_text(row, record->fields));
		for (f = record->fields; f < end; f = family.end) {
			family = record_family(record, f);
			add_family(&object_row, record, family, row,
			    s->identifiers);
		}
		buffer_add_text(object_row.out, "}");
	}
	buffer_add_text(array.out, "]");
}

/* A family's name without the prefix that all of its record's names have. */
static const char *
last_part(const char *family, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(family, prefix, n) == 0 ? family + n : family;
}

/* A metric's key: its name without the record's prefix, with _total if it is a
 * counter. */
static void
add_metric(struct list *row, const char *name, const struct field *f,
    const char *value)
{
	if (value == NULL)
		return;
	add_next(row);
	buffer_add_text(row->out, "\"");
	buffer_add_text(row->out, name);
	buffer_add_text(row->out, f->type == FIELD_COUNTER ? "_total\":" :
	    "\":");
	buffer_add_text(row->out, value);
}

static void
add_family(struct list *object, const struct record *record,
    struct family family, const void *row, bool identifiers)
{
	const struct field *f = family.first;
	const char *name = f->family != NULL ?
	    last_part(f->family, record->prefix) : f->label;
	bool alone = family.end == f + 1;
	struct list stages;

	if (f->type == FIELD_COUNT || *name == '\0')
		return;
	if (f->type == FIELD_INFO) {
		/* An info with one label is written as that label's value. */
		for (; f < family.end; f++)
			if (f->type != FIELD_IDENTIFIER || identifiers)
				add_string(object, alone ? name : f->label,
				    record_text(row, f));
	} else if (alone) {
		add_metric(object, name, f, record_text(row, f));
	} else {
		/* Samples that differ in a constant label become an object
		 * with the label's values as keys. */
		add_key(object, name, strlen(name));
		stages = begin(object->out, "{");
		for (; f < family.end; f++)
			add_metric(&stages, strchr(f->label, '=') + 1, f,
			    record_text(row, f));
		buffer_add_text(stages.out, "}");
	}
}
