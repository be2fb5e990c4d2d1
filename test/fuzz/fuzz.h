/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libFuzzer, or replay.c, calls for each input; always 0. */
int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What does not hold is a finding. */
#define CHECK(condition) \
	((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

static inline void
fuzz_fail(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
	abort();
}

/* Memory that ends where its use should: the sanitizer finds what goes
 * beyond it. */
static inline char *
fuzz_memory(size_t size)
{
	char *memory = malloc(size > 0 ? size : 1);

	CHECK(memory != NULL);
	return memory;
}

/* A copy without a NUL. */
static inline char *
fuzz_bytes(const void *bytes, size_t size)
{
	char *copy = fuzz_memory(size);

	if (size > 0)
		memcpy(copy, bytes, size);
	return copy;
}

/* A copy with a NUL after it. */
static inline char *
fuzz_text(const void *bytes, size_t size)
{
	char *copy = fuzz_memory(size + 1);

	if (size > 0)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	return copy;
}

/* Whether a text for people is there, ends within `size` and is printable
 * ASCII. */
static inline bool
fuzz_is_sentence(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size && text[i] != '\0'; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return i > 0 && i < size;
}

#endif
