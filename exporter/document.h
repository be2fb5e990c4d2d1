/* SPDX-License-Identifier: MIT */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "cablemodem.h"

/*
 * A YAML document (yaml.org/spec/1.1) and what is wrong with it.  Its nodes
 * are those of libyaml; every one is reached by one way only, at most eight
 * levels deep, and no scalar has a NUL in it.
 */
struct document {
	const char	*path;		/* for complaints */
	yaml_document_t	 yaml;
	bool		 loaded;
	char		 why[1024];	/* FILE:LINE:COLUMN: what is wrong */
};

/*
 * Read a file of at most one document; `path` must outlive it.  False with
 * `why`, in printable ASCII.  To be freed in either case.
 */
bool		 document_read(struct document *, const char *path)
		    CM_MUSTCHECK;
/* The same from a text in memory. */
bool		 document_parse(struct document *, const char *path,
		    const char *text, size_t length) CM_MUSTCHECK;
void		 document_free(struct document *);

/* The topmost node, NULL if the document is empty. */
yaml_node_t	*document_root(struct document *);
/* A node by the number that a mapping or a sequence has for it. */
yaml_node_t	*document_node(struct document *, int);
/* Say what is wrong with a node, in words that also say what would be right.
 * Always false. */
bool		 document_fail(struct document *, const yaml_node_t *,
		    const char *fmt, ...) CM_PRINTF(3, 4);

#endif
