/* SPDX-License-Identifier: MIT */
#ifndef SHEET_H
#define SHEET_H

#include <stddef.h>

#include "cablemodem_health.h"

/*
 * What people are shown of a snapshot: a sheet for each record, with its
 * columns.  One that is not in the table in sheet.c is not shown.
 */

enum cell {
	CELL_TEXT,
	CELL_PERIOD,		/* from seconds */
	CELL_DATE,		/* from unix time */
	CELL_YES,		/* from 1 and 0 */
	CELL_LEVEL,		/* a number from here on: with two decimals, */
	CELL_COUNT,		/* in groups of three digits, */
	CELL_RARE,		/* shown if it is not 0, */
	CELL_MHZ,		/* from hertz, */
	CELL_GBITS,		/* from bytes a second, */
	CELL_MS			/* and from seconds */
};

struct column {
	const char	*heading;
	enum cell	 cell;
	size_t		 at;		/* of the member in the row */
	enum cm_measure	 measure;	/* CM_MEASURE_COUNT: not judged */
};

#define COLUMNS_MAX 16		/* of a sheet */

struct sheet {
	const char		*title;
	enum cm_record		 record;
	bool			 single;	/* of one row */
	const struct column	*columns;
	size_t			 count;
};

enum {
	SHEET_SYSTEM,
	SHEET_WAN,
	SHEET_INIT,
	SHEET_LINK,
	SHEET_DOWNSTREAM,
	SHEET_OFDM,
	SHEET_UPSTREAM,
	SHEET_OFDMA,
	SHEET_EVENT,
	SHEET_PAGE,
	SHEET_COUNT
};

extern const struct sheet sheets[SHEET_COUNT];

/* Whether anything was read: if not, there is nothing to show. */
bool		 sheet_anything(const struct cm_snapshot *);

#define CELL_SIZE 320

/* What a cell shows, in a buffer of CELL_SIZE, which is returned: UTF-8, and
 * what the modem said, not escaped, but cut to a bearable length.  "" if
 * nothing is known. */
const char	*cell_text(const struct column *, const void *row, char *);
/* CM_UNKNOWN if it is not judged. */
enum cm_grade	 cell_grade(const struct sheet *, const struct column *,
		    const void *row);
bool		 column_is_number(const struct column *);
/* Whether there is anything to show of a column. */
bool		 column_is_there(const struct sheet *, const struct column *,
		    const struct cm_snapshot *);

#endif
