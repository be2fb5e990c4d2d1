/* SPDX-License-Identifier: MIT */

/*
 * Exercises lib/repair.c, lib/decode.c, lib/eventlog.c, lib/record.c,
 * lib/encode.c and lib/encode_json.c, and what they use: a modem's page from
 * its bytes to both text formats and to JSON.
 *
 * The first byte is '0' to '9' for the page, in the order of CM_ENDPOINTS; 'p'
 * to 'y' if nobody said where the body ends; the highest bit of either asks
 * for serial number and MAC.  If FUZZ_PAGE names a page, all bytes are the
 * body of that page.
 */

#include <jansson.h>

#include "decode.h"
#include "exposition.h"
#include "fuzz.h"
#include "model.h"
#include "record.h"
#include "repair.h"

/* The page that FUZZ_PAGE names, or none. */
static enum cm_endpoint
named_page(void)
{
	const char *name = getenv("FUZZ_PAGE");
	enum cm_endpoint page;

	if (name == NULL)
		return CM_ENDPOINT_COUNT;
	for (page = 0; page < CM_ENDPOINT_COUNT; page++)
		if (strcmp(name, endpoints[page].name) == 0)
			return page;
	fuzz_fail(__FILE__, __LINE__, "FUZZ_PAGE names a page");
	abort();
}

/* What is repaired needs no repair. */
static void
check_repair(const char *body, size_t size)
{
	size_t length = size, again;
	char *copy, *second, *text;
	const char *one, *two;

	one = repair_json(body, &length, &copy);
	if (one != NULL) {
		CHECK(exposition_is_utf8(one, length));
		text = fuzz_text(one, length);
		again = length;
		two = repair_json(text, &again, &second);
		CHECK(two != NULL && second == NULL);
		/* Of two byte-order marks the second is no mark. */
		CHECK(two == text || (two == text + 3 && text[0] == '\xef'));
		free(text);
	}
	free(copy);
}

/* Whether jansson takes the body as it is, with a depth that is allowed. */
static bool
is_json(const char *body, size_t length)
{
	json_t *json = json_loadb(body, length, 0, NULL);
	size_t i;
	int depth = 0, deepest = 0;

	for (i = 0; i < length; i++) {		/* strings' brackets too */
		depth += body[i] == '[' || body[i] == '{';
		deepest = depth > deepest ? depth : deepest;
	}
	json_decref(json);
	return json != NULL && deepest <= REPAIR_DEPTH;
}

static void
check_error(const struct cm_snapshot *s, enum cm_endpoint page,
    const struct cm_error *error, bool whole, const char *body, size_t length)
{
	const struct record *record = &records[endpoints[page].record];
	const char *row;
	size_t i;

	CHECK(error->reason == CM_NOT_JSON || error->reason == CM_TRUNCATED ||
	    error->reason == CM_WRONG_SHAPE);
	CHECK(error->reason != CM_TRUNCATED || !whole);
	CHECK(error->reason == CM_WRONG_SHAPE || !is_json(body, length));
	CHECK(fuzz_is_sentence(error->text, sizeof(error->text)));
	CHECK(cm_snapshot_count(s, endpoints[page].record) == record->single);
	if (!record->single)
		return;
	row = cm_snapshot_row(s, endpoints[page].record, 0);
	for (i = 0; i < record->field_count; i++)
		CHECK(record_text(row, &record->fields[i]) == NULL);
}

/* What a probe says of itself around the pages. */
static void
fill_in(struct cm_snapshot *s, enum cm_endpoint page, bool success,
    unsigned rejected)
{
	struct cm_outcome *outcome = snapshot_single(s, CM_RECORD_OUTCOME);
	struct cm_page *row = snapshot_add(s, CM_RECORD_PAGE);
	char number[CM_NUMBER_SIZE];

	CHECK(row != NULL);
	outcome->success = row->success = success ? "1" : "0";
	outcome->reason = row->reason = success ? NULL : "not_json";
	outcome->duration = "0.25";
	row->endpoint = endpoints[page].name;
	row->rejected = snapshot_text(s, cm_number_integer(number, rejected));
}

static void
encode(const struct cm_snapshot *s, enum cm_format format,
    struct exposition *page)
{
	struct cm_text *t = cm_text_new(format);
	size_t length;
	char *text;

	CHECK(t != NULL);
	cm_snapshot_encode(s, t);
	text = cm_text_finish(t, &length);
	CHECK(text != NULL && strlen(text) == length);
	if (!exposition_parse(page, format == CM_OPENMETRICS ?
	    EXPOSITION_OPENMETRICS : EXPOSITION_PROMETHEUS, text, length))
		fprintf(stderr, "%sline %zu: %s\n", text, page->line,
		    page->error);
	CHECK(page->error == NULL);
	free(text);
}

/* Both formats say the same. */
static void
check_texts(const struct cm_snapshot *s)
{
	struct exposition plain, open;
	size_t i;

	encode(s, CM_PROMETHEUS, &plain);
	encode(s, CM_OPENMETRICS, &open);
	CHECK(plain.family_count == open.family_count);
	CHECK(plain.sample_count == open.sample_count);
	for (i = 0; i < plain.sample_count; i++) {
		CHECK(exposition_same_series(&plain, &plain.samples[i], &open,
		    &open.samples[i]));
		CHECK(strcmp(plain.samples[i].value,
		    open.samples[i].value) == 0);
	}
	exposition_free(&plain);
	exposition_free(&open);
}

static void
check_json(const struct cm_snapshot *s)
{
	char *text = cm_snapshot_encode_json(s, "https://192.168.100.1:443",
	    "default", "2024-08-01T03:54:46Z");
	enum cm_record record;
	json_error_t error;
	json_t *json;

	CHECK(text != NULL);
	/* Counters have 64 bits, a json_int_t only 63. */
	json = json_loads(text, JSON_DECODE_INT_AS_REAL |
	    JSON_REJECT_DUPLICATES, &error);
	if (json == NULL)
		fprintf(stderr, "%s%s\n", text, error.text);
	CHECK(json_is_object(json));
	for (record = CM_RECORD_DOWNSTREAM; record < CM_RECORD_COUNT; record++)
		CHECK(json_array_size(json_object_get(json,
		    records[record].name)) == cm_snapshot_count(s, record));
	json_decref(json);
	free(text);
}

static void
check_page(enum cm_endpoint page, bool whole, bool identifiers,
    const char *body, size_t length)
{
	struct cm_snapshot *s = snapshot_new(identifiers);
	struct cm_error error = { .reason = CM_OK };
	unsigned rejected = 0;
	bool success;

	CHECK(s != NULL);
	success = decode_page(s, page, body, length, whole, &rejected, &error);
	if (!success)
		check_error(s, page, &error, whole, body, length);
	CHECK(cm_snapshot_count(s, endpoints[page].record) <= DECODE_ROWS);
	/* Two pages fill one record. */
	if (page == CM_GETSYSINFO)
		success &= decode_page(s, CM_SYSTEM_MODEL, body, length, whole,
		    &rejected, &error);
	CHECK(!s->failed);
	fill_in(s, page, success, rejected);
	check_texts(s);
	check_json(s);
	snapshot_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum cm_endpoint page = named_page();
	uint8_t how = '0';
	char *body;

	if (page == CM_ENDPOINT_COUNT) {
		if (size == 0)
			return 0;
		how = *data++;
		page = (how & 15) % CM_ENDPOINT_COUNT;
		size--;
	}
	body = fuzz_text(data, size);
	check_repair(body, size);
	check_page(page, (how & 0x40) == 0, (how & 0x80) != 0, body, size);
	free(body);
	return 0;
}
