/* SPDX-License-Identifier: MIT */
#ifndef REPAIR_H
#define REPAIR_H

#include <stdbool.h>
#include <stddef.h>

/* RFC 8259, 9: a parser may limit the depth of nesting. */
#define REPAIR_DEPTH 64

/*
 * Make of a modem's page what a strict JSON parser takes, without touching
 * anything else: a leading byte-order mark is skipped; what is not UTF-8,
 * \u0000, half a surrogate pair and raw control bytes in strings become
 * U+FFFD; a whole number of 19 digits and more becomes a string, so that none
 * is lost, and any other that is too large for a double null.  `body` must be
 * followed by a NUL.  Gives the text and its length: either a part of `body`
 * or, if anything had to be replaced, memory that the caller frees, in
 * `*copy`.  NULL if the nesting is deeper than REPAIR_DEPTH, or without
 * memory.
 */
const char	*repair_json(const char *body, size_t *length, char **copy);

#endif
