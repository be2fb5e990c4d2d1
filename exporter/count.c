/* SPDX-License-Identifier: MIT */

/*
 * Counters.  A series is shown once it has counted anything; those that every
 * dashboard asks for are shown from the beginning.
 */

#include "count.h"

#include <string.h>

#define MODULES_MAX	256	/* with names of configurations long gone */
#define REQUESTS_MAX	256	/* routes times status codes: far fewer */

struct module_count {
	char		*name;
	uint64_t	 results[CM_REASON_COUNT];
};

struct request_count {
	const char	*handler;
	int		 code;
	uint64_t	 n;
};

/* Upper bounds in microseconds, and the texts of their labels: OpenMetrics
 * wants the same text as for a float. */
static const struct {
	int64_t		 us;
	const char	*le;
} buckets[] = {
	{ 50000, "0.05" }, { 100000, "0.1" }, { 250000, "0.25" },
	{ 500000, "0.5" }, { 1000000, "1.0" }, { 2500000, "2.5" },
	{ 5000000, "5.0" }, { 10000000, "10.0" }, { 30000000, "30.0" },
};

#define BUCKETS (sizeof(buckets) / sizeof(buckets[0]))

static struct module_count	 modules[MODULES_MAX];
static size_t			 module_count;
static struct request_count	 requests[REQUESTS_MAX];
static size_t			 request_count;
static uint64_t			 durations[BUCKETS + 1]; /* last: beyond all */
static int64_t			 duration_sum;		/* microseconds */
static uint64_t			 coalesced;
static uint64_t			 rejected[COUNT_REJECTION_COUNT];
static uint64_t			 fetches[CM_ENDPOINT_COUNT][CM_REASON_COUNT];
static uint64_t			 fetch_bytes;

static struct module_count *
find_module(const char *name)
{
	size_t i;

	for (i = 0; i < module_count; i++)
		if (strcmp(modules[i].name, name) == 0)
			return &modules[i];
	if (module_count == MODULES_MAX ||
	    (modules[module_count].name = strdup(name)) == NULL)
		return NULL;
	return &modules[module_count++];
}

static void
count_duration(int64_t us)
{
	size_t i;

	for (i = 0; i < BUCKETS && us > buckets[i].us; i++)
		;
	durations[i]++;
	duration_sum += us;
}

void
count_probe(const char *name, const struct cm_snapshot *snapshot)
{
	struct module_count *module = find_module(name);
	const struct cm_fetched *page;
	unsigned i;

	if (module != NULL)
		module->results[cm_snapshot_reason(snapshot)]++;
	count_duration(cm_snapshot_duration(snapshot));
	for (i = 0; (page = cm_snapshot_fetched(snapshot, i)) != NULL; i++) {
		fetches[page->endpoint][page->reason]++;
		fetch_bytes += page->bytes;
	}
}

void
count_coalesced(void)
{
	coalesced++;
}

void
count_rejected(enum count_rejection why)
{
	rejected[why]++;
}

void
count_request(const char *handler, int code)
{
	size_t i;

	for (i = 0; i < request_count; i++)
		if (requests[i].code == code &&
		    strcmp(requests[i].handler, handler) == 0)
			break;
	if (i == REQUESTS_MAX)
		return;
	if (i == request_count)
		requests[request_count++] =
		    (struct request_count){ .handler = handler, .code = code };
	requests[i].n++;
}

static void
sample(struct cm_text *t, uint64_t value)
{
	char number[CM_NUMBER_SIZE];

	cm_text_sample(t, cm_number_integer(number, (int64_t)value));
}

static void
encode_probes(struct cm_text *t)
{
	enum cm_reason reason;
	size_t i;

	cm_text_family(t, "coda56_exporter_probes", CM_COUNTER,
	    "Probes that ended, by module and result.");
	for (i = 0; i < module_count; i++)
		for (reason = CM_OK; reason < CM_REASON_COUNT; reason++) {
			if (reason != CM_OK && modules[i].results[reason] == 0)
				continue;
			cm_text_label(t, "module", modules[i].name);
			cm_text_label(t, "result", cm_reason_word(reason));
			sample(t, modules[i].results[reason]);
		}
}

static void
encode_durations(struct cm_text *t)
{
	char number[CM_NUMBER_SIZE];
	uint64_t n = 0;
	size_t i;

	cm_text_family(t, "coda56_exporter_probe_duration_seconds",
	    CM_HISTOGRAM, "How long probes took.");
	for (i = 0; i <= BUCKETS; i++) {
		n += durations[i];
		cm_text_suffix(t, "_bucket");
		cm_text_label(t, "le", i < BUCKETS ? buckets[i].le : "+Inf");
		sample(t, n);
	}
	cm_text_suffix(t, "_sum");
	cm_text_sample(t, cm_number_seconds(number, duration_sum));
	cm_text_suffix(t, "_count");
	sample(t, n);
}

static void
encode_fetches(struct cm_text *t)
{
	enum cm_reason reason;
	unsigned i;

	cm_text_family(t, "coda56_exporter_fetches", CM_COUNTER,
	    "Pages that modems were asked for, by page and result.");
	for (i = 0; i < CM_ENDPOINT_COUNT; i++)
		for (reason = CM_OK; reason < CM_REASON_COUNT; reason++) {
			if (reason != CM_OK && fetches[i][reason] == 0)
				continue;
			cm_text_label(t, "endpoint", cm_endpoint_name(i));
			cm_text_label(t, "result", cm_reason_word(reason));
			sample(t, fetches[i][reason]);
		}
	cm_text_family(t, "coda56_exporter_fetch_bytes", CM_COUNTER,
	    "Bytes of the bodies that modems sent.");
	sample(t, fetch_bytes);
}

static void
encode_connections(struct cm_text *t, const struct cm_client_stats *stats)
{
	cm_text_family(t, "coda56_exporter_modem_connections", CM_GAUGE,
	    "Open connections to modems, by state.");
	cm_text_label(t, "state", "connecting");
	sample(t, stats->connecting);
	cm_text_label(t, "state", "busy");
	sample(t, stats->busy);
	cm_text_label(t, "state", "idle");
	sample(t, stats->idle);
	cm_text_family(t, "coda56_exporter_tls_handshakes", CM_COUNTER,
	    "TLS handshakes with modems, by whether a session was resumed.");
	cm_text_label(t, "resumed", "true");
	sample(t, stats->handshakes_resumed);
	cm_text_label(t, "resumed", "false");
	sample(t, stats->handshakes_full);
}

void
count_encode(struct cm_text *t, unsigned long probes_in_flight,
    const struct cm_client_stats *stats)
{
	static const char *const words[] = {
#define X(name, word) word,
		COUNT_REJECTIONS(X)
#undef X
	};
	char code[CM_NUMBER_SIZE];
	size_t i;

	encode_probes(t);
	encode_durations(t);
	cm_text_family(t, "coda56_exporter_probes_in_flight", CM_GAUGE,
	    "Probes that run at the moment.");
	sample(t, probes_in_flight);
	cm_text_family(t, "coda56_exporter_probes_coalesced", CM_COUNTER,
	    "Requests that joined a probe which ran already.");
	sample(t, coalesced);
	cm_text_family(t, "coda56_exporter_probes_rejected", CM_COUNTER,
	    "Requests that got no probe, by reason.");
	for (i = 0; i < COUNT_REJECTION_COUNT; i++) {
		cm_text_label(t, "reason", words[i]);
		sample(t, rejected[i]);
	}
	encode_fetches(t);
	encode_connections(t, stats);
	cm_text_family(t, "coda56_exporter_http_requests", CM_COUNTER,
	    "Requests that were answered, by route and status code.");
	for (i = 0; i < request_count; i++) {
		cm_text_label(t, "handler", requests[i].handler);
		cm_text_label(t, "code",
		    cm_number_integer(code, requests[i].code));
		sample(t, requests[i].n);
	}
}
