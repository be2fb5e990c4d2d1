/* SPDX-License-Identifier: MIT */

/*
 * The Prometheus text format.  A page is one growing buffer; a family's HELP
 * and TYPE are written with its first sample.
 */

#include "cablemodem_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cm_text {
	char		*page;
	size_t		 length;
	size_t		 room;
	bool		 failed;	/* without memory; nothing more is added */

	const char	*family;
	const char	*help;
	enum cm_type	 type;
	bool		 begun;		/* HELP and TYPE are written */
	bool		 labelled;	/* the sample's { is written */
};

static const struct {
	const char	*word;
	const char	*suffix;	/* of the family's samples */
} types[] = {
	[CM_GAUGE] = { "gauge", "" },
	[CM_COUNTER] = { "counter", "_total" },
	[CM_INFO] = { "gauge", "_info" },
};

static void	add(struct cm_text *, const char *, size_t);
static void	add_text(struct cm_text *, const char *);
static void	add_escaped(struct cm_text *, const char *, const char *);
static void	add_name(struct cm_text *);
static void	begin_sample(struct cm_text *);

struct cm_text *
cm_text_new(void)
{
	return calloc(1, sizeof(struct cm_text));
}

void
cm_text_free(struct cm_text *t)
{
	if (t == NULL)
		return;
	free(t->page);
	free(t);
}

void
cm_text_fail(struct cm_text *t)
{
	t->failed = true;
}

char *
cm_text_finish(struct cm_text *t, size_t *length)
{
	char *page;

	add(t, "", 1);		/* a page without a family is no failure */
	page = t->failed ? NULL : t->page;
	*length = t->length - 1;
	if (page != NULL)
		t->page = NULL;
	cm_text_free(t);
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
cm_text_label(struct cm_text *t, const char *name, const char *value)
{
	if (!t->labelled) {
		begin_sample(t);
		add(t, "{", 1);
		t->labelled = true;
	} else
		add(t, ",", 1);
	add_text(t, name);
	add(t, "=\"", 2);
	add_escaped(t, value, "\\\"\n");
	add(t, "\"", 1);
}

void
cm_text_sample(struct cm_text *t, const char *value)
{
	if (!t->labelled)
		begin_sample(t);
	else
		add(t, "}", 1);
	t->labelled = false;
	add(t, " ", 1);
	add_text(t, value);
	add(t, "\n", 1);
}

static void
begin_sample(struct cm_text *t)
{
	if (!t->begun) {
		add_text(t, "# HELP ");
		add_name(t);
		add(t, " ", 1);
		add_escaped(t, t->help, "\\\n");
		add_text(t, "\n# TYPE ");
		add_name(t);
		add(t, " ", 1);
		add_text(t, types[t->type].word);
		add(t, "\n", 1);
		t->begun = true;
	}
	add_name(t);
}

static void
add_name(struct cm_text *t)
{
	add_text(t, t->family);
	add_text(t, types[t->type].suffix);
}

static void
add_escaped(struct cm_text *t, const char *text, const char *special)
{
	size_t n;

	for (;;) {
		n = strcspn(text, special);
		add(t, text, n);
		if (text[n] == '\0')
			return;
		add(t, "\\", 1);
		add(t, text[n] == '\n' ? "n" : &text[n], 1);
		text += n + 1;
	}
}

static void
add_text(struct cm_text *t, const char *text)
{
	add(t, text, strlen(text));
}

static void
add(struct cm_text *t, const char *bytes, size_t n)
{
	size_t room;
	char *page;

	if (t->room - t->length < n && !t->failed) {
		room = t->room * 2 + n + 4096;
		page = realloc(t->page, room);
		if (page == NULL)
			t->failed = true;
		else {
			t->page = page;
			t->room = room;
		}
	}
	if (t->failed)
		return;
	memcpy(t->page + t->length, bytes, n);
	t->length += n;
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
