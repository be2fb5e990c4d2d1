/* SPDX-License-Identifier: MIT */

/*
 * A queue of fetches, and links that take from it.  Callbacks of links record
 * and wake; pool_run() decides, from the event loop alone, and is the only
 * one that frees a link.
 *
 * A round lasts from the first fetch of an idle target to its last.
 *
 * A full TLS handshake costs a modem's CPU as much as several pages, and some
 * modems serve one connection at a time.  Neither is known beforehand, so:
 *
 *	- the first link goes alone, until its answer takes longer than the
 *	  handshakes of others would, or it turns out that each page needs a
 *	  link of its own;
 *	- whoever is idle takes the next fetch, also one that was meant for a
 *	  link which is not served yet;
 *	- a modem that turns links away while it serves others gets no more
 *	  than those.
 */

#include "pool.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "link.h"

/* Microseconds. */
#define PATIENCE	INT64_C(1000000) /* with a link that is not up */
#define MODESTY		INT64_C(100000)	/* with links that will do for all */
#define MOMENT		INT64_C(5000)	/* in which others may be served too */
#define REMEMBER	INT64_C(900000000) /* a modem's limits: it may be
					  * another firmware's tomorrow */

#define TURNS		6	/* that a fetch may be turned away: for up to
				 * MOMENT << TURNS in all */
#define NO_LIMIT	CM_ENDPOINT_COUNT

struct slot {
	struct link	*link;
	int64_t		 keepalive;	/* of the fetch it carried last */
	int64_t		 idle;		/* since when */
};

struct pool {
	struct peer	 peer;
	struct event	*wake;
	struct event	*look;		/* there may be something to do later */
	struct fetch	*queue;
	struct slot	 slots[CM_ENDPOINT_COUNT];
	unsigned	 count;

	/* Of this round. */
	int64_t		 began;		/* 0: there is none */
	int64_t		 first_up;	/* when a link was; 0: none yet */
	bool		 connected;	/* TCP of a link was up */
	bool		 spread;	/* it pays to open more than one link */
	unsigned	 limit;		/* of links, found out meanwhile */
	unsigned	 served;	/* links at the same time */
	bool		 answered;	/* an answer came */
	int64_t		 quickest;	/* time of an answer */
	int64_t		 pause;		/* until when no link is opened */
	bool		 reused;	/* a link brought a second answer */
	bool		 waited;	/* a link was not served while another
					 * was idle */
	int64_t		 made_room;	/* when an idle link was last closed
					 * for one that was not served */
	bool		 upset;		/* kept links were closed: perhaps the
					 * modem began anew */

	/* Learned. */
	int64_t		 setup_time;	/* of the last round's first link */
	unsigned	 learned_limit;
	bool		 no_reuse;	/* a kept connection carries no fetch */
	int64_t		 doubt;		/* since when it may not; or 0 */
	int64_t		 learned;	/* when */

	struct answers	*all_answers;
	struct answer	*answers[CM_ENDPOINT_COUNT];
	int64_t		 intervals[CM_ENDPOINT_COUNT];	/* longest asked */
};

static void	pool_run(evutil_socket_t, short, void *);
static void	round_begin(struct pool *);
static void	reap(struct pool *);
static bool	try_again(struct pool *, const struct link *, struct fetch *);
static bool	release(struct pool *, unsigned);
static void	fail_queue(struct pool *, const struct fetch *);
static void	observe(struct pool *);
static void	hand_out(struct pool *);
static bool	reuse_answer(struct pool *, struct fetch *);
static void	take_over(struct pool *);
static int64_t	expiry_time(const struct slot *);
static void	round_end(struct pool *);
static void	look_later(struct pool *);

struct pool *
pool_new(const struct peer *peer, struct answers *answers)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->peer = *peer;
	if (p->peer.context != NULL)
		SSL_CTX_up_ref(p->peer.context);
	if (p->peer.policy.authorities != NULL)
		X509_STORE_up_ref(p->peer.policy.authorities);
	tls_read_authorities(&p->peer.policy);
	p->peer.policy.ca_file = strdup(peer->policy.ca_file);
	p->peer.name = strdup(peer->name);
	p->peer.address = strdup(peer->address);
	p->peer.source = strdup(peer->source);
	p->peer.host = strdup(peer->host);
	p->all_answers = answers;
	p->learned_limit = NO_LIMIT;
	p->wake = event_new(peer->base, -1, 0, pool_run, p);
	p->look = evtimer_new(peer->base, pool_run, p);
	if (p->peer.policy.ca_file == NULL ||
	    p->peer.name == NULL || p->peer.address == NULL ||
	    p->peer.source == NULL || p->peer.host == NULL ||
	    p->wake == NULL || p->look == NULL) {
		pool_free(p);
		return NULL;
	}
	return p;
}

static void
close_slot(struct pool *p, unsigned i)
{
	link_free(p->slots[i].link);
	p->slots[i] = p->slots[--p->count];
}

void
pool_free(struct pool *p)
{
	const char *const texts[] = {
		p->peer.policy.ca_file, p->peer.name, p->peer.address,
		p->peer.source, p->peer.host,
	};
	unsigned i;

	pool_close_kept(p, 0);
	for (i = 0; i < CM_ENDPOINT_COUNT; i++)
		answer_drop(p->all_answers, &p->answers[i]);
	if (p->wake != NULL)
		event_free(p->wake);
	if (p->look != NULL)
		event_free(p->look);
	session_forget(&p->peer.session);
	SSL_CTX_free(p->peer.context);
	X509_STORE_free(p->peer.policy.authorities);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free((void *)(uintptr_t)texts[i]);
	free(p);
}

const struct peer *
pool_peer(const struct pool *p)
{
	return &p->peer;
}

void
pool_forget_authorities(struct pool *p)
{
	X509_STORE_free(p->peer.policy.authorities);
	p->peer.policy.authorities = NULL;
}

void
pool_rest(struct pool *p)
{
	reap(p);
	round_end(p);
	look_later(p);
	session_rest(&p->peer.session);
}

unsigned
pool_kept(const struct pool *p)
{
	return p->count;
}

unsigned
pool_all_links(const struct pool *p)
{
	const struct cm_client_stats *stats = p->peer.stats;

	return stats->connecting + stats->busy + stats->idle;
}

void
pool_close_kept(struct pool *p, unsigned but)
{
	while (p->count > but)
		close_slot(p, 0);
}

static void
append(struct pool *p, struct fetch *f)
{
	struct fetch **last = &p->queue;

	while (*last != NULL)
		last = &(*last)->next;
	f->next = NULL;
	*last = f;
}

void
pool_add(struct pool *p, struct fetch *f)
{
	if (p->intervals[f->page] < f->min_interval)
		p->intervals[f->page] = f->min_interval;
	append(p, f);
	event_active(p->wake, 0, 0);
}

void
pool_cancel(struct pool *p, struct fetch *f)
{
	struct fetch **at;
	unsigned i;

	for (at = &p->queue; *at != NULL; at = &(*at)->next)
		if (*at == f) {
			*at = f->next;
			break;
		}
	for (i = 0; i < p->count; i++)
		if (link_fetch(p->slots[i].link) == f) {
			if (f->done)
				release(p, i);
			else
				close_slot(p, i);
			break;
		}
	event_active(p->wake, 0, 0);
}

static const struct link *
link_of(const struct pool *p, const struct fetch *f)
{
	unsigned i;

	for (i = 0; i < p->count; i++)
		if (link_fetch(p->slots[i].link) == f)
			return p->slots[i].link;
	return NULL;
}

static void
learn_limit(struct pool *p, unsigned limit)
{
	p->learned_limit = limit;
	p->learned = clock_now();
}

static void
learn_no_reuse(struct pool *p)
{
	p->no_reuse = true;
	p->learned = clock_now();
}

/* A modem that began anew closes its connections once; one that keeps none
 * does it in the next round too. */
static void
doubt_reuse(struct pool *p)
{
	if (p->doubt == 0 || p->began - p->doubt > REMEMBER)
		p->doubt = p->began;
	else if (p->doubt != p->began)
		learn_no_reuse(p);
}

void
pool_expire(struct pool *p, struct fetch *f)
{
	const struct link *l = link_of(p, f);

	/* Where a link has brought a second answer, it is the page that
	 * hangs, and not the modem that forgets kept connections; and who had
	 * no time has seen nothing hang. */
	if (!f->done && l != NULL && link_answers(l) > 0 &&
	    link_is_silent(l) && !p->reused &&
	    clock_now() - f->started >= LINK_MOMENT)
		learn_no_reuse(p);
	/* Those in the queue are yet to hear of it, when the link is gone. */
	p->connected = pool_was_connected(p);
	fetch_expire(f, &p->peer, p->connected);
	pool_cancel(p, f);
	f->cb(f, f->arg);
}

bool
pool_was_connected(const struct pool *p)
{
	const struct fetch *f;
	unsigned i;

	for (i = 0; i < p->count; i++) {
		f = link_fetch(p->slots[i].link);
		if (link_is_up(p->slots[i].link) ||
		    (f != NULL && f->phase > PHASE_CONNECT))
			return true;
	}
	return p->connected || p->first_up != 0;
}

void
pool_keep_answer(struct pool *p, const struct fetch *f)
{
	if (p->intervals[f->page] > 0 && !f->reused)
		answer_keep(p->all_answers, &p->answers[f->page], f);
}

static unsigned
busy_links(const struct pool *p)
{
	unsigned i, n = 0;

	for (i = 0; i < p->count; i++)
		n += link_fetch(p->slots[i].link) != NULL;
	return n;
}

static void
pool_run(evutil_socket_t fd, short what, void *arg)
{
	struct pool *p = arg;

	(void)fd;
	(void)what;
	if (p->began == 0 && p->queue != NULL)
		round_begin(p);
	observe(p);
	reap(p);
	hand_out(p);
	take_over(p);
	if (p->queue == NULL && busy_links(p) == 0)
		round_end(p);
	look_later(p);
}

static void
round_begin(struct pool *p)
{
	p->began = clock_now();
	p->first_up = 0;
	p->spread = p->peer.context == NULL;
	p->served = 0;
	p->pause = 0;
	p->connected = false;
	p->answered = p->reused = p->waited = p->upset = false;
	p->made_room = 0;
	if (p->learned != 0 && p->began - p->learned > REMEMBER) {
		p->learned = 0;
		p->learned_limit = NO_LIMIT;
		p->no_reuse = false;
		p->peer.chokes = false;
	}
	p->limit = p->learned_limit;
}

/* When it is clear that an answer takes longer than another handshake, of
 * which one that resumes a session takes about an eighth; later where further
 * links would be closed again. */
static int64_t
spread_time(const struct pool *p)
{
	int64_t handshake = p->setup_time < PATIENCE ? p->setup_time :
	    PATIENCE;

	if (p->first_up == 0)
		return p->began + PATIENCE;
	if (pool_all_links(p) >= POOLS_KEEP_MAX)
		return p->first_up + MODESTY;
	if (session_is_known(&p->peer.session) && !p->peer.resumes_none)
		handshake /= 8;
	return p->first_up + handshake;
}

/* What the links show. */
static void
observe(struct pool *p)
{
	unsigned i, served = 0;

	for (i = 0; i < p->count; i++) {
		const struct link *l = p->slots[i].link;

		served += link_is_served(l);
		if (link_is_up(l) && p->first_up == 0) {
			p->first_up = clock_now();
			p->setup_time = link_setup_time(l);
		}
	}
	if (p->served < served)
		p->served = served;
	if (clock_now() >= spread_time(p))
		p->spread = true;
}

static void
note_answer(struct pool *p, const struct fetch *f)
{
	int64_t took = f->finished - f->started;

	if (!p->answered || p->quickest > took)
		p->quickest = took;
	p->answered = true;
}

/* Part links from the fetches that are done, and close those that have had
 * their day. */
static void
reap(struct pool *p)
{
	struct fetch *f;
	struct slot *s;
	unsigned i = 0;

	while (i < p->count) {
		s = &p->slots[i];
		f = link_fetch(s->link);
		if (f == NULL && !p->no_reuse && !link_is_spent(s->link)) {
			i++;
			continue;
		}
		if (f == NULL) {
			close_slot(p, i);
			continue;
		}
		if (!f->done) {
			i++;
			continue;
		}
		if (!link_is_silent(s->link))
			note_answer(p, f);
		p->reused |= link_answers(s->link) > 1;
		if (f->error.reason != CM_OK && try_again(p, s->link, f)) {
			fetch_requeue(f, "waits for another connection");
			close_slot(p, i);
			append(p, f);
			continue;
		}
		/* It was served once another link was gone: the limit that was
		 * found holds. */
		if (f->error.reason == CM_OK && f->turned_away > 0 &&
		    !p->upset)
			learn_limit(p, p->limit);
		if (f->error.reason == CM_OK && f->fresh)
			doubt_reuse(p);
		if (f->error.reason == CM_OK && f->choked) {
			p->peer.chokes = true;
			p->learned = clock_now();
		}
		i += !release(p, i);
		if (f->error.reason != CM_OK && p->count == 0 && !p->answered)
			fail_queue(p, f);
		f->cb(f, f->arg);
	}
}

/* Part a link from its fetch, which is done.  True: the link is closed. */
static bool
release(struct pool *p, unsigned i)
{
	struct slot *s = &p->slots[i];

	link_part(s->link);
	s->idle = clock_now();
	if (!p->no_reuse && !link_is_spent(s->link))
		return false;
	/* The link is gone, but the others can resume its session: they need
	 * wait no longer. */
	p->spread |= link_is_up(s->link);
	close_slot(p, i);
	return true;
}

/*
 * Whether another link may do better than the one on which a fetch failed:
 * never if any byte of an answer came.
 */
static bool
try_again(struct pool *p, const struct link *l, struct fetch *f)
{
	if (!link_is_silent(l))
		return false;
	if (link_answers(l) > 0) {
		/* The modem closed a kept connection just as we sent. */
		if (f->fresh || f->error.reason != CM_CONNECTION_RESET)
			return false;
		f->fresh = true;
		p->upset = true;
		return true;
	}
	/* Some servers choke on a session that they do not know. */
	if (p->count == 1 && link_choked(l)) {
		session_forget(&p->peer.session);
		f->choked = true;
		return true;
	}
	/* Where a kept connection was closed as well, it is the page. */
	if ((f->fresh && f->phase > PHASE_TLS) ||
	    (f->error.reason != CM_CONNECT_REFUSED &&
	    f->error.reason != CM_CONNECTION_RESET &&
	    f->error.reason != CM_TLS_HANDSHAKE_FAILED))
		return false;
	if (p->count > 1 && f->turned_away == 0) {
		/* The others that it serves, or may yet serve, are all. */
		p->limit = p->count - 1;
	} else if (p->answered && f->phase <= PHASE_TLS &&
	    f->turned_away < TURNS) {
		/* It has not yet noticed that the last one is gone. */
		p->pause = clock_now() + (MOMENT << f->turned_away);
	} else
		return false;
	f->turned_away++;
	return true;
}

/*
 * The last link failed, and none had an answer.  Where this one could not be
 * made, no other can; and who was turned away has nobody who was served
 * instead.
 */
static void
fail_queue(struct pool *p, const struct fetch *failed)
{
	struct fetch *f, **next = &p->queue;

	while ((f = *next) != NULL) {
		if (failed->phase > PHASE_TLS && f->turned_away == 0) {
			next = &f->next;
			continue;
		}
		*next = f->next;
		fetch_fail_too(f, failed);
		f->cb(f, f->arg);
	}
}

/* Whether a fetch may be on a link now: the modem's limit is for all, the
 * module's for the fetches of one probe; what hangs must not stop the next. */
static bool
may_send(const struct pool *p, const struct fetch *f)
{
	const struct fetch *other;
	unsigned i, busy = 0, own = 0;

	for (i = 0; i < p->count; i++) {
		other = link_fetch(p->slots[i].link);
		busy += other != NULL;
		own += other != NULL && other->arg == f->arg;
		/* The answer to come will do. */
		if (other != NULL && other->page == f->page &&
		    f->min_interval > 0)
			return false;
	}
	return busy < p->limit && own < f->max_links;
}

static struct slot *
idle_slot(struct pool *p)
{
	unsigned i;

	for (i = 0; i < p->count; i++)
		if (link_is_idle(p->slots[i].link))
			return &p->slots[i];
	return NULL;
}

/* A slot whose link carries nothing, but may not be idle. */
static struct slot *
spare_slot(struct pool *p)
{
	unsigned i;

	for (i = 0; i < p->count; i++)
		if (link_fetch(p->slots[i].link) == NULL)
			return &p->slots[i];
	return NULL;
}

/* A new link in a slot of its own, perhaps in the place of a spare one; NULL
 * if there may be none, or if there can be none and the fetch has failed. */
static struct slot *
open_slot(struct pool *p, struct fetch *f)
{
	unsigned limit = p->limit < f->max_links ? p->limit : f->max_links;
	struct slot *spare = spare_slot(p);
	struct link *l;

	if ((p->count > 0 && !p->spread) || clock_now() < p->pause)
		return NULL;
	if (p->count >= limit && spare != NULL)
		close_slot(p, (unsigned)(spare - p->slots));
	l = link_open(&p->peer, p->wake);
	if (l == NULL) {
		fetch_fail(f, &p->peer, CM_EXPORTER_LIMIT, "no memory for a "
		    "connection");
		return NULL;
	}
	p->slots[p->count] = (struct slot){ .link = l };
	return &p->slots[p->count++];
}

static bool
reuse_answer(struct pool *p, struct fetch *f)
{
	const struct answer *a = p->answers[f->page];

	return a != NULL &&
	    clock_now() - answer_started(a) < f->min_interval &&
	    answer_use(a, f);
}

static void
send_on(struct slot *s, struct fetch *f)
{
	s->keepalive = f->keepalive;
	link_send(s->link, f);
}

/* A slot on which a fetch may be sent now; NULL: none, see whether the fetch
 * has failed. */
static struct slot *
find_slot(struct pool *p, struct fetch *f)
{
	struct slot *s = NULL;

	if (may_send(p, f)) {
		s = f->fresh ? NULL : idle_slot(p);
		if (s == NULL)
			s = open_slot(p, f);
	}
	return s;
}

static void
hand_out(struct pool *p)
{
	struct fetch *f, **next = &p->queue;
	struct slot *s;

	while ((f = *next) != NULL) {
		s = reuse_answer(p, f) ? NULL : find_slot(p, f);
		if (s == NULL && !f->done) {
			next = &f->next;
			continue;
		}
		*next = f->next;
		if (s != NULL)
			send_on(s, f);
		else
			f->cb(f, f->arg);
	}
}

/* When a link that is not served has waited long enough to see that the idle
 * one is faster; or, with its request sent, that its answer is not just slower
 * than another, but waits for the idle one to be gone. */
static int64_t
overdue_time(const struct pool *p, const struct slot *idle,
    const struct link *l)
{
	/* Where several are served it may just be a page that hangs. */
	if (link_is_up(l) && p->served > 1)
		return (idle->idle > p->made_room ? idle->idle :
		    p->made_room) + p->quickest + PATIENCE;
	if (link_is_up(l))
		return idle->idle + p->quickest + MOMENT;
	return link_opened(l) + 2 * p->setup_time + MOMENT;
}

/* The link that waits longest to be served, if any does whose fetch another
 * may take. */
static struct slot *
waiting_slot(struct pool *p)
{
	struct slot *s, *waiting = NULL;
	const struct fetch *f;
	unsigned i;

	for (i = 0; i < p->count; i++) {
		s = &p->slots[i];
		f = link_fetch(s->link);
		if (f != NULL && !f->fresh && !link_is_served(s->link) &&
		    (waiting == NULL ||
		    link_opened(s->link) < link_opened(waiting->link)))
			waiting = s;
	}
	return waiting;
}

/*
 * An idle link, which nothing in the queue may have, takes the fetch of one
 * that is not up; what that has done so far is lost.  One that is up, but in
 * plain HTTP perhaps waits for the others to be gone, has sent its request:
 * there it is the idle link that makes room; if the modem serves several at
 * once not so soon, and one after the other.
 */
static void
take_over(struct pool *p)
{
	struct slot *idle, *waiting, *taker;
	struct fetch *f;

	while ((idle = idle_slot(p)) != NULL &&
	    (waiting = waiting_slot(p)) != NULL &&
	    clock_now() >= overdue_time(p, idle, waiting->link)) {
		f = link_fetch(waiting->link);
		if (link_is_up(waiting->link)) {
			close_slot(p, (unsigned)(idle - p->slots));
			p->made_room = clock_now();
		} else {
			fetch_requeue(f, "given to a connection that is free");
			/* The last slot moves to where another closes. */
			taker = idle == &p->slots[p->count - 1] ? waiting :
			    idle;
			close_slot(p, (unsigned)(waiting - p->slots));
			send_on(taker, f);
		}
		p->waited = true;
	}
}

static void
round_end(struct pool *p)
{
	unsigned i;

	if (p->began != 0 && p->waited && p->served <= 1 && !p->upset)
		learn_limit(p, 1);
	p->began = 0;
	for (i = p->count; i-- > 0;)
		if (link_is_spent(p->slots[i].link) ||
		    p->learned_limit == 1 || i >= POOL_KEEP_MAX ||
		    expiry_time(&p->slots[i]) <= clock_now())
			close_slot(p, i);
}

static int64_t
expiry_time(const struct slot *s)
{
	return s->idle + s->keepalive;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
look_later(struct pool *p)
{
	int64_t when = INT64_MAX, us;
	struct timeval tv;
	const struct slot *idle, *waiting;
	unsigned i;

	if (p->began == 0) {
		for (i = 0; i < p->count; i++)
			when = sooner(when, expiry_time(&p->slots[i]));
	} else {
		if (p->queue != NULL && !p->spread)
			when = spread_time(p);
		if (p->queue != NULL && p->pause > clock_now())
			when = sooner(when, p->pause);
		if ((idle = idle_slot(p)) != NULL &&
		    (waiting = waiting_slot(p)) != NULL)
			when = sooner(when,
			    overdue_time(p, idle, waiting->link));
	}
	event_del(p->look);
	if (when == INT64_MAX)
		return;
	us = when - clock_now();
	if (us < 1000)
		us = 1000;
	tv = clock_timeval(us);
	event_add(p->look, &tv);
}
