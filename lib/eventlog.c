/* SPDX-License-Identifier: MIT */

/*
 * The event log, counted.  Its texts differ from one firmware to the next,
 * its numbers are those of the DOCSIS events (CM-SP-OSSIv3.1, annex B).
 */

#include "eventlog.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

/* Rows that were written before the modem knew the time of day say 1970. */
#define TIME_KNOWN (365LL * 86400)

/* The kinds of events, in output order; the first range that has a row's
 * type decides, so a wide one comes after the narrow ones that it holds. */
static const char *const kinds[] = {
	"t3_timeout", "t4_timeout", "lost_mdd", "sync_failure",
	"partial_service", "dhcp", "config", "reboot", "other",
};

static const struct {
	unsigned long	 first;
	unsigned long	 last;
	const char	*kind;
} types[] = {
	{ 82000200, 82000200, "t3_timeout" },
	{ 82000500, 82000500, "t3_timeout" },
	{ 82000400, 82000400, "t4_timeout" },
	{ 84020200, 84020200, "lost_mdd" },
	{ 84000500, 84000500, "sync_failure" },
	{ 84000700, 84000700, "partial_service" },
	{ 85010100, 85010100, "partial_service" },
	{ 85010200, 85010200, "partial_service" },
	{ 68000500, 68001499, "config" },
	{ 68000000, 68999999, "dhcp" },
	{ 90000006, 90000006, "reboot" },
	{ 0, ULONG_MAX, "other" },
};

static const char *
find_kind(const char *type)
{
	unsigned long number = 0;
	size_t i;

	/* A type that is no number of eight digits is an event of kind
	 * "other". */
	if (type != NULL && strlen(type) == 8 &&
	    strspn(type, "0123456789") == 8)
		number = strtoul(type, NULL, 10);
	for (i = 0; number < types[i].first || number > types[i].last; i++)
		;
	return types[i].kind;
}

const char *
eventlog_kind(const struct cm_event *event)
{
	return find_kind(event->type);
}

static void
count_kinds(struct cm_snapshot *s)
{
	struct cm_occurrence *row;
	const struct cm_event *event;
	size_t k;
	unsigned i;
	int64_t count;

	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		count = 0;
		for (i = 0; (event = cm_snapshot_event(s, i)) != NULL; i++)
			count += strcmp(find_kind(event->type), kinds[k]) == 0;
		row = snapshot_add(s, CM_RECORD_OCCURRENCE);
		if (row == NULL)
			return;
		row->event = kinds[k];
		row->entries = snapshot_integer(s, count);
	}
}

/* A priority's rows, at its first one. */
static void
count_priority(struct cm_snapshot *s, const char *priority)
{
	const struct cm_event *event;
	struct cm_priority *row;
	struct cm_latest *latest;
	int64_t count = 0, newest = 0, when;
	unsigned i;

	for (i = 0; (event = cm_snapshot_event(s, i)) != NULL; i++) {
		if (event->priority == NULL ||
		    strcmp(event->priority, priority) != 0)
			continue;
		count++;
		when = event->time != NULL ? strtoll(event->time, NULL, 10) : 0;
		if (when >= TIME_KNOWN && when > newest)
			newest = when;
	}
	row = snapshot_add(s, CM_RECORD_PRIORITY);
	if (row == NULL)
		return;
	row->priority = priority;
	row->entries = snapshot_integer(s, count);
	if (newest == 0 || (latest = snapshot_add(s, CM_RECORD_LATEST)) == NULL)
		return;
	latest->priority = priority;
	latest->timestamp = snapshot_integer(s, newest);
}

static void
count_priorities(struct cm_snapshot *s)
{
	const struct cm_event *event;
	const struct cm_priority *seen;
	unsigned i, j;

	for (i = 0; (event = cm_snapshot_event(s, i)) != NULL; i++) {
		if (event->priority == NULL)
			continue;
		for (j = 0; (seen = cm_snapshot_priority(s, j)) != NULL; j++)
			if (strcmp(seen->priority, event->priority) == 0)
				break;
		if (seen == NULL)
			count_priority(s, event->priority);
	}
}

void
eventlog_count(struct cm_snapshot *s)
{
	count_kinds(s);
	count_priorities(s);
}
