/* SPDX-License-Identifier: MIT */
/*
 * modem-sim: cable modems that behave, or do not, for tests. It listens on
 * loopback addresses only; each of them is one modem.  For thousands of them
 * one listener can take all: nobody from elsewhere is let in by it.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "sim.h"
#include "tls.h"

#define LISTENERS_MAX	64

struct options {
	struct {
		struct address address;
		bool tls;
	} listen[LISTENERS_MAX];
	size_t listeners;
	struct address control;
	enum tls_key key;
	const char *certificate;
	int tls_version;
	bool until_eof;
};

enum {
	OPTION_LISTEN = 1000,
	OPTION_CONTROL,
	OPTION_BEHAVE,
	OPTION_KEY,
	OPTION_CERTIFICATE,
	OPTION_TLS,
	OPTION_STILL,
	OPTION_UNTIL_EOF,
	OPTION_HELP
};

static bool	read_options(struct options *, struct sim *, int, char **);
static bool	read_listen(struct options *, const char *text);
static bool	open_doors(struct sim *, struct options *);
static bool	watch(struct sim *, struct options *, struct event **events);
static void	on_signal(evutil_socket_t, short, void *);
static void	on_stdin(evutil_socket_t, short, void *);
static void	usage(FILE *);
static bool	complain(const char *what, const char *text);

static const struct option long_options[] = {
	{ "listen", required_argument, NULL, OPTION_LISTEN },
	{ "control", required_argument, NULL, OPTION_CONTROL },
	{ "behave", required_argument, NULL, OPTION_BEHAVE },
	{ "key", required_argument, NULL, OPTION_KEY },
	{ "certificate", required_argument, NULL, OPTION_CERTIFICATE },
	{ "tls", required_argument, NULL, OPTION_TLS },
	{ "still", no_argument, NULL, OPTION_STILL },
	{ "until-eof", no_argument, NULL, OPTION_UNTIL_EOF },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

enum { EVENT_TERM, EVENT_INT, EVENT_STDIN, EVENTS };

int
main(int argc, char **argv)
{
	static struct options options;
	struct sim sim = { 0 };
	struct event *events[EVENTS] = { NULL };
	int status = 2;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	if (!read_options(&options, &sim, argc, argv))
		goto out;
	sim.started = sim_clock();
	sim.base = event_base_new();
	if (sim.base == NULL)
		goto out;
	if (!watch(&sim, &options, events) || !open_doors(&sim, &options))
		goto out;
	event_base_dispatch(sim.base);
	status = 0;
out:
	conns_free(&sim);
	doors_free(&sim);
	control_free(sim.control);
	for (i = 0; i < EVENTS; i++) {
		if (events[i] != NULL)
			event_free(events[i]);
	}
	if (sim.base != NULL) {
		/* What was freed above is let go in a turn of the loop. */
		event_base_loop(sim.base, EVLOOP_NONBLOCK);
		event_base_free(sim.base);
	}
	rules_clear(&sim.rules);
	report_free(&sim.report);
	tls_free(sim.tls);
	libevent_global_shutdown();
	return status;
}

double
sim_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool
read_options(struct options *o, struct sim *sim, int argc, char **argv)
{
	char error[256];
	int option;

	address_read_port(&o->control, "127.0.0.1:0");
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) !=
	    -1) {
		switch (option) {
		case OPTION_LISTEN:
			if (!read_listen(o, optarg))
				return false;
			break;
		case OPTION_CONTROL:
			if (!address_read_port(&o->control, optarg))
				return complain("no loopback ADDR:PORT",
				    optarg);
			break;
		case OPTION_BEHAVE:
			if (!rules_add(&sim->rules, optarg, error,
			    sizeof(error)))
				return complain(error, optarg);
			break;
		case OPTION_KEY:
			o->key = tls_key_by_name(optarg);
			if (o->key == TLS_KEY_NONE)
				return complain("no such key", optarg);
			break;
		case OPTION_CERTIFICATE:
			o->certificate = optarg;
			break;
		case OPTION_TLS:
			o->tls_version = tls_version_by_name(optarg);
			if (o->tls_version < 0)
				return complain("no such version", optarg);
			break;
		case OPTION_STILL:
			sim->still = true;
			break;
		case OPTION_UNTIL_EOF:
			o->until_eof = true;
			break;
		case OPTION_HELP:
			usage(stdout);
			exit(0);
		default:
			return false;
		}
	}
	if (optind < argc)
		return complain("no operands are known", argv[optind]);
	return o->listeners > 0 || read_listen(o, "https://127.0.0.1:0");
}

static bool
complain(const char *what, const char *text)
{
	fprintf(stderr, "modem-sim: %s: %s\n", what, text);
	return false;
}

static bool
read_listen(struct options *o, const char *text)
{
	bool tls = strncmp(text, "https://", 8) == 0;
	const char *rest = text + (tls ? 8 : 7);

	if (o->listeners == LISTENERS_MAX)
		return complain("too many listeners", text);
	if (!tls && strncmp(text, "http://", 7) != 0)
		return complain("neither http:// nor https://", text);
	if (!address_read_listen(&o->listen[o->listeners].address, rest))
		return complain("no loopback ADDR:PORT", text);
	o->listen[o->listeners].tls = tls;
	o->listeners++;
	return true;
}

static bool
open_doors(struct sim *sim, struct options *o)
{
	char text[ADDRESS_SIZE + 16];
	size_t i;

	for (i = 0; i < o->listeners; i++) {
		struct address *a = &o->listen[i].address;
		bool tls = o->listen[i].tls;

		if (tls && sim->tls == NULL) {
			sim->tls = tls_new(o->key, o->certificate,
			    o->tls_version, conn_on_hello);
			if (sim->tls == NULL)
				return false;
		}
		if (door_new(sim, a, tls) == NULL)
			return complain(a->text, strerror(errno));
		address_write(a, text, sizeof(text));
		printf("listening %s %s\n", tls ? "https" : "http", text);
	}
	sim->control = control_new(sim, &o->control);
	if (sim->control == NULL)
		return complain(o->control.text, strerror(errno));
	address_write(&o->control, text, sizeof(text));
	printf("control %s\nready\n", text);
	return fflush(stdout) == 0;
}

static bool
watch(struct sim *sim, struct options *o, struct event **events)
{
	events[EVENT_TERM] = evsignal_new(sim->base, SIGTERM, on_signal, sim);
	events[EVENT_INT] = evsignal_new(sim->base, SIGINT, on_signal, sim);
	if (events[EVENT_TERM] == NULL || events[EVENT_INT] == NULL ||
	    evsignal_add(events[EVENT_TERM], NULL) != 0 ||
	    evsignal_add(events[EVENT_INT], NULL) != 0)
		return false;
	if (!o->until_eof)
		return true;
	events[EVENT_STDIN] = event_new(sim->base, STDIN_FILENO,
	    EV_READ | EV_PERSIST, on_stdin, sim);
	if (events[EVENT_STDIN] == NULL ||
	    event_add(events[EVENT_STDIN], NULL) != 0)
		return complain("--until-eof", "stdin is no pipe");
	return true;
}

static void
on_signal(evutil_socket_t number, short why, void *arg)
{
	struct sim *sim = arg;

	(void)number;
	(void)why;
	event_base_loopbreak(sim->base);
}

static void
on_stdin(evutil_socket_t fd, short why, void *arg)
{
	struct sim *sim = arg;
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	(void)why;
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		event_base_loopbreak(sim->base);
}

static void
usage(FILE *f)
{
	fprintf(f, "usage: modem-sim [OPTION]...\n\n"
	    "  --listen=SCHEME://ADDR:PORT  http or https, loopback, "
	    "repeatable\n"
	    "                               (https://127.0.0.1:0); "
	    "0.0.0.0 is 127.0.0.0/8,\n"
	    "                               counted as one, each with rules "
	    "of its own\n"
	    "  --control=ADDR:PORT          for tests (127.0.0.1:0)\n"
	    "  --behave=RULE                repeatable\n"
	    "  --key=KIND                   ec256, rsa1024, rsa2048 "
	    "(ec256)\n"
	    "  --certificate=FILE           PEM with a key and its "
	    "certificate, for all\n"
	    "  --tls=VERSION                1.0, 1.1, 1.2, 1.3 alone "
	    "(1.2 and 1.3)\n"
	    "  --still                      values do not drift, counters "
	    "do not count\n"
	    "  --until-eof                  exit when stdin is closed\n"
	    "  --help\n\n"
	    "RULE is [ADDRESS,][PAGE,]NAME[=VALUE]; of rules that exclude "
	    "each other the\nlast holds. On the control port: GET /report, "
	    "POST /reset, GET /behaviours,\nPOST /behave (rules, one per "
	    "line, that replace all others).\n\n"
	    "Behaviours:\n");
	behave_help(f);
}
