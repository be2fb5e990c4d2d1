/* SPDX-License-Identifier: MIT */

/*
 * Records: the tables of cablemodem_fields.h as data, and the snapshot that
 * keeps their rows.  Texts are packed into chunks that are freed together.
 */

#include "record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* These turn the kind column into two initialisers, kind and word. */
#define AS_OURS		KIND_OURS, NULL
#define AS_TEXT		KIND_TEXT, NULL
#define AS_ID		KIND_ID, NULL
#define AS_PORT		KIND_PORT, NULL
#define AS_DECIMAL	KIND_DECIMAL, NULL
#define AS_HERTZ		KIND_HERTZ, NULL
#define AS_MEGAHERTZ	KIND_MEGAHERTZ, NULL
#define AS_COUNTER	KIND_COUNTER, NULL
#define AS_DURATION	KIND_DURATION, NULL
#define AS_TIME		KIND_TIME, NULL
#define AS_MODULATION	KIND_MODULATION, NULL
#define AS_SPEED	KIND_SPEED, NULL
#define AS_AUTH		KIND_AUTH, NULL
#define AS_TEK		KIND_TEK, NULL
#define AS_BPI		KIND_BPI, NULL
#define AS_LOG_TIME	KIND_LOG_TIME, NULL
#define AS_LOG_PRIORITY	KIND_LOG_PRIORITY, NULL
#define AS_LOG_TEXT	KIND_LOG_TEXT, NULL
#define AS_PLACE	KIND_PLACE, NULL
#define AS_IS(word)	KIND_IS, #word

#define FIELD(member, key, kind, family, type, label, help) \
	{ key, AS_##kind, offsetof(struct STRUCT, member), \
	    family, FIELD_##type, label, help },
#define ALSO(member, family, type, label, help) \
	{ NULL, AS_OURS, offsetof(struct STRUCT, member), \
	    family, FIELD_##type, label, help },

#define FIELD_FITS(member, key, kind, family, type, label, help) \
	static_assert(sizeof(label) <= LABEL_SIZE, "a label is too long");
#define ALSO_FITS(member, family, type, label, help) \
	static_assert(sizeof(label) <= LABEL_SIZE, "a label is too long");
#define X(NAME, name, label, single, prefix) \
	CM_##NAME##_FIELDS(FIELD_FITS, ALSO_FITS)
CM_RECORDS(X)
#undef X

#define STRUCT cm_outcome
static const struct field outcome_fields[] = {
	CM_OUTCOME_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_page
static const struct field page_fields[] = {
	CM_PAGE_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_connection
static const struct field connection_fields[] = {
	CM_CONNECTION_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_downstream
static const struct field downstream_fields[] = {
	CM_DOWNSTREAM_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_upstream
static const struct field upstream_fields[] = {
	CM_UPSTREAM_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_ofdm
static const struct field ofdm_fields[] = {
	CM_OFDM_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_ofdma
static const struct field ofdma_fields[] = {
	CM_OFDMA_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_wan
static const struct field wan_fields[] = {
	CM_WAN_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_system
static const struct field system_fields[] = {
	CM_SYSTEM_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_init
static const struct field init_fields[] = {
	CM_INIT_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_link
static const struct field link_fields[] = {
	CM_LINK_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_event
static const struct field event_fields[] = {
	CM_EVENT_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_priority
static const struct field priority_fields[] = {
	CM_PRIORITY_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_occurrence
static const struct field occurrence_fields[] = {
	CM_OCCURRENCE_FIELDS(FIELD, ALSO)
};
#undef STRUCT
#define STRUCT cm_latest
static const struct field latest_fields[] = {
	CM_LATEST_FIELDS(FIELD, ALSO)
};
#undef STRUCT

const struct record records[CM_RECORD_COUNT] = {
#define X(NAME, name, label, single, prefix) { \
	name##_fields, sizeof(name##_fields) / sizeof(name##_fields[0]), \
	sizeof(struct cm_##name), #name, prefix, label, single },
	CM_RECORDS(X)
#undef X
};

/* Texts are short: one chunk holds those of a healthy modem's page. */
#define CHUNK_SIZE 8192

struct chunk {
	struct chunk	*next;
	size_t		 used;
	size_t		 size;
	char		 text[];
};

struct cm_snapshot *
snapshot_new(bool identifiers)
{
	struct cm_snapshot *s = calloc(1, sizeof(*s));
	unsigned i;

	if (s == NULL)
		return NULL;
	s->identifiers = identifiers;
	for (i = 0; i < CM_RECORD_COUNT; i++)
		if (records[i].single && snapshot_add(s, i) == NULL) {
			snapshot_free(s);
			return NULL;
		}
	return s;
}

struct cm_snapshot *
snapshot_copy(const struct cm_snapshot *original)
{
	struct cm_snapshot *s = malloc(sizeof(*s));
	struct rows *rows;
	size_t size;
	unsigned i;

	if (s == NULL)
		return NULL;
	*s = *original;
	s->chunks = NULL;
	for (i = 0; i < CM_RECORD_COUNT; i++) {
		rows = &s->rows[i];
		rows->row = NULL;
		rows->room = rows->count;
		size = rows->count * records[i].size;
		if (size == 0)
			continue;
		rows->row = malloc(size);
		if (rows->row != NULL)
			memcpy(rows->row, original->rows[i].row, size);
		else {
			rows->count = rows->room = 0;
			s->failed = true;
		}
	}
	if (s->failed) {
		snapshot_free(s);
		return NULL;
	}
	return s;
}

void
snapshot_free(struct cm_snapshot *s)
{
	struct chunk *chunk, *next;
	unsigned i;

	for (i = 0; i < CM_RECORD_COUNT; i++)
		free(s->rows[i].row);
	for (chunk = s->chunks; chunk != NULL; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(s);
}

void *
snapshot_add(struct cm_snapshot *s, enum cm_record record)
{
	struct rows *rows = &s->rows[record];
	size_t size = records[record].size;
	unsigned room;
	char *row;

	if (rows->count == rows->room) {
		room = records[record].single ? 1 : rows->room * 2 + 8;
		row = realloc(rows->row, room * size);
		if (row == NULL) {
			s->failed = true;
			return NULL;
		}
		rows->row = row;
		rows->room = room;
	}
	row = rows->row + size * rows->count++;
	memset(row, 0, size);
	return row;
}

void
snapshot_drop(struct cm_snapshot *s, enum cm_record record)
{
	s->rows[record].count--;
}

void *
snapshot_single(struct cm_snapshot *s, enum cm_record record)
{
	return s->rows[record].row;
}

const char *
snapshot_text(struct cm_snapshot *s, const char *text)
{
	struct chunk *chunk = s->chunks;
	size_t n = strlen(text) + 1, size;

	if (chunk == NULL || chunk->size - chunk->used < n) {
		size = n > CHUNK_SIZE ? n : CHUNK_SIZE;
		chunk = malloc(sizeof(*chunk) + size);
		if (chunk == NULL) {
			s->failed = true;
			return NULL;
		}
		chunk->next = s->chunks;
		chunk->used = 0;
		chunk->size = size;
		s->chunks = chunk;
	}
	memcpy(chunk->text + chunk->used, text, n);
	chunk->used += n;
	return chunk->text + chunk->used - n;
}

const char *
snapshot_integer(struct cm_snapshot *s, int64_t number)
{
	char text[CM_NUMBER_SIZE];

	return snapshot_text(s, cm_number_integer(text, number));
}

struct family
record_family(const struct record *record, const struct field *field)
{
	const struct field *end = record->fields + record->field_count;
	struct family family = { field, field + 1 };

	while (family.end < end && field->family != NULL &&
	    family.end->family != NULL &&
	    strcmp(family.end->family, field->family) == 0)
		family.end++;
	return family;
}

unsigned
cm_snapshot_count(const struct cm_snapshot *s, enum cm_record record)
{
	return s->rows[record].count;
}

const void *
cm_snapshot_row(const struct cm_snapshot *s, enum cm_record record, unsigned i)
{
	return i < s->rows[record].count ?
	    s->rows[record].row + records[record].size * i : NULL;
}

int64_t
cm_snapshot_duration(const struct cm_snapshot *s)
{
	return s->duration;
}

const struct cm_fetched *
cm_snapshot_fetched(const struct cm_snapshot *s, unsigned place)
{
	return place < s->fetched_count ? &s->fetched[place] : NULL;
}

enum cm_reason
cm_snapshot_reason(const struct cm_snapshot *s)
{
	return s->error.reason;
}

const char *
cm_snapshot_log(const struct cm_snapshot *s)
{
	return s->log != NULL ? s->log : "";
}

const char *
cm_snapshot_text(const struct cm_snapshot *s)
{
	return s->error.text;
}
