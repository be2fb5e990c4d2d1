/* SPDX-License-Identifier: MIT */

/*
 * A GET as data: where its time goes, and how it ends.
 */

#include "fetch.h"

#include <string.h>

#include "clock.h"
#include "error.h"
#include "model.h"

bool
fetch_init(struct fetch *f, enum cm_endpoint page)
{
	int i;

	memset(f, 0, sizeof(*f));
	f->page = page;
	for (i = 0; i < PHASE_COUNT; i++)
		f->spent[i] = -1;
	f->body = evbuffer_new();
	return f->body != NULL;
}

void
fetch_clear(struct fetch *f)
{
	if (f->body != NULL)
		evbuffer_free(f->body);
	f->body = NULL;
}

static void
fetch_leave(struct fetch *f, int64_t now)
{
	if (f->phase != PHASE_QUEUED)
		f->spent[f->phase] += now - f->phase_began;
}

void
fetch_enter(struct fetch *f, enum phase phase)
{
	int64_t now = clock_now();

	if (f->done || phase <= f->phase)
		return;
	fetch_leave(f, now);
	if (f->started == 0)
		f->started = now;
	f->phase = phase;
	f->phase_began = now;
	if (f->spent[phase] < 0)
		f->spent[phase] = 0;
}

void
fetch_finish(struct fetch *f)
{
	f->finished = clock_now();
	fetch_leave(f, f->finished);
	f->body_bytes = evbuffer_get_length(f->body);
	f->done = true;
	if (f->error.reason == CM_OK)
		trace_add(f->trace, "%s: %zu bytes came",
		    endpoints[f->page].name, f->body_bytes);
	else
		trace_add(f->trace, "%s (%s)", f->error.text,
		    cm_reason_word(f->error.reason));
}

void
fetch_fail(struct fetch *f, const struct peer *peer, enum cm_reason reason,
    const char *what)
{
	if (f->done)
		return;
	error_set(&f->error, reason, "%s: %s (%s port %u)",
	    endpoints[f->page].name, what, peer->address,
	    (unsigned)peer->port);
	fetch_finish(f);
}

void
fetch_fail_too(struct fetch *f, const struct fetch *other)
{
	error_set(&f->error, other->error.reason, "%s: no connection, as for "
	    "%s", endpoints[f->page].name, other->error.text);
	fetch_finish(f);
}

void
fetch_expire(struct fetch *f, const struct peer *peer, bool was_connected)
{
	static const char *const what[] = {
		[PHASE_QUEUED] = "no connection was free in time",
		[PHASE_CONNECT] = "the modem did not accept in time",
		[PHASE_TLS] =
		    "the TLS handshake did not end in time; is it plain HTTP?",
		[PHASE_WAIT] = "the modem did not answer in time",
		[PHASE_TRANSFER] = "the answer did not end in time",
	};
	bool connected = f->phase == PHASE_QUEUED ? was_connected :
	    f->phase > PHASE_CONNECT;

	fetch_fail(f, peer, connected ? CM_TIMEOUT : CM_CONNECT_TIMEOUT,
	    what[f->phase]);
}

void
fetch_requeue(struct fetch *f, const char *why)
{
	trace_add(f->trace, "%s: %s", endpoints[f->page].name, why);
	if (!f->done)
		fetch_leave(f, clock_now());
	f->done = false;
	f->error.reason = CM_OK;
	f->phase = PHASE_QUEUED;
	evbuffer_drain(f->body, evbuffer_get_length(f->body));
}
