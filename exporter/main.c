/* SPDX-License-Identifier: MIT */

/*
 * coda56-exporter: options, listen, loop, drain.
 */

#include <event2/event.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "healthcheck.h"
#include "log.h"
#include "options.h"
#include "process.h"
#include "sandbox.h"
#include "self.h"
#include "server.h"
#include "systemd.h"
#include "web.h"

#define SIGNALS 3
#define SPARE_FDS 32		/* for all that is no connection */

struct signals {
	struct event	*events[SIGNALS];
	struct server	*server;
	bool		 draining;
};

/* The first signal lets what runs finish; who sends a second is in a hurry. */
static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct signals *signals = arg;

	(void)what;
	if (signals->draining) {
		log_line(LEVEL_WARN, "second signal, exiting at once", NULL);
		_exit(1);
	}
	log_line(LEVEL_INFO, "shutting down", "signal",
	    number == SIGTERM ? "SIGTERM" : "SIGINT", NULL);
	signals->draining = true;
	systemd_notify("STOPPING=1\nSTATUS=finishing the probes that run");
	server_drain(signals->server);
}

static void
on_hangup(evutil_socket_t number, short what, void *arg)
{
	struct signals *signals = arg;
	char why[1024];

	(void)number;
	(void)what;
	server_reload(signals->server, why, sizeof(why));
}

/* Clients get a quarter of the descriptors at the most: modems need more. */
static void
limit_connections(struct config *config, int64_t max_fds)
{
	int64_t most = max_fds < 4 ? 1 : max_fds / 4, left;

	if (max_fds < 0)
		return;
	if ((int64_t)config->max_connections > most) {
		config->max_connections = (unsigned long)most;
		log_line(LEVEL_WARN, "fewer descriptors than --web.max-"
		    "connections needs, as it may take a quarter of them; it "
		    "is lowered", NULL);
	}
	/* Each probe may have a connection for each page. */
	left = max_fds - (int64_t)config->max_connections - SPARE_FDS;
	if (left / CM_ENDPOINT_COUNT < (int64_t)config->max_probes)
		log_line(LEVEL_WARN, "fewer descriptors than that many probes "
		    "may need; lower --web.max-probes or raise the limit",
		    NULL);
}

static void
log_limits(const struct config *config, int64_t max_fds)
{
	char probes[CM_NUMBER_SIZE], connections[CM_NUMBER_SIZE];
	char fds[CM_NUMBER_SIZE];

	log_line(LEVEL_INFO, "coda56-exporter", "version", VERSION,
	    "libevent", event_get_version(),
	    "max_probes", cm_number_integer(probes,
	    (int64_t)config->max_probes),
	    "max_connections", cm_number_integer(connections,
	    (int64_t)config->max_connections),
	    "max_fds", cm_number_integer(fds, max_fds), NULL);
}

static bool
take_signals(struct signals *signals, struct event_base *base)
{
	int i;

	signals->events[0] = evsignal_new(base, SIGTERM, on_signal, signals);
	signals->events[1] = evsignal_new(base, SIGINT, on_signal, signals);
	signals->events[2] = evsignal_new(base, SIGHUP, on_hangup, signals);
	for (i = 0; i < SIGNALS; i++)
		if (signals->events[i] == NULL ||
		    event_add(signals->events[i], NULL) != 0)
			return false;
	return true;
}

/* Until a signal ends it. */
static int
serve(struct event_base *base, struct cm_client *client,
    struct config *config, struct settings *settings, struct web *web)
{
	struct signals signals = { 0 };
	int64_t max_fds = process_raise_fds();
	const char *failure = NULL;
	char why[1024];
	int i;

	systemd_start();
	limit_connections(config, max_fds);
	log_limits(config, max_fds);
	/* libevent restores this disposition when its signal event is freed. */
	signal(SIGHUP, SIG_IGN);
	/* Installed before anything announces that we are up. */
	if (take_signals(&signals, base))
		signals.server = server_new(base, config, settings, web,
		    client, why, sizeof(why));
	else
		snprintf(why, sizeof(why), "no memory for the signals");
	if (signals.server == NULL)
		failure = why;
	else if (!systemd_watch(base))
		failure = "no memory for the watchdog";
	else {
		sandbox_enter(!config->disable_sandbox);
		systemd_notify("READY=1\nSTATUS=serving");
		if (event_base_dispatch(base) < 0)
			failure = "the event loop failed";
	}
	if (failure != NULL)
		log_line(LEVEL_ERROR, failure, NULL);
	for (i = 0; i < SIGNALS; i++)
		if (signals.events[i] != NULL)
			event_free(signals.events[i]);
	if (signals.server != NULL)
		server_free(signals.server);
	systemd_end();
	return failure == NULL ? 0 : 1;
}

/* A fetch enables and disables its events several times in one turn of the
 * loop: the kernel need hear of it only once. */
static struct event_base *
base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config != NULL && event_config_set_flag(config,
	    EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) == 0)
		base = event_base_new_with_config(config);
	if (config != NULL)
		event_config_free(config);
	return base;
}

static int
run(struct config *config, struct settings *settings, struct web *web)
{
	const struct cm_client_config client_config = {
		.user_agent = "coda56-exporter/" VERSION,
		.resolv_conf = config->resolv_conf
	};
	struct event_base *base = base_new();
	struct cm_client *client = NULL;
	char why[256] = "no memory for the event loop";
	int status = 1;

	self_loaded(SELF_CONFIG, true);
	log_take_libevent();
	signal(SIGPIPE, SIG_IGN);
	if (base != NULL)
		client = cm_client_new(base, &client_config, why,
		    sizeof(why));
	if (client == NULL)
		log_line(LEVEL_ERROR, why, NULL);
	else if (config->probe)
		status = command_probe(base, client, config, settings);
	else
		status = serve(base, client, config, settings, web);
	if (client != NULL)
		cm_client_free(client);
	if (base != NULL)
		event_base_free(base);
	return status;
}

int
main(int argc, char **argv)
{
	static struct config config;
	struct settings *settings;
	struct web *web = NULL;
	bool loaded;
	char why[1024];
	int status;

	process_fill_stdio();
	if (argc > 1 && argc < 4 && strcmp(argv[1], "healthcheck") == 0)
		return healthcheck(argc > 2 ? argv[2] : HEALTHCHECK_URL);
	self_start();
	switch (options_parse(&config, argc, argv)) {
	case OPTIONS_RUN:
		break;
	case OPTIONS_DONE:
		return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
	case OPTIONS_WRONG:
		return 2;
	}
	settings = settings_load(&config, why, sizeof(why));
	loaded = settings != NULL;
	if (loaded && !config.probe) {
		web = web_new(config.web_config_file, why, sizeof(why));
		loaded = web != NULL;
	}
	if (!loaded) {
		fprintf(stderr, "coda56-exporter: %s\n", why);
		status = config.check ? 1 : 2;
	} else
		status = config.check ? 0 : run(&config, settings, web);
	if (web != NULL)
		web_free(web);
	if (settings != NULL)
		settings_release(settings);
	libevent_global_shutdown();
	return status;
}
