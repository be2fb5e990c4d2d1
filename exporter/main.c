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

/* Clients get a quarter of the descriptors at the most, for modems need more;
 * it is logged what holds. */
static void
start(struct config *config, int64_t max_fds)
{
	char connections[CM_NUMBER_SIZE], probes[CM_NUMBER_SIZE];
	char fds[CM_NUMBER_SIZE];
	int64_t most = max_fds < 4 ? 1 : max_fds / 4, left;
	bool fits = max_fds < 0 || (int64_t)config->max_connections <= most;

	if (!fits)
		config->max_connections = (unsigned long)most;
	log_line(LEVEL_INFO, "coda56-exporter", "version", VERSION,
	    "libevent", event_get_version(),
	    "max_probes", cm_number_integer(probes,
	    (int64_t)config->max_probes),
	    "max_connections", cm_number_integer(connections,
	    (int64_t)config->max_connections),
	    "max_fds", cm_number_integer(fds, max_fds), NULL);
	if (!fits)
		log_line(LEVEL_WARN, "fewer descriptors than --web.max-"
		    "connections needs, as it may take a quarter of them; it "
		    "is lowered", NULL);
	/* Each probe may have a connection for each page. */
	left = max_fds - (int64_t)config->max_connections - SPARE_FDS;
	if (max_fds >= 0 && left / CM_ENDPOINT_COUNT <
	    (int64_t)config->max_probes)
		log_line(LEVEL_WARN, "fewer descriptors than that many probes "
		    "may need; lower --web.max-probes or raise the limit",
		    NULL);
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

int
main(int argc, char **argv)
{
	static struct config config;
	struct cm_client_config client_config = { 0 };
	struct signals signals = { 0 };
	struct settings *settings;
	struct web *web = NULL;
	struct event_base *base = NULL;
	struct cm_client *client = NULL;
	char why[1024] = "no memory";
	int status = 1, i;

	process_fill_stdio();
	if (argc > 1 && argc < 4 && strcmp(argv[1], "healthcheck") == 0)
		return healthcheck(argc > 2 ? argv[2] : HEALTHCHECK_URL);
	self_start();
	switch (options_parse(&config, argc, argv)) {
	case OPTIONS_RUN:
		break;
	case OPTIONS_DONE:
		return fflush(stdout) == 0 ? 0 : 1;
	case OPTIONS_WRONG:
		return 2;
	}
	settings = settings_load(&config, why, sizeof(why));
	if (settings != NULL && !config.probe)
		web = web_new(config.web_config_file, why, sizeof(why));
	if (settings == NULL || (web == NULL && !config.probe)) {
		fprintf(stderr, "coda56-exporter: %s\n", why);
		status = config.check ? 1 : 2;
		why[0] = '\0';
		goto out;
	}
	if (config.check) {
		status = 0;
		goto out;
	}
	self_loaded(true);
	log_take_libevent();
	signal(SIGPIPE, SIG_IGN);
	if (!config.probe) {
		systemd_start();
		start(&config, process_raise_fds());
	}

	client_config.user_agent = "coda56-exporter/" VERSION;
	client_config.resolv_conf = config.resolv_conf;
	base = base_new();
	if (base == NULL)
		goto out;
	client = cm_client_new(base, &client_config, why, sizeof(why));
	if (client == NULL)
		goto out;
	if (config.probe) {
		why[0] = '\0';	/* it says itself how it went */
		status = command_probe(base, client, &config, settings);
		goto out;
	}
	/* At the end libevent leaves it as it was. */
	signal(SIGHUP, SIG_IGN);
	/* Before anyone can know that there is somebody to send them to. */
	signals.events[0] = evsignal_new(base, SIGTERM, on_signal, &signals);
	signals.events[1] = evsignal_new(base, SIGINT, on_signal, &signals);
	signals.events[2] = evsignal_new(base, SIGHUP, on_hangup, &signals);
	for (i = 0; i < SIGNALS; i++)
		if (signals.events[i] == NULL ||
		    event_add(signals.events[i], NULL) != 0)
			goto out;
	signals.server = server_new(base, &config, settings, web, client,
	    why, sizeof(why));
	if (signals.server == NULL || !systemd_watch(base))
		goto out;
	sandbox_enter(!config.disable_sandbox);
	systemd_notify("READY=1\nSTATUS=serving");
	snprintf(why, sizeof(why), "the event loop failed");
	status = event_base_dispatch(base) < 0;
out:
	if (status != 0 && *why != '\0')
		log_line(LEVEL_ERROR, why, NULL);
	for (i = 0; i < SIGNALS; i++)
		if (signals.events[i] != NULL)
			event_free(signals.events[i]);
	if (signals.server != NULL)
		server_free(signals.server);
	if (client != NULL)
		cm_client_free(client);
	systemd_end();
	if (web != NULL)
		web_free(web);
	if (settings != NULL)
		settings_release(settings);
	if (base != NULL)
		event_base_free(base);
	libevent_global_shutdown();
	return status;
}
