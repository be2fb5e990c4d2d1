/* SPDX-License-Identifier: MIT */
#ifndef UNIT_H
#define UNIT_H

/* What cmocka.h wants to be included before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * A copy of `length` bytes that ends where its memory ends, with a NUL after
 * it if `nul`: what is read beyond it is found by the sanitizer.
 */
static inline char *
exact_copy(const char *bytes, size_t length, bool nul)
{
	char *copy = malloc(length + nul > 0 ? length + nul : 1);

	assert_true(copy != NULL);
	if (length > 0)
		memcpy(copy, bytes, length);
	if (nul)
		copy[length] = '\0';
	return copy;
}

#endif
