/* SPDX-License-Identifier: MIT */

/*
 * Kept answers: bodies as the modem sent them, since each module decodes them
 * in its own way.
 */

#include "answer.h"

#include <stdlib.h>

#include "model.h"

struct answer {
	struct ring	 order;
	struct answer	**place;
	int64_t		 started;
	int64_t		 finished;
	bool		 whole;
	size_t		 bytes;
	char		 body[];
};

void
answers_init(struct answers *answers)
{
	ring_init(&answers->order);
	answers->bytes = 0;
}

void
answer_keep(struct answers *answers, struct answer **place,
    const struct fetch *f)
{
	struct answer *a, *oldest;

	answer_drop(answers, place);
	a = malloc(sizeof(*a) + f->body_bytes);
	if (a == NULL)
		return;
	ring_init(&a->order);
	a->place = place;
	a->started = f->started;
	a->finished = f->finished;
	a->whole = f->whole;
	a->bytes = f->body_bytes;
	evbuffer_copyout(f->body, a->body, a->bytes);
	ring_append(&answers->order, &a->order);
	answers->bytes += sizeof(*a) + a->bytes;
	*place = a;
	while (answers->bytes > ANSWER_BYTES) {
		oldest = RING_OWNER(answers->order.next, struct answer, order);
		answer_drop(answers, oldest->place);
	}
}

void
answer_drop(struct answers *answers, struct answer **place)
{
	struct answer *a = *place;

	if (a == NULL)
		return;
	*place = NULL;
	ring_remove(&a->order);
	answers->bytes -= sizeof(*a) + a->bytes;
	free(a);
}

int64_t
answer_started(const struct answer *a)
{
	return a->started;
}

bool
answer_use(const struct answer *a, struct fetch *f)
{
	if (evbuffer_add(f->body, a->body, a->bytes) != 0)
		return false;
	f->started = a->started;
	f->finished = a->finished;
	f->whole = a->whole;
	f->body_bytes = a->bytes;
	f->reused = true;
	f->done = true;
	trace_add(f->trace, "%s: an earlier answer of %zu bytes is used",
	    endpoints[f->page].name, a->bytes);
	return true;
}
