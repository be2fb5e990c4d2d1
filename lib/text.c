/* SPDX-License-Identifier: MIT */

/*
 * The text formats.  A page is one growing buffer; a family's metadata is
 * written with its first sample.
 */

#include "cablemodem_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

struct cm_text {
	struct buffer	 page;
	enum cm_format	 format;

	const char	*family;
	const char	*help;
	enum cm_type	 type;
	bool		 begun;		/* the metadata is written */
	bool		 labelled;	/* the sample's { is written */
	const char	*suffix;	/* of the sample's name, or NULL */
};

static const struct {
	const char	*words[2];	/* by format */
	const char	*suffix;	/* of the family's samples */
} types[] = {
	[CM_GAUGE] = { { "gauge", "gauge" }, "" },
	[CM_COUNTER] = { { "counter", "counter" }, "_total" },
	[CM_INFO] = { { "gauge", "info" }, "_info" },
	[CM_HISTOGRAM] = { { "histogram", "histogram" }, "" },
};

/* OpenMetrics names the unit of a family whose name ends in it. */
static const char *const units[] = { "seconds", "bytes", "hertz" };

static void	add_escaped(struct cm_text *, const char *, const char *);
static void	add_name(struct cm_text *);
static void	add_metadata(struct cm_text *, const char *, const char *,
		    const char *);
static void	begin_sample(struct cm_text *);

struct cm_text *
cm_text_new(enum cm_format format)
{
	struct cm_text *t = calloc(1, sizeof(*t));

	if (t != NULL)
		t->format = format;
	return t;
}

const char *
cm_text_content_type(enum cm_format format)
{
	return format == CM_OPENMETRICS ?
	    "application/openmetrics-text; version=1.0.0; charset=utf-8" :
	    "text/plain; version=0.0.4; charset=utf-8";
}

void
cm_text_fail(struct cm_text *t)
{
	buffer_fail(&t->page);
}

char *
cm_text_finish(struct cm_text *t, size_t *length)
{
	char *page;

	if (t->format == CM_OPENMETRICS)
		buffer_add_text(&t->page, "# EOF\n");
	page = buffer_take(&t->page, length);
	free(t);
	return page;
}

void
cm_text_family(struct cm_text *t, const char *name, enum cm_type type,
    const char *help)
{
	t->family = name;
	t->type = type;
	t->help = help;
	t->begun = false;
}

void
cm_text_suffix(struct cm_text *t, const char *suffix)
{
	t->suffix = suffix;
}

void
cm_text_label(struct cm_text *t, const char *name, const char *value)
{
	if (!t->labelled) {
		begin_sample(t);
		buffer_add(&t->page, "{", 1);
		t->labelled = true;
	} else
		buffer_add(&t->page, ",", 1);
	buffer_add_text(&t->page, name);
	buffer_add(&t->page, "=\"", 2);
	add_escaped(t, value, "\\\"\n");
	buffer_add(&t->page, "\"", 1);
}

void
cm_text_sample(struct cm_text *t, const char *value)
{
	if (!t->labelled)
		begin_sample(t);
	else
		buffer_add(&t->page, "}", 1);
	t->labelled = false;
	buffer_add(&t->page, " ", 1);
	buffer_add_text(&t->page, value);
	buffer_add(&t->page, "\n", 1);
}

static const char *
find_unit(const struct cm_text *t)
{
	size_t n = strlen(t->family), length, i;

	if (t->type == CM_INFO)
		return NULL;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		length = strlen(units[i]);
		if (n > length && t->family[n - length - 1] == '_' &&
		    strcmp(t->family + n - length, units[i]) == 0)
			return units[i];
	}
	return NULL;
}

static void
begin_sample(struct cm_text *t)
{
	const char *word = types[t->type].words[t->format];
	const char *unit;

	if (!t->begun && t->format == CM_PROMETHEUS) {
		add_metadata(t, "HELP", t->help, "\\\n");
		add_metadata(t, "TYPE", word, "");
	} else if (!t->begun) {
		add_metadata(t, "TYPE", word, "");
		unit = find_unit(t);
		if (unit != NULL)
			add_metadata(t, "UNIT", unit, "");
		add_metadata(t, "HELP", t->help, "\\\"\n");
	}
	t->begun = true;
	add_name(t);
	if (t->suffix != NULL)
		buffer_add_text(&t->page, t->suffix);
	t->suffix = NULL;
}

/* HELP and TYPE name the samples (x_total) in Prometheus's format, and the
 * family (x) in OpenMetrics. */
static void
add_metadata(struct cm_text *t, const char *what, const char *text,
    const char *special)
{
	buffer_add(&t->page, "# ", 2);
	buffer_add_text(&t->page, what);
	buffer_add(&t->page, " ", 1);
	if (t->format == CM_PROMETHEUS)
		add_name(t);
	else
		buffer_add_text(&t->page, t->family);
	buffer_add(&t->page, " ", 1);
	add_escaped(t, text, special);
	buffer_add(&t->page, "\n", 1);
}

static void
add_name(struct cm_text *t)
{
	buffer_add_text(&t->page, t->family);
	buffer_add_text(&t->page, types[t->type].suffix);
}

static void
add_escaped(struct cm_text *t, const char *text, const char *special)
{
	size_t n;

	for (;;) {
		n = strcspn(text, special);
		buffer_add(&t->page, text, n);
		if (text[n] == '\0')
			return;
		buffer_add(&t->page, "\\", 1);
		buffer_add(&t->page, text[n] == '\n' ? "n" : &text[n], 1);
		text += n + 1;
	}
}

const char *
cm_number_integer(char *buf, int64_t number)
{
	snprintf(buf, CM_NUMBER_SIZE, "%lld", (long long)number);
	return buf;
}

const char *
cm_number_seconds(char *buf, int64_t microseconds)
{
	uint64_t us = microseconds < 0 ? 0 - (uint64_t)microseconds :
	    (uint64_t)microseconds;
	size_t n;

	n = (size_t)snprintf(buf, CM_NUMBER_SIZE, "%s%llu.%06llu",
	    microseconds < 0 ? "-" : "", (unsigned long long)(us / 1000000),
	    (unsigned long long)(us % 1000000));
	while (buf[n - 1] == '0')
		n--;
	if (buf[n - 1] == '.')
		n--;
	buf[n] = '\0';
	return buf;
}
