/* SPDX-License-Identifier: MIT */

/*
 * A snapshot for a terminal.
 */

#include "table.h"

#include <stdio.h>
#include <string.h>

#include "draft.h"
#include "sheet.h"

#define LINE_WIDTH	80	/* of sentences */
#define TEXT_SIZE	(4 * CELL_SIZE)	/* of a cell, escaped */

/* What stands behind a value and before a sentence, and its colour (ECMA-48,
 * 8.3.117). */
static const struct {
	const char	*mark;
	const char	*sign;
	const char	*colour;
} grades[CM_GRADE_COUNT] = {
	[CM_UNKNOWN] = { "", " ?", "" },
	[CM_GOOD] = { "", "ok", "\033[32m" },
	[CM_TOLERABLE] = { "~", " ~", "\033[33m" },
	[CM_BAD] = { "!", " !", "\033[31m" },
	[CM_CRITICAL] = { "!!", "!!", "\033[1;31m" },
};

static void	write_verdict(struct draft *, const struct cm_snapshot *, bool);
static void	write_facts(struct draft *, const struct sheet *,
		    const struct cm_snapshot *);
static void	write_rows(struct draft *, const struct sheet *,
		    const struct cm_snapshot *, bool);

char *
table_write(const struct cm_snapshot *s, const char *target,
    const char *module, bool colour)
{
	struct draft out = { 0 };
	size_t i, length;

	draft_printf(&out, "%s with module %s, %.3f s\n", target, module,
	    (double)cm_snapshot_duration(s) / 1e6);
	write_verdict(&out, s, colour);
	for (i = 0; i < SHEET_COUNT && sheet_anything(s); i++)
		if (sheets[i].single)
			write_facts(&out, &sheets[i], s);
		else
			write_rows(&out, &sheets[i], s, colour);
	if (sheet_anything(s))
		draft_add(&out, "\n~ tolerable, ! bad, !! critical\n");
	return draft_take(&out, &length);
}

/* A text in its colour. */
static void
write_marked(struct draft *out, enum cm_grade grade, bool colour,
    const char *text)
{
	bool painted = colour && *grades[grade].colour != '\0';

	draft_printf(out, "%s%s%s", painted ? grades[grade].colour : "", text,
	    painted ? "\033[0m" : "");
}

/* A sentence in lines that fit, of which the first has begun. */
static void
write_sentence(struct draft *out, const char *text, int indent)
{
	int n, column = indent;

	for (; *text != '\0'; text += n, column += n) {
		/* A word and the blank before it. */
		n = 1 + (int)strcspn(text + 1, " ");
		if (column + n > LINE_WIDTH && column > indent) {
			draft_printf(out, "\n%*s", indent, "");
			column = indent;
			text++;
			n--;
		}
		draft_printf(out, "%.*s", n, text);
	}
	draft_add(out, "\n");
}

static void
write_verdict(struct draft *out, const struct cm_snapshot *s, bool colour)
{
	enum cm_reason reason = cm_snapshot_reason(s);
	const struct cm_finding *f;
	struct cm_health health;
	unsigned i;

	cm_health(s, &health);
	if (reason != CM_OK) {
		draft_printf(out, "\nThe probe failed: %s\n   ",
		    cm_reason_word(reason));
		write_sentence(out, cm_snapshot_text(s), 3);
		draft_add(out, "   ");
		write_sentence(out, cm_reason_hint(reason), 3);
	}
	draft_add(out, "\n");
	write_marked(out, health.grade, colour, cm_health_words(health.grade));
	draft_add(out, "\n");
	for (i = 0; i < health.count; i++) {
		f = &health.findings[i];
		write_marked(out, f->grade, colour, grades[f->grade].sign);
		draft_add(out, " ");
		write_sentence(out, f->text, 3);
	}
}

/* A cell as a terminal can have it, with its mark. */
static size_t
cell(char *text, const struct sheet *sheet, const struct column *column,
    const void *row)
{
	char raw[CELL_SIZE];
	size_t n = cm_escape(text, TEXT_SIZE, cell_text(column, row, raw));
	const char *mark = grades[cell_grade(sheet, column, row)].mark;

	/* Values stay below each other. */
	if (column->measure != CM_MEASURE_COUNT && n + 4 < TEXT_SIZE)
		n += (size_t)snprintf(text + n, TEXT_SIZE - n, " %-2s", mark);
	return n;
}

static void
write_facts(struct draft *out, const struct sheet *sheet,
    const struct cm_snapshot *s)
{
	const void *row = cm_snapshot_row(s, sheet->record, 0);
	bool begun = false;
	char text[TEXT_SIZE];
	size_t i;

	for (i = 0; i < sheet->count; i++) {
		if (cell(text, sheet, &sheet->columns[i], row) == 0)
			continue;
		if (!begun)
			draft_printf(out, "\n%s\n", sheet->title);
		begun = true;
		draft_printf(out, "  %-18s%s\n", sheet->columns[i].heading,
		    text);
	}
}

static void
write_rows(struct draft *out, const struct sheet *sheet,
    const struct cm_snapshot *s, bool colour)
{
	const struct column *c, *last = NULL;
	const struct column *end = sheet->columns + sheet->count;
	int width[COLUMNS_MAX] = { 0 };
	char text[TEXT_SIZE];
	const void *row;
	unsigned i;
	int n;

	for (c = sheet->columns; c < end; c++) {
		if (!column_is_there(sheet, c, s))
			continue;
		last = c;
		n = (int)strlen(c->heading) +
		    (c->measure != CM_MEASURE_COUNT ? 3 : 0);
		for (i = 0; (row = cm_snapshot_row(s, sheet->record, i)) !=
		    NULL; i++) {
			if (n < (int)cell(text, sheet, c, row))
				n = (int)strlen(text);
		}
		width[c - sheet->columns] = n;
	}
	if (last == NULL)
		return;
	draft_printf(out, "\n%s\n", sheet->title);
	for (c = sheet->columns; c < end; c++) {
		n = width[c - sheet->columns];
		if (n > 0 && c->measure != CM_MEASURE_COUNT)
			draft_printf(out, "  %*s   ", n - 3, c->heading);
		else if (n > 0)
			draft_printf(out, column_is_number(c) ? "  %*s" :
			    "  %-*s", c == last && !column_is_number(c) ? 0 : n,
			    c->heading);
	}
	draft_add(out, "\n");
	for (i = 0; (row = cm_snapshot_row(s, sheet->record, i)) != NULL;
	    i++) {
		for (c = sheet->columns; c < end; c++) {
			n = width[c - sheet->columns];
			if (n == 0)
				continue;
			n -= (int)cell(text, sheet, c, row);
			draft_printf(out, "  %*s", column_is_number(c) ? n : 0,
			    "");
			write_marked(out, cell_grade(sheet, c, row), colour,
			    text);
			if (c != last && !column_is_number(c))
				draft_printf(out, "%*s", n, "");
		}
		draft_add(out, "\n");
	}
}
