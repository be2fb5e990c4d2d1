/* SPDX-License-Identifier: MIT */

/*
 * Exercises lib/text.c and lib/buffer.c: families, labels and samples are
 * made of the bytes, written, read back by an independent reader, and
 * compared.  The first byte is the format; then comes one byte for each step:
 * what to do, and how.
 */

#include "cablemodem_text.h"

#include "exposition.h"
#include "fuzz.h"

#define STEPS_MAX	64
#define LABELS_MAX	4
#define TEXT_MAX	1024

struct bytes {
	const uint8_t	*p;
	const uint8_t	*end;
};

struct family {
	enum cm_type	 type;
	char		 name[64];
	char		 help[2 * TEXT_MAX + 2];
	size_t		 samples;
};

struct sample {
	const struct family	*family;
	char			 value[CM_NUMBER_SIZE];
	size_t			 count;
	struct {
		char	 name[32];
		char	*value;
	}			 labels[LABELS_MAX + 1];
};

static struct family families[STEPS_MAX];
static struct sample samples[STEPS_MAX];
static size_t family_count, sample_count;

static unsigned
take(struct bytes *bytes)
{
	return bytes->p < bytes->end ? *bytes->p++ : 0;
}

/* A text that ends in a NUL: UTF-8, as its bytes are taken for ISO 8859-1. */
static void
take_text(struct bytes *bytes, char *out)
{
	unsigned c;
	size_t i;

	for (i = 0; i < TEXT_MAX && (c = take(bytes)) != 0; i++) {
		if (c >= 0x80) {
			*out++ = (char)(0xc0 | c >> 6);
			c = 0x80 | (c & 0x3f);
		}
		*out++ = (char)c;
	}
	*out = '\0';
}

static int64_t
take_number(struct bytes *bytes)
{
	uint64_t number = 0;
	unsigned i, n = take(bytes) % 9;

	for (i = 0; i < n; i++)
		number = number << 8 | take(bytes);
	return (int64_t)number;
}

/* Its name is unique, as the writer's caller has to see to. */
static void
begin_family(struct cm_text *t, struct bytes *bytes, unsigned how)
{
	static const char *const words[] = {
		"", "_seconds", "_bytes", "_hertz", "_seconds_since", "bytes",
		":hertz", "_",
	};
	struct family *f = &families[family_count];

	f->type = how % 3;
	f->samples = 0;
	snprintf(f->name, sizeof(f->name), "f%zu%s", family_count++,
	    words[how / 3 % 8]);
	take_text(bytes, f->help);
	if (f->help[0] == '\0')
		strcpy(f->help, ".");
	cm_text_family(t, f->name, f->type, f->help);
}

static void
write_label(struct cm_text *t, struct sample *s, const char *name,
    const char *value)
{
	snprintf(s->labels[s->count].name, sizeof(s->labels[0].name), "%s",
	    name);
	s->labels[s->count++].value = fuzz_text(value, strlen(value));
	cm_text_label(t, name, value);
}

/* Only a family's first sample is without its number. */
static void
write_sample(struct cm_text *t, struct bytes *bytes, unsigned how)
{
	struct family *f = &families[family_count - 1];
	struct sample *s = &samples[sample_count++];
	char name[16], text[2 * TEXT_MAX + 1];
	int64_t number;
	unsigned i;

	s->family = f;
	s->count = 0;
	if (f->samples > 0) {
		snprintf(text, sizeof(text), "%zu", f->samples);
		write_label(t, s, "n", text);
	}
	f->samples++;
	for (i = 0; i < how % (LABELS_MAX + 1); i++) {
		snprintf(name, sizeof(name), "l%u", i);
		take_text(bytes, text);
		write_label(t, s, name, text);
	}
	number = take_number(bytes);
	if (f->type == CM_INFO)
		strcpy(s->value, "1");
	else if (f->type == CM_COUNTER || how & 0x40)
		cm_number_integer(s->value, number & INT64_MAX);
	else
		cm_number_seconds(s->value, number);
	cm_text_sample(t, s->value);
}

static char *
write_page(enum cm_format format, struct bytes bytes, size_t *length)
{
	struct cm_text *t = cm_text_new(format);
	unsigned how, step;
	char *page;

	CHECK(t != NULL);
	family_count = sample_count = 0;
	for (step = 0; step < STEPS_MAX && bytes.p < bytes.end; step++) {
		how = take(&bytes);
		if (how & 0x80 || family_count == 0)
			begin_family(t, &bytes, how & 0x7f);
		else
			write_sample(t, &bytes, how);
	}
	page = cm_text_finish(t, length);
	CHECK(page != NULL && strlen(page) == *length);
	return page;
}

static const char *
name_type(enum cm_format format, enum cm_type type)
{
	return type == CM_COUNTER ? "counter" :
	    type == CM_INFO && format == CM_OPENMETRICS ? "info" : "gauge";
}

static void
check_sample(enum cm_format format, const struct exposition *page, size_t i)
{
	const struct exposition_sample *got = &page->samples[i];
	const struct exposition_family *f = &page->families[got->family];
	const struct sample *want = &samples[i];
	char name[sizeof(want->family->name) + 8];
	size_t j;

	snprintf(name, sizeof(name), "%s%s", want->family->name,
	    want->family->type == CM_COUNTER ? "_total" :
	    want->family->type == CM_INFO ? "_info" : "");
	CHECK(strcmp(got->name, name) == 0);
	CHECK(strcmp(got->value, want->value) == 0);
	CHECK(strcmp(f->name, format == CM_OPENMETRICS ? want->family->name :
	    name) == 0);
	CHECK(strcmp(f->type, name_type(format, want->family->type)) == 0);
	CHECK(strcmp(f->help, want->family->help) == 0);
	CHECK(f->samples == want->family->samples);
	CHECK(got->count == want->count);
	for (j = 0; j < want->count; j++) {
		CHECK(strcmp(page->labels[got->first + j].name,
		    want->labels[j].name) == 0);
		CHECK(strcmp(page->labels[got->first + j].value,
		    want->labels[j].value) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = { data, data + size };
	enum cm_format format = take(&bytes) & 1;
	struct exposition page;
	char *text;
	size_t length, i, j;

	text = write_page(format, bytes, &length);
	if (!exposition_parse(&page, format == CM_OPENMETRICS ?
	    EXPOSITION_OPENMETRICS : EXPOSITION_PROMETHEUS, text, length))
		fprintf(stderr, "%sline %zu: %s\n", text, page.line,
		    page.error);
	CHECK(page.error == NULL);
	CHECK(page.sample_count == sample_count);
	for (i = 0; i < sample_count; i++)
		check_sample(format, &page, i);
	exposition_free(&page);
	free(text);
	for (i = 0; i < sample_count; i++)
		for (j = 0; j < samples[i].count; j++)
			free(samples[i].labels[j].value);
	return 0;
}
