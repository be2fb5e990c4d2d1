/* SPDX-License-Identifier: MIT */

/*
 * A page's JSON to rows of its record: the tables say which member is read
 * how, and a record's settle function what else its rows must obey.
 *
 * A page is an array of flat objects, or one object; values are strings, and
 * numbers in older firmware.  Anything may be missing or be something else.
 */

#include "decode.h"

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "eventlog.h"
#include "model.h"
#include "record.h"
#include "repair.h"

static json_t	*parse(const char *, size_t, bool, struct cm_error *);
static bool	 decode_row(struct cm_snapshot *, enum cm_endpoint,
		    const json_t *, size_t, unsigned *);
static void	 read_fields(struct cm_snapshot *, enum cm_endpoint, void *,
		    const json_t *, unsigned *);
static bool	 identify(struct cm_snapshot *, enum cm_record, void *, size_t);
static void	 settle_ofdm(void *);
static void	 settle_ofdma(void *);
static void	 settle_system(void *);

static void	(*const settle[CM_RECORD_COUNT])(void *) = {
	[CM_RECORD_OFDM] = settle_ofdm,
	[CM_RECORD_OFDMA] = settle_ofdma,
	[CM_RECORD_SYSTEM] = settle_system,
};

const char *
cm_jansson_version(void)
{
	return jansson_version_str();
}

bool
decode_page(struct cm_snapshot *s, enum cm_endpoint page, const char *body,
    size_t length, bool whole, unsigned *rejected, struct cm_error *error)
{
	enum cm_record record = endpoints[page].record;
	bool single = records[record].single;
	json_t *json = parse(body, length, whole, error);
	const json_t *object;
	size_t i, n, decoded = 0;

	*rejected = 0;
	if (json == NULL)
		return false;
	n = json_is_array(json) ? json_array_size(json) : 1;
	for (i = 0; i < n; i++) {
		object = json_is_array(json) ? json_array_get(json, i) : json;
		if (json_is_object(object) &&
		    decoded < (single ? 1 : DECODE_ROWS) &&
		    decode_row(s, page, object, i + 1, rejected))
			decoded++;
		else
			(*rejected)++;
	}
	json_decref(json);
	if (single && decoded == 0)
		return error_set(error, CM_WRONG_SHAPE, "%s holds no record: "
		    "an array with one object was expected",
		    endpoints[page].path);
	s->rows[record].read = true;
	if (record == CM_RECORD_EVENT)
		eventlog_count(s);
	return true;
}

/* Whether a text that is not JSON is the beginning of some: then the parser
 * wanted more, or stumbled at the very end over half a word or escape. */
static bool
ends_early(const char *body, size_t length, const json_error_t *why)
{
	char first = body[strspn(body, "\xef\xbb\xbf \t\r\n")];
	size_t end = strlen(body);	/* a NUL may be within */
	char last = end > 0 ? body[end - 1] : ' ';

	if (first != '[' && first != '{')
		return false;
	return json_error_code(why) == json_error_premature_end_of_input ||
	    (last != ']' && last != '}' && why->position >= 0 &&
	    (size_t)why->position >= length &&
	    json_error_code(why) != json_error_end_of_input_expected);
}

/* What a person should know of a body that is not JSON. */
static bool
fail_parse(struct cm_error *error, const char *body, size_t length, bool whole,
    size_t parsed, const json_error_t *why)
{
	if (json_error_code(why) == json_error_out_of_memory)
		return error_set(error, CM_EXPORTER_LIMIT, "no memory for "
		    "the page");
	if (length == 0)
		return error_set(error, CM_NOT_JSON, "the answer is empty");
	if (length >= 2 && memcmp(body, "\x1f\x8b", 2) == 0)
		return error_set(error, CM_NOT_JSON, "the answer is "
		    "compressed, which was not asked for");
	if (!whole && ends_early(body, parsed, why))
		return error_set(error, CM_TRUNCATED, "the connection was "
		    "closed within the answer, after %zu bytes", length);
	return error_set(error, CM_NOT_JSON, "the answer is not JSON: %s; it "
	    "begins '%.*s'", why->text, length < 40 ? (int)length : 40, body);
}

static json_t *
parse(const char *body, size_t length, bool whole, struct cm_error *error)
{
	json_error_t why = { .text = "it is nested too deeply" };
	size_t repaired_length = length;
	const char *text;
	json_t *json = NULL;
	char *copy;

	text = repair_json(body, &repaired_length, &copy);
	if (text != NULL)
		json = json_loadb(text, repaired_length, 0, &why);
	free(copy);
	if (json == NULL)
		fail_parse(error, body, length, whole, repaired_length, &why);
	return json;
}

static bool
decode_row(struct cm_snapshot *s, enum cm_endpoint page, const json_t *object,
    size_t place, unsigned *rejected)
{
	enum cm_record number = endpoints[page].record;
	const struct record *record = &records[number];
	const struct field *f;
	const char **member;
	void *row;

	row = record->single ? snapshot_single(s, number) :
	    snapshot_add(s, number);
	if (row == NULL)
		return false;
	read_fields(s, page, row, object, rejected);
	if (settle[number] != NULL)
		settle[number](row);
	/* Only now: a frequency of 0 may have said something to settle(). */
	for (f = record->fields; f < record->fields + record->field_count;
	    f++) {
		member = record_member(row, f);
		if ((f->kind == KIND_HERTZ || f->kind == KIND_MEGAHERTZ) &&
		    *member != NULL && !value_is_positive(*member))
			*member = NULL;
	}
	if (*record->label != '\0' && !identify(s, number, row, place)) {
		snapshot_drop(s, number);
		return false;
	}
	return true;
}

/* A record's own page is the first that fills it. */
static bool
is_own_page(enum cm_endpoint page)
{
	int i = 0;

	while (endpoints[i].record != endpoints[page].record)
		i++;
	return i == (int)page;
}

/* The key of a field on this page, NULL if it is another page's. */
static const char *
key_on_page(const struct field *f, enum cm_endpoint page)
{
	const char *slash, *name = endpoints[page].name;
	size_t n;

	if (f->key == NULL || f->key[0] == '\0')
		return NULL;
	slash = strchr(f->key, '/');
	if (slash == NULL)
		return is_own_page(page) ? f->key : NULL;
	n = (size_t)(slash - f->key);
	return strncmp(f->key, name, n) == 0 && name[n] == '\0' ?
	    slash + 1 : NULL;
}

/* Whether a key was read before, for another member of the row. */
static bool
is_again(const struct record *record, const struct field *field)
{
	const struct field *f;

	for (f = record->fields; f < field; f++)
		if (f->key != NULL && strcmp(f->key, field->key) == 0)
			return true;
	return false;
}

/* A JSON string or number as text; NULL for all that counts as missing. */
static const char *
json_text(const json_t *value, size_t *length, char *buf)
{
	const char *text = NULL;

	if (json_is_string(value)) {
		*length = json_string_length(value);
		return json_string_value(value);
	}
	if (json_is_integer(value)) {
		snprintf(buf, VALUE_SIZE, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
		text = buf;
	} else if (json_is_real(value) &&
	    value_from_double(json_real_value(value), buf))
		text = buf;
	*length = text != NULL ? strlen(text) : 0;
	return text;
}

static void
read_fields(struct cm_snapshot *s, enum cm_endpoint page, void *row,
    const json_t *object, unsigned *rejected)
{
	const struct record *record = &records[endpoints[page].record];
	const struct field *f;
	const char *key, *text;
	char number[VALUE_SIZE], value[VALUE_SIZE];
	size_t length;

	for (f = record->fields; f < record->fields + record->field_count;
	    f++) {
		if (f->type == FIELD_IDENTIFIER && !s->identifiers)
			continue;
		key = key_on_page(f, page);
		if (key == NULL)
			continue;
		text = json_text(json_object_get(object, key), &length,
		    number);
		if (text == NULL)
			continue;
		switch (value_read(f->kind, f->word, text, length, value)) {
		case VALUE_OK:
			*record_member(row, f) = snapshot_text(s, value);
			break;
		case VALUE_NONE:
			break;
		case VALUE_BAD:
			*rejected += !is_again(record, f);
			break;
		}
	}
}

static bool
is_taken(const struct cm_snapshot *s, enum cm_record number,
    const struct field *id, const char *text)
{
	const struct rows *rows = &s->rows[number];
	unsigned i;

	/* The last row is the one that looks for a name. */
	for (i = 0; i + 1 < rows->count; i++)
		if (strcmp(text, record_text(rows->row +
		    records[number].size * i, id)) == 0)
			return true;
	return false;
}

/*
 * Give a row the label that tells it from the page's other rows: its ID, or
 * its port where it has no ID or repeats one, or its place.
 */
static bool
identify(struct cm_snapshot *s, enum cm_record number, void *row, size_t place)
{
	const struct record *record = &records[number];
	const struct field *f, *id = record->fields;
	const char **member = record_member(row, id), *port = NULL;
	char text[VALUE_SIZE];

	if (id->kind == KIND_PLACE) {
		snprintf(text, sizeof(text), "%zu", place);
		*member = snapshot_text(s, text);
		return *member != NULL;
	}
	if (*member != NULL && !is_taken(s, number, id, *member))
		return true;
	for (f = id; f < id + record->field_count; f++)
		if (f->kind == KIND_PORT)
			port = record_text(row, f);
	snprintf(text, sizeof(text), "port%s", port != NULL ? port : "");
	if (port == NULL || is_taken(s, number, id, text)) {
		snprintf(text, sizeof(text), "row%zu", place);
		if (is_taken(s, number, id, text))
			return false;
	}
	*member = snapshot_text(s, text);
	return *member != NULL;
}

static bool
is_set(const char *text)
{
	return text != NULL && strcmp(text, "1") == 0;
}

/* Without PLC lock the rest is what was there before, or nothing. */
static void
settle_ofdm(void *row)
{
	struct cm_ofdm *ofdm = row, locks = {
		.channel = ofdm->channel,
		.plc_lock = ofdm->plc_lock,
		.ncp_lock = ofdm->ncp_lock,
		.mdc1_lock = ofdm->mdc1_lock,
	};

	if (!is_set(ofdm->plc_lock))
		*ofdm = locks;
}

/* A channel that is off shows zeros, which are not measurements. */
static void
settle_ofdma(void *row)
{
	struct cm_ofdma *ofdma = row, state = {
		.channel = ofdma->channel,
		.operational = ofdma->operational,
		.state = ofdma->state,
		.fft = ofdma->fft,
	};

	if (!is_set(ofdma->operational) ||
	    (ofdma->frequency != NULL && strcmp(ofdma->frequency, "0") == 0))
		*ofdma = state;
}

/* The text of an uptime that could not be read would only mislead. */
static void
settle_system(void *row)
{
	struct cm_system *system = row;

	if (system->uptime == NULL)
		system->uptime_text = NULL;
}
