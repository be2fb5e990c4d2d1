/* SPDX-License-Identifier: MIT */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include <stddef.h>

#include "content.h"

struct evbuffer;

/* What follows the last byte. */
enum answer_end {
	ANSWER_CLOSE,
	ANSWER_RESET,
	ANSWER_KEEP,	/* another request may come */
	ANSWER_HANG
};

/* The bytes that leave. */
struct answer {
	struct evbuffer *bytes;
	const char *filler;	/* then this, over and over; NULL if none */
	size_t filler_left;	/* so many bytes of it */
	int drip_ms;		/* 0: as fast as it goes */
	enum answer_end end;
};

void	answer_make(struct answer *, const struct question *);
void	answer_clear(struct answer *);

/* Moves some bytes on; false if there are none left. */
bool	answer_next(struct answer *, struct evbuffer *to);

#endif
