/* SPDX-License-Identifier: MIT */

/*
 * The exporter's own metrics, in the order and under the names of the client
 * libraries of Prometheus where those have them (process_*).
 */

#include "self.h"

#include <event2/event.h>
#include <openssl/crypto.h>

#include <stddef.h>
#include <time.h>

#include "cablemodem.h"
#include "process.h"
#include "version.h"

/* Unix times in microseconds. */
static int64_t started;
static int64_t loaded;		/* when the configuration was last taken */
static bool failed[SELF_FILE_COUNT];	/* to be read again, since then */

static void	encode_build(struct cm_text *);
static void	encode_reload(struct cm_text *);
static void	encode_process(struct cm_text *);

static int64_t
unix_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void
self_start(void)
{
	started = unix_time();
}

void
self_loaded(enum self_file file, bool success)
{
	failed[file] = !success;
	if (success)
		loaded = unix_time();
}

void
self_encode(struct cm_text *t)
{
	encode_build(t);
	encode_reload(t);
	encode_process(t);
}

static void
encode_build(struct cm_text *t)
{
	cm_text_family(t, "coda56_exporter_build", CM_INFO,
	    "How the exporter was built and what it runs on.");
	cm_text_label(t, "version", VERSION);
	cm_text_label(t, "revision", REVISION);
#if defined(__VERSION__)
	cm_text_label(t, "compiler", __VERSION__);
#else
	cm_text_label(t, "compiler", "");
#endif
	cm_text_label(t, "libevent", event_get_version());
	cm_text_label(t, "openssl",
	    OpenSSL_version(OPENSSL_FULL_VERSION_STRING));
	cm_text_label(t, "jansson", cm_jansson_version());
	cm_text_sample(t, "1");
}

static void
encode_reload(struct cm_text *t)
{
	char number[CM_NUMBER_SIZE];

	cm_text_family(t, "coda56_exporter_config_last_reload_successful",
	    CM_GAUGE, "1 if the configuration was read when it was last to "
	    "be, else 0.");
	cm_text_sample(t, failed[SELF_CONFIG] || failed[SELF_WEB_CONFIG] ?
	    "0" : "1");
	cm_text_family(t,
	    "coda56_exporter_config_last_reload_success_timestamp_seconds",
	    CM_GAUGE, "When the configuration was last read, in unix time.");
	cm_text_sample(t, cm_number_seconds(number, loaded));
}

static void
encode_process(struct cm_text *t)
{
	static const struct {
		const char	*family;
		enum cm_type	 type;
		const char	*help;
		size_t		 offset;
		bool		 is_time;
	} rows[] = {
		{ "process_cpu_seconds", CM_COUNTER,
		    "Total user and system CPU time spent in seconds.",
		    offsetof(struct process, cpu), true },
		{ "process_open_fds", CM_GAUGE,
		    "Number of open file descriptors.",
		    offsetof(struct process, open_fds), false },
		{ "process_max_fds", CM_GAUGE,
		    "Maximum number of open file descriptors.",
		    offsetof(struct process, max_fds), false },
		{ "process_resident_memory_bytes", CM_GAUGE,
		    "Resident memory size in bytes.",
		    offsetof(struct process, resident_memory), false },
		{ "process_virtual_memory_bytes", CM_GAUGE,
		    "Virtual memory size in bytes.",
		    offsetof(struct process, virtual_memory), false },
	};
	struct process process;
	char number[CM_NUMBER_SIZE];
	int64_t value;
	size_t i;

	process_read(&process);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		value = *(const int64_t *)(const void *)
		    ((const char *)&process + rows[i].offset);
		if (value < 0)
			continue;
		cm_text_family(t, rows[i].family, rows[i].type, rows[i].help);
		cm_text_sample(t, rows[i].is_time ?
		    cm_number_seconds(number, value) :
		    cm_number_integer(number, value));
	}
	cm_text_family(t, "process_start_time_seconds", CM_GAUGE,
	    "Start time of the process since unix epoch in seconds.");
	cm_text_sample(t, cm_number_seconds(number, started));
}
