/* SPDX-License-Identifier: MIT */

/*
 * One probe: resolve, check the policy, queue all fetches, decode each as it
 * comes, deliver once.
 *
 * Callbacks record and wake; probe_run() decides, from the event loop alone,
 * and reads in the order of a probe's life.
 */

#include <event2/dns.h>
#include <event2/event.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cablemodem.h"
#include "clock.h"
#include "decode.h"
#include "error.h"
#include "link.h"
#include "model.h"
#include "pools.h"
#include "record.h"
#include "resolve.h"
#include "target.h"
#include "tls.h"

struct cm_client {
	struct event_base		*base;
	const struct cm_client_config	*config;
	struct evdns_base		*dns;
	SSL_CTX				*tls;
	struct pools			*pools;
};

enum state {
	PROBE_NEW,
	PROBE_RESOLVING,
	PROBE_RESOLVED,		/* `address` may be asked */
	PROBE_FETCHING,
	PROBE_OVER		/* nothing more will come */
};

struct cm_probe {
	struct cm_client	*client;
	struct cm_target	 target;
	const struct cm_module	*module;
	cm_probe_cb		*cb;
	void			*arg;

	enum state		 state;
	struct event		*wake;
	struct event		*deadline;	/* not `wake`: activating an
						 * event ends its timer */
	int64_t			 timeout;
	int64_t			 started;
	int64_t			 resolved;	/* when; 0: not yet */

	struct lookup		*lookup;
	struct sockaddr_storage	 address;
	struct tls_facts	 tls;
	struct pool		*pool;
	struct fetch		 fetches[CM_ENDPOINT_COUNT];
	unsigned		 pending;	/* fetches not done */
	unsigned		 rejected[CM_ENDPOINT_COUNT];

	struct trace		 trace;
	/* Why nothing could be fetched at all, else CM_OK. */
	struct cm_error		 error;
	struct cm_snapshot	*snapshot;
};

static void	probe_run(evutil_socket_t, short, void *);
static void	probe_resolve(struct cm_probe *);
static void	on_resolved(const struct resolution *, void *);
static void	probe_fetch(struct cm_probe *);
static void	on_fetched(struct fetch *, void *);
static void	probe_expire(struct cm_probe *);
static void	probe_finish(struct cm_probe *);
static void	probe_report(struct cm_probe *);
static void	probe_free(struct cm_probe *);

struct cm_client *
cm_client_new(struct event_base *base, const struct cm_client_config *config,
    char *why, size_t whysize)
{
	struct cm_client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		goto fail;
	c->base = base;
	c->config = config;
	c->tls = tls_context_new();
	c->pools = pools_new();
	/* No flag to read /etc/resolv.conf at once: evdns_base_new() would
	 * fail if the file were missing. */
	c->dns = evdns_base_new(base, 0);
	if (c->tls == NULL || c->pools == NULL || c->dns == NULL)
		goto fail;
	link_keep_sessions(c->tls);
	evdns_base_resolv_conf_parse(c->dns, DNS_OPTIONS_ALL,
	    config->resolv_conf);
	/* The file may ask for minutes; a probe has seconds. */
	evdns_base_set_option(c->dns, "timeout:", "2");
	evdns_base_set_option(c->dns, "attempts:", "3");
	/* Questions that wait for a silent server must not block others. */
	evdns_base_set_option(c->dns, "max-inflight:", "4096");
	/* Some home routers never answer the question for IPv6 addresses. */
	evdns_base_set_option(c->dns, "getaddrinfo-allow-skew:", "0.5");
	return c;
fail:
	snprintf(why, whysize, "the client could not be set up: no memory, "
	    "or OpenSSL's configuration forbids TLS 1.0");
	if (c != NULL)
		cm_client_free(c);
	return NULL;
}

void
cm_client_free(struct cm_client *c)
{
	if (c->pools != NULL)
		pools_free(c->pools);
	/* libevent frees bufferevents, and questions that were cancelled, from
	 * the loop only. */
	event_base_loop(c->base, EVLOOP_NONBLOCK);
	if (c->dns != NULL)
		evdns_base_free(c->dns, 1);
	event_base_loop(c->base, EVLOOP_NONBLOCK);
	SSL_CTX_free(c->tls);
	free(c);
}

const struct cm_client_stats *
cm_client_stats(const struct cm_client *c)
{
	return pools_stats(c->pools);
}

struct cm_probe *
cm_probe_start(struct cm_client *client, const struct cm_target *target,
    const struct cm_module *module, int64_t timeout_us, cm_probe_cb *cb,
    void *arg)
{
	struct cm_probe *p = calloc(1, sizeof(*p));
	char name[CM_TARGET_SIZE];
	struct timeval tv;

	if (p == NULL)
		return NULL;
	p->client = client;
	p->target = *target;
	p->module = module;
	p->cb = cb;
	p->arg = arg;
	p->started = clock_now();
	p->trace.began = p->started;
	p->timeout = timeout_us < module->timeout_us ? timeout_us :
	    module->timeout_us;
	p->snapshot = snapshot_new(module->expose_identifiers);
	p->wake = event_new(client->base, -1, 0, probe_run, p);
	p->deadline = evtimer_new(client->base, probe_run, p);
	tv = clock_timeval(p->timeout);
	if (p->snapshot == NULL || p->wake == NULL || p->deadline == NULL ||
	    event_add(p->deadline, &tv) != 0) {
		probe_free(p);
		return NULL;
	}
	p->snapshot->log = p->trace.text;
	cm_target_format(target, name);
	trace_add(&p->trace, "probe of %s, module %s", name, module->name);
	event_active(p->wake, 0, 0);
	return p;
}

void
cm_probe_extend(struct cm_probe *p, int64_t timeout_us)
{
	int64_t most = p->module->timeout_us;
	int64_t left = timeout_us < most ? timeout_us : most;
	int64_t timeout = clock_now() - p->started + left;
	struct timeval tv = clock_timeval(left);

	if (timeout <= p->timeout)
		return;
	p->timeout = timeout;
	/* Also a deadline that has passed but did not run yet: a request that
	 * joins now still has time. */
	event_del(p->deadline);
	event_add(p->deadline, &tv);
}

/* Fail all that is not there yet, for lack of time. */
static void
probe_give_up(struct cm_probe *p)
{
	bool connected = p->pool != NULL && pool_was_connected(p->pool);
	struct fetch *f;

	if (p->state < PROBE_FETCHING)
		/* Also if the answer came, but was not looked at yet. */
		error_set(&p->error, CM_RESOLVE_FAILED, "%s: the DNS server "
		    "did not answer in time", p->target.host);
	else if (p->error.reason == CM_OK)
		for (f = p->fetches; f < p->fetches + CM_ENDPOINT_COUNT; f++) {
			if (f->body == NULL)	/* not asked, or decoded */
				continue;
			f->trace = NULL;	/* the probe goes on */
			if (f->done && f->error.reason == CM_OK)
				error_set(&f->error, CM_TIMEOUT, "%s: the "
				    "answer came in the very last moment",
				    endpoints[f->page].name);
			fetch_expire(f, pool_peer(p->pool), connected);
		}
}

/*
 * The report is made of a copy, in which what is missing has failed; the
 * texts, the bodies and all else that the copy points to stay the probe's.
 */
bool
cm_probe_peek(const struct cm_probe *original, cm_probe_cb *cb, void *arg)
{
	struct cm_probe p = *original;

	p.snapshot = snapshot_copy(original->snapshot);
	if (p.snapshot == NULL)
		return false;
	probe_give_up(&p);
	probe_report(&p);
	cb(p.snapshot, arg);
	snapshot_free(p.snapshot);
	return true;
}

void
cm_probe_expire(struct cm_probe *p)
{
	event_active(p->deadline, EV_TIMEOUT, 0);
}

void
cm_probe_cancel(struct cm_probe *p)
{
	probe_free(p);
}

static void
probe_run(evutil_socket_t fd, short what, void *arg)
{
	struct cm_probe *p = arg;

	(void)fd;
	if (what & EV_TIMEOUT)
		probe_expire(p);
	if (p->state == PROBE_NEW)
		probe_resolve(p);
	if (p->state == PROBE_RESOLVED)
		probe_fetch(p);
	if (p->state == PROBE_OVER)
		probe_finish(p);
}

static void
probe_resolve(struct cm_probe *p)
{
	const struct cm_client *c = p->client;

	p->state = PROBE_RESOLVING;
	p->lookup = resolve_start(c->dns, &p->target, p->module->policy,
	    p->module->ip_protocol, on_resolved, p);
}

static void
trace_resolution(struct cm_probe *p)
{
	char address[CM_HOST_SIZE];

	if (p->error.reason != CM_OK) {
		trace_add(&p->trace, "%s (%s)", p->error.text,
		    cm_reason_word(p->error.reason));
		return;
	}
	address_format(&p->address, address);
	trace_add(&p->trace, "the address is %s", address);
}

static void
on_resolved(const struct resolution *r, void *arg)
{
	struct cm_probe *p = arg;

	p->lookup = NULL;
	p->resolved = clock_now();
	p->address = r->address;
	p->error = r->error;
	trace_resolution(p);
	p->state = r->error.reason == CM_OK ? PROBE_RESOLVED : PROBE_OVER;
	event_active(p->wake, 0, 0);
}

/* The Host header (RFC 9110, 7.2): without a zone, which means nothing to
 * the modem, and without the scheme's own port. */
static void
format_host(const struct cm_target *target, char *text, size_t size)
{
	bool brackets = target->family == AF_INET6;
	char port[8] = "";

	if (target->port != (target->scheme == CM_HTTPS ? 443 : 80))
		snprintf(port, sizeof(port), ":%u", (unsigned)target->port);
	snprintf(text, size, "%s%.*s%s%s", brackets ? "[" : "",
	    (int)strcspn(target->host, "%"), target->host,
	    brackets ? "]" : "", port);
}

static bool
ends_in_dot(const char *host)
{
	return host[strlen(host) - 1] == '.';
}

/* End a probe for lack of memory. */
static void
probe_fail(struct cm_probe *p)
{
	error_set(&p->error, CM_EXPORTER_LIMIT, "%s: no memory for the "
	    "fetches", p->target.host);
	p->state = PROBE_OVER;
}

static struct pool *
get_pool(const struct cm_probe *p)
{
	const struct cm_target *target = &p->target;
	const struct cm_tls *tls = &p->module->tls;
	char address[CM_HOST_SIZE], name[CM_HOST_SIZE] = "";
	char host[CM_HOST_SIZE + 16];
	struct peer peer = {
		.base = p->client->base,
		.context = target->scheme == CM_HTTPS ? p->client->tls : NULL,
		.policy = { .verify = tls->verify, .ca_file = tls->ca_file,
		    .min_version = tls->min_version },
		.name = name,
		.address = address,
		.port = target->port,
		.source = p->module->source_address,
		.host = host,
		.user_agent = p->client->config->user_agent,
	};

	address_format(&p->address, address);
	cm_file_stamp(&peer.policy.ca_stamp,
	    tls->verify == CM_VERIFY_CA ? tls->ca_file : NULL);
	memcpy(peer.policy.fingerprint, tls->fingerprint,
	    sizeof(tls->fingerprint));
	/* SNI is for names, without a final dot (RFC 6066, 3). */
	if (tls->server_name[0] != '\0')
		snprintf(name, sizeof(name), "%s", tls->server_name);
	else if (target->family == AF_UNSPEC)
		snprintf(name, sizeof(name), "%.*s", (int)
		    (strlen(target->host) - ends_in_dot(target->host)),
		    target->host);
	format_host(target, host, sizeof(host));
	return pools_get(p->client->pools, &peer);
}

static void
probe_fetch(struct cm_probe *p)
{
	const struct cm_module *module = p->module;
	struct fetch *f;
	unsigned i;

	p->state = PROBE_FETCHING;
	p->pool = get_pool(p);
	if (p->pool == NULL) {
		probe_fail(p);
		return;
	}
	for (i = 0; i < CM_ENDPOINT_COUNT; i++) {
		if ((module->endpoints & 1u << i) == 0)
			continue;
		f = &p->fetches[i];
		if (!fetch_init(f, i)) {
			probe_fail(p);
			return;
		}
		f->max_links = module->max_concurrent_fetches;
		f->keepalive = module->keepalive_us;
		f->min_interval = module->min_interval_us[i];
		f->facts = &p->tls;
		f->trace = &p->trace;
		f->cb = on_fetched;
		f->arg = p;
		p->pending++;
		pool_add(p->pool, f);
	}
	if (p->pending == 0)	/* of a module that asks for nothing */
		p->state = PROBE_OVER;
}

static void
trace_page(struct cm_probe *p, const struct fetch *f)
{
	const char *page = endpoints[f->page].name;

	if (f->error.reason == CM_OK)
		trace_add(&p->trace, "%s: read, %u values rejected", page,
		    p->rejected[f->page]);
	else
		trace_add(&p->trace, "%s (%s)", f->error.text,
		    cm_reason_word(f->error.reason));
}

/* A body is decoded as soon as it is there, and freed. */
static void
on_fetched(struct fetch *f, void *arg)
{
	struct cm_probe *p = arg;
	struct cm_error error;
	const char *body = NULL;

	if (f->error.reason == CM_OK) {
		/* The decoder wants a byte after the end. */
		if (evbuffer_add(f->body, "", 1) == 0)
			body = (char *)evbuffer_pullup(f->body, -1);
		if (body == NULL)
			error_set(&f->error, CM_EXPORTER_LIMIT, "%s: no memory "
			    "for the page", endpoints[f->page].name);
		else if (!decode_page(p->snapshot, f->page, body,
		    f->body_bytes, f->whole, &p->rejected[f->page], &error))
			error_set(&f->error, error.reason, "%s: %s",
			    endpoints[f->page].name, error.text);
		else
			pool_keep_answer(p->pool, f);
		trace_page(p, f);
	}
	fetch_clear(f);
	if (--p->pending > 0)
		return;
	p->state = PROBE_OVER;
	event_active(p->wake, 0, 0);
}

/* The deadline has passed: fail all that is not there yet. */
static void
probe_expire(struct cm_probe *p)
{
	unsigned i;

	trace_add(&p->trace, "the time is up");
	if (p->state < PROBE_FETCHING) {
		probe_give_up(p);
		p->state = PROBE_OVER;
	} else if (p->state == PROBE_FETCHING)
		for (i = 0; i < CM_ENDPOINT_COUNT; i++)
			if (p->fetches[i].body != NULL)
				pool_expire(p->pool, &p->fetches[i]);
}

static void
probe_finish(struct cm_probe *p)
{
	probe_report(p);
	trace_add(&p->trace, "%s", cm_reason_word(p->snapshot->error.reason));
	p->module = NULL;	/* the callback may free it */
	p->cb(p->snapshot, p->arg);
	probe_free(p);
}

/* Why a page failed: the error of the whole probe if it did not get as far as
 * fetching, else that of the page's fetch. */
static const struct cm_error *
page_error(const struct cm_probe *p, enum cm_endpoint page)
{
	return p->error.reason != CM_OK ? &p->error : &p->fetches[page].error;
}

/* Whether the probe fails if this page does.  If none of the module's pages is
 * required by itself, all of them are. */
static bool
is_required(const struct cm_module *module, enum cm_endpoint page)
{
	unsigned i;

	for (i = 0; i < CM_ENDPOINT_COUNT; i++)
		if ((module->endpoints & 1u << i) && endpoints[i].required)
			return endpoints[page].required;
	return true;
}

static const char *
seconds(struct cm_snapshot *s, int64_t us)
{
	char number[CM_NUMBER_SIZE];

	return snapshot_text(s, cm_number_seconds(number, us));
}

static const char *
text_or_null(struct cm_snapshot *s, const char *text)
{
	return text[0] != '\0' ? snapshot_text(s, text) : NULL;
}

static void
report_page(struct cm_probe *p, enum cm_endpoint page)
{
	const struct cm_error *error = page_error(p, page);
	const struct fetch *f = &p->fetches[page];
	struct cm_snapshot *s = p->snapshot;
	struct cm_page *row = snapshot_add(s, CM_RECORD_PAGE);

	if (f->started != 0 && f->done && !f->reused)
		s->fetched[s->fetched_count++] = (struct cm_fetched){
		    page, error->reason, f->body_bytes };
	if (row == NULL)
		return;
	row->endpoint = endpoints[page].name;
	row->success = error->reason == CM_OK ? "1" : "0";
	if (error->reason != CM_OK)
		row->reason = cm_reason_word(error->reason);
	else {
		row->age = f->reused ?
		    seconds(s, clock_now() - f->started) : "0";
		row->rejected = snapshot_integer(s, p->rejected[page]);
	}
	if (f->started != 0 && f->done) {
		row->duration = seconds(s, f->finished - f->started);
		row->bytes = snapshot_integer(s, (int64_t)f->body_bytes);
	}
	if (error->reason != CM_OK && s->error.reason == CM_OK &&
	    is_required(p->module, page))
		s->error = *error;
}

/* Time in a phase, summed over the fetches; NULL if none reached it. */
static const char *
phase_seconds(struct cm_probe *p, enum phase phase)
{
	int64_t sum = 0;
	bool reached = false;
	unsigned i;

	for (i = 0; i < CM_ENDPOINT_COUNT; i++)
		if (p->fetches[i].started != 0 &&
		    p->fetches[i].spent[phase] >= 0) {
			sum += p->fetches[i].spent[phase];
			reached = true;
		}
	return reached ? seconds(p->snapshot, sum) : NULL;
}

/* Write what is known of the probe itself into its snapshot. */
static void
probe_report(struct cm_probe *p)
{
	struct cm_snapshot *s = p->snapshot;
	struct cm_outcome *outcome = snapshot_single(s, CM_RECORD_OUTCOME);
	struct cm_connection *c = snapshot_single(s, CM_RECORD_CONNECTION);
	int64_t now = clock_now();
	unsigned i;

	s->duration = now - p->started;
	for (i = 0; i < CM_ENDPOINT_COUNT; i++)
		if (p->module->endpoints & 1u << i)
			report_page(p, i);
	outcome->success = s->error.reason == CM_OK ? "1" : "0";
	if (s->error.reason != CM_OK)
		outcome->reason = cm_reason_word(s->error.reason);
	outcome->duration = seconds(s, s->duration);
	outcome->timeout = seconds(s, p->timeout);

	c->resolve = seconds(s, (p->resolved != 0 ? p->resolved : now) -
	    p->started);
	c->connect = phase_seconds(p, PHASE_CONNECT);
	c->tls = phase_seconds(p, PHASE_TLS);
	c->wait = phase_seconds(p, PHASE_WAIT);
	c->transfer = phase_seconds(p, PHASE_TRANSFER);
	if (p->address.ss_family != AF_UNSPEC)
		c->ip_protocol = p->address.ss_family == AF_INET6 ? "6" : "4";
	c->not_after = text_or_null(s, p->tls.not_after);
	c->tls_version = text_or_null(s, p->tls.version);
	c->tls_cipher = text_or_null(s, p->tls.cipher);
	c->tls_fingerprint = text_or_null(s, p->tls.fingerprint);
}

static void
probe_free(struct cm_probe *p)
{
	unsigned i;

	if (p->lookup != NULL)
		resolve_cancel(p->lookup);
	for (i = 0; i < CM_ENDPOINT_COUNT; i++) {
		if (p->fetches[i].body != NULL)
			pool_cancel(p->pool, &p->fetches[i]);
		fetch_clear(&p->fetches[i]);
	}
	if (p->pool != NULL)
		pools_let_go(p->client->pools, p->pool);
	if (p->wake != NULL)
		event_free(p->wake);
	if (p->deadline != NULL)
		event_free(p->deadline);
	if (p->snapshot != NULL)
		snapshot_free(p->snapshot);
	free(p);
}
