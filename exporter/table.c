/* SPDX-License-Identifier: MIT */

/*
 * A snapshot for a terminal.
 */

#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sheet.h"

#define COLUMNS_MAX	16
#define TEXT_SIZE	(4 * CELL_SIZE)	/* of a cell, escaped */

/* What stands behind a value, and its colour (ECMA-48, 8.3.117). */
static const struct {
	const char	*mark;
	const char	*colour;
} grades[CM_GRADE_COUNT] = {
	[CM_UNKNOWN] = { "", "" },
	[CM_GOOD] = { "", "\033[32m" },
	[CM_TOLERABLE] = { "~", "\033[33m" },
	[CM_BAD] = { "!", "\033[31m" },
	[CM_CRITICAL] = { "!!", "\033[1;31m" },
};

static void	write_verdict(FILE *, const struct cm_snapshot *, bool);
static void	write_facts(FILE *, const struct sheet *,
		    const struct cm_snapshot *);
static void	write_rows(FILE *, const struct sheet *,
		    const struct cm_snapshot *, bool);

char *
table_write(const struct cm_snapshot *s, const char *target,
    const char *module, bool colour)
{
	char *text = NULL;
	size_t i, length;
	FILE *out = open_memstream(&text, &length);
	bool failed;

	if (out == NULL)
		return NULL;
	fprintf(out, "%s with module %s, %s s\n", target, module,
	    cm_snapshot_outcome(s, 0)->duration);
	write_verdict(out, s, colour);
	for (i = 0; i < SHEET_COUNT; i++)
		if (sheets[i].single)
			write_facts(out, &sheets[i], s);
		else
			write_rows(out, &sheets[i], s, colour);
	fprintf(out, "\n~ tolerable, ! bad, !! critical\n");
	failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

/* A text in its colour. */
static void
write_marked(FILE *out, enum cm_grade grade, bool colour, const char *text)
{
	bool painted = colour && *grades[grade].colour != '\0';

	fprintf(out, "%s%s%s", painted ? grades[grade].colour : "", text,
	    painted ? "\033[0m" : "");
}

static void
write_verdict(FILE *out, const struct cm_snapshot *s, bool colour)
{
	enum cm_reason reason = cm_snapshot_reason(s);
	struct cm_health health;
	unsigned i;

	cm_health(s, &health);
	if (reason != CM_OK)
		fprintf(out, "\nThe probe failed: %s; %s.\n",
		    cm_snapshot_text(s), cm_reason_hint(reason));
	fputc('\n', out);
	write_marked(out, health.grade, colour, cm_health_words(health.grade));
	fputc('\n', out);
	for (i = 0; i < health.count; i++) {
		fprintf(out, "%3s ", grades[health.findings[i].grade].mark);
		write_marked(out, health.findings[i].grade, colour,
		    health.findings[i].text);
		fputc('\n', out);
	}
}

/* A cell as a terminal can have it, with its mark. */
static size_t
cell(char *text, const struct column *column, const void *row)
{
	char raw[CELL_SIZE];
	size_t n = cm_escape(text, TEXT_SIZE, cell_text(column, row, raw));
	const char *mark = grades[cell_grade(column, row)].mark;

	/* Values stay below each other. */
	if (column->measure != CM_MEASURE_COUNT && n + 4 < TEXT_SIZE)
		n += (size_t)snprintf(text + n, TEXT_SIZE - n, " %-2s", mark);
	return n;
}

static void
write_facts(FILE *out, const struct sheet *sheet, const struct cm_snapshot *s)
{
	const void *row = cm_snapshot_row(s, sheet->record, 0);
	bool begun = false;
	char text[TEXT_SIZE];
	size_t i;

	for (i = 0; i < sheet->count; i++) {
		if (cell(text, &sheet->columns[i], row) == 0)
			continue;
		if (!begun)
			fprintf(out, "\n%s\n", sheet->title);
		begun = true;
		fprintf(out, "  %-18s%s\n", sheet->columns[i].heading, text);
	}
}

static void
write_rows(FILE *out, const struct sheet *sheet, const struct cm_snapshot *s,
    bool colour)
{
	const struct column *c, *last = NULL;
	const struct column *end = sheet->columns + sheet->count;
	int width[COLUMNS_MAX] = { 0 };
	char text[TEXT_SIZE];
	const void *row;
	unsigned i;
	int n;

	for (c = sheet->columns; c < end; c++) {
		if (!column_is_there(c, s, sheet->record))
			continue;
		last = c;
		n = (int)strlen(c->heading) +
		    (c->measure != CM_MEASURE_COUNT ? 3 : 0);
		for (i = 0; (row = cm_snapshot_row(s, sheet->record, i)) !=
		    NULL; i++) {
			if (n < (int)cell(text, c, row))
				n = (int)strlen(text);
		}
		width[c - sheet->columns] = n;
	}
	if (last == NULL)
		return;
	fprintf(out, "\n%s\n", sheet->title);
	for (c = sheet->columns; c < end; c++) {
		n = width[c - sheet->columns];
		if (n > 0 && c->measure != CM_MEASURE_COUNT)
			fprintf(out, "  %*s   ", n - 3, c->heading);
		else if (n > 0)
			fprintf(out, c->cell == CELL_NUMBER ||
			    c->cell == CELL_MHZ ? "  %*s" : "  %-*s",
			    c == last ? 0 : n, c->heading);
	}
	fputc('\n', out);
	for (i = 0; (row = cm_snapshot_row(s, sheet->record, i)) != NULL;
	    i++) {
		for (c = sheet->columns; c < end; c++) {
			n = width[c - sheet->columns];
			if (n == 0)
				continue;
			n -= (int)cell(text, c, row);
			fprintf(out, "  %*s", c->cell == CELL_NUMBER ||
			    c->cell == CELL_MHZ ? n : 0, "");
			write_marked(out, cell_grade(c, row), colour, text);
			if (c != last && c->cell != CELL_NUMBER &&
			    c->cell != CELL_MHZ)
				fprintf(out, "%*s", n, "");
		}
		fputc('\n', out);
	}
}
