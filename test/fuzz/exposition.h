/* SPDX-License-Identifier: MIT */
#ifndef EXPOSITION_H
#define EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A strict reader of the two text formats, for what this project promises to
 * write and nothing else.  It shares no code with the writer.
 */

enum exposition_format {
	EXPOSITION_PROMETHEUS,
	EXPOSITION_OPENMETRICS
};

struct exposition_label {
	const char	*name;
	const char	*value;		/* without escapes */
};

struct exposition_sample {
	const char		*name;
	const char		*value;
	size_t			 family;	/* its place in `families` */
	size_t			 first;		/* its labels in `labels` */
	size_t			 count;
	unsigned long long	 hash;
};

struct exposition_family {
	const char	*name;
	const char	*type;
	const char	*unit;		/* NULL if there is none */
	const char	*help;		/* without escapes */
	size_t		 samples;
};

struct exposition {
	struct exposition_family	*families;
	size_t				 family_count;
	struct exposition_sample	*samples;
	size_t				 sample_count;
	struct exposition_label		*labels;
	size_t				 label_count;
	char				*text;	/* what all point into */
	const char			*error;	/* NULL if the page is good */
	size_t				 line;	/* of the error, from 1 */
};

/* Read a page; false with an error.  To be freed in both cases. */
bool	exposition_parse(struct exposition *, enum exposition_format,
	    const char *page, size_t length);
void	exposition_free(struct exposition *);

/* Whether two samples, perhaps of two pages, have the same name and labels. */
bool	exposition_same_series(const struct exposition *,
	    const struct exposition_sample *, const struct exposition *,
	    const struct exposition_sample *);

/* `-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?`, and not -0. */
bool	exposition_is_number(const char *);
bool	exposition_is_utf8(const char *, size_t length);

#endif
