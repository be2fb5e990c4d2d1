/* SPDX-License-Identifier: MIT */

/*
 * A snapshot as families and samples: one walk over the tables.
 */

#include <string.h>

#include "record.h"

static const enum cm_type types[] = {
	[FIELD_GAUGE] = CM_GAUGE,
	[FIELD_COUNTER] = CM_COUNTER,
	[FIELD_INFO] = CM_INFO,
	[FIELD_IDENTIFIER] = CM_INFO,
	[FIELD_COUNT] = CM_GAUGE,
};

static void	encode_record(const struct cm_snapshot *, enum cm_record,
		    struct cm_text *);
static void	encode_values(struct family, const void *, const char *,
		    const char *, struct cm_text *);
static void	encode_info(struct family, const void *, const char *,
		    const char *, bool, struct cm_text *);
static void	encode_count(const struct rows *, size_t, const struct field *,
		    struct cm_text *);

void
cm_snapshot_encode(const struct cm_snapshot *s, struct cm_text *t)
{
	unsigned i;

	if (s->failed)
		cm_text_fail(t);
	for (i = 0; i < CM_RECORD_COUNT; i++)
		encode_record(s, i, t);
}

static void
encode_record(const struct cm_snapshot *s, enum cm_record number,
    struct cm_text *t)
{
	const struct record *record = &records[number];
	const struct rows *rows = &s->rows[number];
	const struct field *end = record->fields + record->field_count;
	const struct field *f;
	const char *row, *id;
	struct family family;
	unsigned i;

	for (f = record->fields; f < end; f = family.end) {
		family = record_family(record, f);
		if (f->family == NULL)
			continue;
		cm_text_family(t, f->family, types[f->type], f->help);
		if (f->type == FIELD_COUNT) {
			encode_count(rows, record->size, f, t);
			continue;
		}
		for (i = 0; i < rows->count; i++) {
			row = rows->row + record->size * i;
			/* A labelled record's table begins with its ID. */
			id = record_text(row, record->fields);
			if (f->type == FIELD_INFO)
				encode_info(family, row, record->label, id,
				    s->identifiers, t);
			else
				encode_values(family, row, record->label, id,
				    t);
		}
	}
}

static void
encode_values(struct family family, const void *row, const char *label,
    const char *id, struct cm_text *t)
{
	const struct field *f;
	const char *value, *equals;
	char name[LABEL_SIZE];

	for (f = family.first; f < family.end; f++) {
		value = record_text(row, f);
		if (value == NULL)
			continue;
		if (*label != '\0')
			cm_text_label(t, label, id);
		equals = strchr(f->label, '=');
		if (equals != NULL) {
			memcpy(name, f->label, (size_t)(equals - f->label));
			name[equals - f->label] = '\0';
			cm_text_label(t, name, equals + 1);
		}
		cm_text_sample(t, value);
	}
}

/* An info of the row's ID or port alone says nothing: it needs another
 * label. */
static void
encode_info(struct family family, const void *row, const char *label,
    const char *id, bool identifiers, struct cm_text *t)
{
	const struct field *f;
	const char *value;
	bool empty = true;

	for (f = family.first; f < family.end; f++)
		if (record_text(row, f) != NULL && f->kind != KIND_PORT)
			empty = false;
	if (empty)
		return;
	if (*label != '\0')
		cm_text_label(t, label, id);
	for (f = family.first; f < family.end; f++) {
		if (f->type == FIELD_IDENTIFIER && !identifiers)
			continue;
		value = record_text(row, f);
		cm_text_label(t, f->label, value != NULL ? value : "");
	}
	cm_text_sample(t, "1");
}

static void
encode_count(const struct rows *rows, size_t size, const struct field *field,
    struct cm_text *t)
{
	char number[CM_NUMBER_SIZE];
	int64_t count = 0;
	unsigned i;

	if (!rows->read)
		return;
	for (i = 0; i < rows->count; i++)
		count += record_text(rows->row + size * i, field) != NULL;
	cm_text_sample(t, cm_number_integer(number, count));
}
