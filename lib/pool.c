/* SPDX-License-Identifier: MIT */

/*
 * A queue of fetches, and links that take from it.  Callbacks of links record
 * and wake; pool_run() decides, from the event loop alone, and is the only
 * one that frees a link.
 *
 * A full TLS handshake costs a modem's CPU as much as several pages.  So the
 * first link of a modem whose session is not known goes alone, until the
 * others can resume its session or it shows that waiting gains nothing, or
 * for PATIENCE: a page or connection that hangs must not hide the others.
 * (A session that the modem has forgotten meanwhile is found out too late:
 * then all links make full handshakes, once.)
 */

#include "pool.h"

#include <stdlib.h>

#define PATIENCE 1	/* seconds, several times a modem's handshake */

struct pool {
	const struct peer	*peer;
	pool_cb			*cb;
	void			*arg;
	struct event		*wake;
	struct event		*patience;
	struct fetch		*queue[CM_ENDPOINT_COUNT];
	unsigned		 queued;	/* in all */
	unsigned		 taken;		/* of those, by a link */
	struct link		*links[CM_ENDPOINT_COUNT];
	unsigned		 link_count;
	unsigned		 max_links;
	bool			 connected;	/* a link was, once */
	bool			 spread;	/* a link said that others pay */
};

static void	pool_run(evutil_socket_t, short, void *);
static void	reap_links(struct pool *);
static void	open_links(struct pool *);
static void	fail_queue(struct pool *, const struct fetch *);

struct pool *
pool_new(const struct peer *peer, unsigned max_links, pool_cb *cb, void *arg)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->peer = peer;
	p->cb = cb;
	p->arg = arg;
	p->max_links = max_links < CM_ENDPOINT_COUNT ? max_links :
	    CM_ENDPOINT_COUNT;
	p->wake = event_new(peer->base, -1, 0, pool_run, p);
	p->patience = evtimer_new(peer->base, pool_run, p);
	if (p->wake == NULL || p->patience == NULL ||
	    event_add(p->patience, &(struct timeval){ PATIENCE, 0 }) != 0) {
		pool_free(p);
		return NULL;
	}
	return p;
}

void
pool_free(struct pool *p)
{
	while (p->link_count > 0)
		link_free(p->links[--p->link_count]);
	if (p->wake != NULL)
		event_free(p->wake);
	if (p->patience != NULL)
		event_free(p->patience);
	free(p);
}

void
pool_add(struct pool *p, struct fetch *f)
{
	p->queue[p->queued++] = f;
	event_active(p->wake, 0, 0);
}

bool
pool_was_connected(const struct pool *p)
{
	bool connected = p->connected;
	unsigned i;

	for (i = 0; i < p->link_count; i++)
		connected |= link_fetch(p->links[i])->phase > PHASE_CONNECT;
	return connected;
}

void
pool_expire(struct pool *p)
{
	unsigned i;

	p->connected = pool_was_connected(p);
	for (i = 0; i < p->link_count; i++)
		fetch_expire(link_fetch(p->links[i]), p->peer, p->connected);
	reap_links(p);
	while (p->taken < p->queued) {
		struct fetch *f = p->queue[p->taken++];

		fetch_expire(f, p->peer, p->connected);
		p->cb(f, p->arg);
	}
}

static void
pool_run(evutil_socket_t fd, short what, void *arg)
{
	struct pool *p = arg;

	(void)fd;
	p->spread |= (what & EV_TIMEOUT) != 0;
	reap_links(p);
	open_links(p);
}

/* Close the links whose fetch is done, and tell of it. */
static void
reap_links(struct pool *p)
{
	struct fetch *f;
	unsigned i = 0;

	while (i < p->link_count) {
		f = link_fetch(p->links[i]);
		if (!f->done) {
			i++;
			continue;
		}
		p->connected |= f->phase > PHASE_CONNECT;
		p->spread |= link_pays_others(p->links[i]);
		link_free(p->links[i]);
		p->links[i] = p->links[--p->link_count];
		p->cb(f, p->arg);
		/* Where the only link could not be made, no other can. */
		if (f->phase <= PHASE_TLS && !p->spread && p->link_count == 0)
			fail_queue(p, f);
	}
}

static void
fail_queue(struct pool *p, const struct fetch *failed)
{
	struct fetch *f;

	while (p->taken < p->queued) {
		f = p->queue[p->taken++];
		fetch_fail(f, p->peer, failed->error.reason,
		    "not asked for: the connection for another page failed");
		p->cb(f, p->arg);
	}
}

/* How many links there may be by now. */
static unsigned
link_limit(struct pool *p)
{
	unsigned i;

	for (i = 0; i < p->link_count; i++)
		p->spread |= link_pays_others(p->links[i]);
	return p->spread ? p->max_links : 1;
}

static void
open_links(struct pool *p)
{
	struct fetch *f;
	struct link *l;

	while (p->taken < p->queued && p->link_count < link_limit(p)) {
		f = p->queue[p->taken++];
		l = link_open(p->peer, p->wake);
		if (l == NULL) {
			fetch_fail(f, p->peer, CM_UNREACHABLE,
			    "no memory for a connection");
			p->cb(f, p->arg);
			continue;
		}
		p->links[p->link_count++] = l;
		link_send(l, f);
	}
}
