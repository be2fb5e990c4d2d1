/* SPDX-License-Identifier: MIT */

/*
 * Two shelves: a probe that leaves the recent ones is kept for as long again if
 * it failed.
 */

#include "history.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct shelf {
	struct past_probe	*probes;
	size_t			 count;
	size_t			 next;	/* where the next one goes */
};

struct history {
	struct shelf	 recent;
	struct shelf	 failures;
	size_t		 limit;
	uint64_t	 last;		/* id */
};

static void
probe_clear(struct past_probe *probe)
{
	free(probe->target);
	free(probe->module);
	free(probe->duration);
	free(probe->log);
	*probe = (struct past_probe){ 0 };
}

/* Put a probe into a ring of `limit`; gives the one whose place it took. */
static struct past_probe
push(struct shelf *shelf, size_t limit, const struct past_probe *probe)
{
	struct past_probe oldest = { 0 };

	if (shelf->count == limit)
		oldest = shelf->probes[shelf->next];
	else
		shelf->count++;
	shelf->probes[shelf->next] = *probe;
	shelf->next = (shelf->next + 1) % limit;
	return oldest;
}

static const struct past_probe *
newest(const struct shelf *shelf, size_t limit, size_t place)
{
	return &shelf->probes[(shelf->next + limit - 1 - place) % limit];
}

struct history *
history_new(size_t limit)
{
	struct history *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->limit = limit;
	/* One more than needed: calloc() of nothing may give NULL. */
	h->recent.probes = calloc(limit + 1, sizeof(struct past_probe));
	h->failures.probes = calloc(limit + 1, sizeof(struct past_probe));
	if (h->recent.probes == NULL || h->failures.probes == NULL) {
		history_free(h);
		return NULL;
	}
	return h;
}

static void
shelf_free(struct shelf *shelf)
{
	while (shelf->count > 0)
		probe_clear(&shelf->probes[--shelf->count]);
	free(shelf->probes);
}

void
history_free(struct history *h)
{
	shelf_free(&h->recent);
	shelf_free(&h->failures);
	free(h);
}

void
history_add(struct history *h, const char *target, const char *module,
    const struct cm_snapshot *snapshot)
{
	const char *duration = cm_snapshot_outcome(snapshot, 0)->duration;
	struct past_probe oldest, probe = {
		.id = h->last + 1,
		.time = time(NULL),
		.target = strdup(target),
		.module = strdup(module),
		.reason = cm_snapshot_reason(snapshot),
		.duration = strdup(duration != NULL ? duration : ""),
		.log = strdup(cm_snapshot_log(snapshot)),
	};

	if (h->limit == 0 || probe.target == NULL || probe.module == NULL ||
	    probe.duration == NULL || probe.log == NULL) {
		probe_clear(&probe);
		return;
	}
	h->last = probe.id;
	oldest = push(&h->recent, h->limit, &probe);
	if (oldest.reason != CM_OK)
		oldest = push(&h->failures, h->limit, &oldest);
	probe_clear(&oldest);
}

const struct past_probe *
history_at(const struct history *h, size_t place)
{
	if (place < h->recent.count)
		return newest(&h->recent, h->limit, place);
	place -= h->recent.count;
	return place < h->failures.count ?
	    newest(&h->failures, h->limit, place) : NULL;
}
