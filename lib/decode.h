/* SPDX-License-Identifier: MIT */
#ifndef DECODE_H
#define DECODE_H

#include "error.h"

/* Rows of a page beyond these are dropped. */
#define DECODE_ROWS 512

/*
 * Read a page's body, which is followed by a NUL, into its record of the
 * snapshot, and count what had to be passed over in `*rejected`.  `whole`
 * says that HTTP knew where the body ends; else it may have been cut, and JSON
 * that ends too early says that it was.  False with CM_NOT_JSON, CM_TRUNCATED
 * or CM_WRONG_SHAPE; the snapshot has no row of it then.
 */
bool	decode_page(struct cm_snapshot *, enum cm_endpoint, const char *body,
	    size_t length, bool whole, unsigned *rejected,
	    struct cm_error *) CM_MUSTCHECK;

#endif
