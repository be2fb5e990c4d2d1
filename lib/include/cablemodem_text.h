/* SPDX-License-Identifier: MIT */
#ifndef CABLEMODEM_TEXT_H
#define CABLEMODEM_TEXT_H

/*
 * A writer for the two text formats: Prometheus's own, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/), and
 * OpenMetrics 1.0.0 (https://github.com/OpenObservability/OpenMetrics,
 * specification/OpenMetrics.md).
 *
 *	cm_text_family(t, "x_seconds", CM_GAUGE, "How long x took.");
 *	cm_text_label(t, "name", name);
 *	cm_text_sample(t, "0.25");
 *
 * A family without a sample writes nothing.  A lack of memory is remembered
 * and reported once, by cm_text_finish().
 */

#include <stddef.h>
#include <stdint.h>

enum cm_format {
	CM_PROMETHEUS,
	CM_OPENMETRICS
};

enum cm_type {
	CM_GAUGE,
	CM_COUNTER,	/* the family's name is without _total */
	CM_INFO,	/* the family's name is without _info */
	CM_HISTOGRAM	/* see cm_text_suffix() */
};

struct cm_text;

/* NULL without memory. */
struct cm_text	*cm_text_new(enum cm_format);
/* The format's Content-Type. */
const char	*cm_text_content_type(enum cm_format);
/* Begin a family: a valid metric name, used once a page; the strings must
 * live until the next family begins or the writer is finished. */
void		 cm_text_family(struct cm_text *, const char *name,
		    enum cm_type, const char *help);
/* Add a label to the sample that comes next; the value is UTF-8. */
void		 cm_text_label(struct cm_text *, const char *name,
		    const char *value);
/* Let the name of the sample that comes next, before its labels, end in this:
 * of a histogram, _bucket (with rising counts and a label `le`, the last of
 * them +Inf), then _sum and _count. */
void		 cm_text_suffix(struct cm_text *, const char *);
/* Write a sample with the labels added since the last; the value is the text
 * of a number. */
void		 cm_text_sample(struct cm_text *, const char *value);
/* Make the page fail: better none than one with holes. */
void		 cm_text_fail(struct cm_text *);
/* Free the writer and give its page, for free(); NULL if it failed, for lack
 * of memory. */
char		*cm_text_finish(struct cm_text *, size_t *length);

/* Room for any text of the functions below, its NUL included. */
#define CM_NUMBER_SIZE 32

/* A whole number as text, in `buf` of CM_NUMBER_SIZE, which is returned. */
const char	*cm_number_integer(char *buf, int64_t);
/* Microseconds as seconds, every digit and no more: 1500000 is "1.5". */
const char	*cm_number_seconds(char *buf, int64_t microseconds);

#endif
