/* SPDX-License-Identifier: MIT */

/*
 * The tables as a reference for people.
 */

#include <string.h>

#include "buffer.h"
#include "cablemodem.h"
#include "record.h"

static const struct {
	const char	*suffix;
	const char	*word;
} types[] = {
	[FIELD_GAUGE] = { "", "gauge" },
	[FIELD_COUNTER] = { "_total", "counter" },
	[FIELD_INFO] = { "_info", "info" },
	[FIELD_IDENTIFIER] = { "_info", "info" },
	[FIELD_COUNT] = { "", "gauge" },
};

/* The labels of a family; of constant ones, name and values. */
static void
add_labels(struct buffer *out, const struct record *record,
    struct family family)
{
	const char *between = "", *equals;
	const struct field *f;

	if (*record->label != '\0' && family.first->type != FIELD_COUNT) {
		buffer_add_text(out, record->label);
		between = ", ";
	}
	for (f = family.first; f < family.end; f++) {
		equals = strchr(f->label, '=');
		if (*f->label == '\0')
			continue;
		buffer_add_text(out, between);
		/* The name is said once, before the first of its values. */
		if (equals != NULL && f > family.first)
			buffer_add_text(out, equals + 1);
		else
			buffer_add_text(out, f->label);
		between = equals != NULL ? " or " : ", ";
	}
}

char *
cm_list_metrics(void)
{
	const struct field *f, *end;
	const struct record *record;
	struct buffer out = { 0 };
	struct family family;
	size_t length;

	buffer_add_text(&out, "| metric | type | labels | meaning |\n"
	    "| --- | --- | --- | --- |\n");
	for (record = records; record < records + CM_RECORD_COUNT; record++) {
		end = record->fields + record->field_count;
		for (f = record->fields; f < end; f = family.end) {
			family = record_family(record, f);
			if (f->family == NULL)
				continue;
			buffer_add_text(&out, "| `");
			buffer_add_text(&out, f->family);
			buffer_add_text(&out, types[f->type].suffix);
			buffer_add_text(&out, "` | ");
			buffer_add_text(&out, types[f->type].word);
			buffer_add_text(&out, " | ");
			add_labels(&out, record, family);
			buffer_add_text(&out, " | ");
			buffer_add_text(&out, f->help);
			buffer_add_text(&out, " |\n");
		}
	}
	return buffer_take(&out, &length);
}
