/* SPDX-License-Identifier: MIT */
#ifndef RECORD_H
#define RECORD_H

#include "cablemodem.h"
#include "error.h"
#include "value.h"

/* Types of a row that are no types of a family: see cablemodem_fields.h. */
enum field_type {
	FIELD_GAUGE,
	FIELD_COUNTER,
	FIELD_INFO,
	FIELD_IDENTIFIER,
	FIELD_COUNT
};

#define LABEL_SIZE 32		/* enough for any label of the table */

/* A row of cablemodem_fields.h. */
struct field {
	const char	*key;		/* NULL: an ALSO row, nothing to read */
	enum kind	 kind;
	const char	*word;		/* of KIND_IS */
	size_t		 offset;	/* of the member in the row's struct */
	const char	*family;	/* NULL: not shown */
	enum field_type	 type;
	const char	*label;
	const char	*help;
};

/* A record: its table, and the shape of its rows. */
struct record {
	const struct field	*fields;
	size_t			 field_count;
	size_t			 size;		/* of a row */
	const char		*name;
	const char		*prefix;	/* of its families' names */
	const char		*label;		/* "" if rows have none */
	bool			 single;
};

extern const struct record records[CM_RECORD_COUNT];

/* A family: its run of rows in a record's table. */
struct family {
	const struct field	*first;
	const struct field	*end;
};

/* The run that begins with a row. */
struct family	record_family(const struct record *, const struct field *);

/* The member of `row` that `field` stands for. */
static inline const char **
record_member(void *row, const struct field *field)
{
	return (const char **)(void *)((char *)row + field->offset);
}

static inline const char *
record_text(const void *row, const struct field *field)
{
	return cm_row_text(row, field->offset);
}

struct chunk;

struct rows {
	char		*row;		/* of the record's size each */
	unsigned	 count;
	unsigned	 room;
	bool		 read;		/* the page was fetched and decoded */
};

struct cm_snapshot {
	struct rows		 rows[CM_RECORD_COUNT];
	struct chunk		*chunks;	/* that hold the texts */
	bool			 identifiers;	/* serial number, MAC */
	bool			 failed;	/* memory was short, once */
	struct cm_error		 error;
	int64_t			 duration;	/* microseconds */
	struct cm_fetched	 fetched[CM_ENDPOINT_COUNT];
	unsigned		 fetched_count;
	const char		*log;		/* its probe's, or NULL */
};

/* A snapshot whose single records have their one row, empty. */
struct cm_snapshot	*snapshot_new(bool identifiers) CM_MUSTCHECK;
void			 snapshot_free(struct cm_snapshot *);
/* A copy that can be added to; it shares the texts of the original, which must
 * outlive it.  NULL without memory. */
struct cm_snapshot	*snapshot_copy(const struct cm_snapshot *)
			    CM_MUSTCHECK;
/* Append a row to a record, all members NULL; NULL without memory.  Earlier
 * rows of the record move. */
void			*snapshot_add(struct cm_snapshot *, enum cm_record)
			    CM_MUSTCHECK;
/* Take the row added last back. */
void			 snapshot_drop(struct cm_snapshot *, enum cm_record);
/* A single record's row. */
void			*snapshot_single(struct cm_snapshot *, enum cm_record);
/* A copy of a text that lives as long as the snapshot; NULL without memory.
 * That, and a row that could not be added, is remembered: a snapshot with
 * holes is not encoded. */
const char		*snapshot_text(struct cm_snapshot *, const char *);
/* A whole number as such a text. */
const char		*snapshot_integer(struct cm_snapshot *, int64_t);

#endif
