/* SPDX-License-Identifier: MIT */
/*
 * Scrapes an exporter and says how long it took.
 *
 *	usage: load ADDRESS PORT COUNT AT-ONCE RATE <PATHS
 *
 * COUNT requests, for the paths on standard input in turn, on at most AT-ONCE
 * connections that are kept. With a RATE, so many start each second, and their
 * times count from when they were to start; with 0, each connection asks as
 * soon as it can, and for paths of its own if their number is a multiple of
 * AT-ONCE, so that the exporter cannot answer two requests by one probe.
 *
 * An answer is a failure if its status is not 200, or if it has the line
 * "probe_success 0"; the first one is shown on stderr.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "stats.h"

struct client {
	struct evhttp_connection *evcon;
	size_t		 number;	/* of the client */
	size_t		 asked;		/* requests by it */
	const char	*path;		/* that is asked for */
	double		 began;
	struct client	*next;		/* of those that are free */
};

static struct {
	struct event_base *base;
	struct event	*timer;
	const char	*address;
	unsigned short	 port;
	char		**paths;
	size_t		 path_count;
	struct client	*clients;
	size_t		 client_count, client_max;
	struct client	*free;
	double		 rate;		/* 0: as fast as it goes */
	double		 began;
	double		*walls;
	size_t		 count, started, done, failed;
} load;

static void	 read_paths(void);
static void	 start_due(void);
static size_t	 due(void);
static struct client *client_get(void);
static void	 client_ask(struct client *);
static void	 on_answer(struct evhttp_request *, void *);
static bool	 answer_failed(struct evhttp_request *);
static void	 on_timer(evutil_socket_t, short, void *);

int
main(int argc, char **argv)
{
	struct event_config *config = event_config_new();
	double took;

	if (argc != 6)
		errx(2, "usage: load ADDRESS PORT COUNT AT-ONCE RATE <PATHS");
	load.address = argv[1];
	load.port = (unsigned short)strtoul(argv[2], NULL, 10);
	load.count = strtoul(argv[3], NULL, 10);
	load.client_max = strtoul(argv[4], NULL, 10);
	load.rate = strtod(argv[5], NULL);
	if (load.count == 0 || load.client_max == 0)
		errx(2, "nothing to do");
	read_paths();
	if (config == NULL || event_config_set_flag(config,
	    EVENT_BASE_FLAG_PRECISE_TIMER) != 0)
		errx(1, "libevent");
	load.base = event_base_new_with_config(config);
	event_config_free(config);
	load.clients = calloc(load.client_max, sizeof(*load.clients));
	load.walls = calloc(load.count, sizeof(*load.walls));
	if (load.base == NULL || load.clients == NULL || load.walls == NULL)
		err(1, "load");
	load.timer = evtimer_new(load.base, on_timer, NULL);
	if (load.timer == NULL)
		err(1, "load");

	load.began = stats_clock();
	start_due();
	event_base_dispatch(load.base);
	took = stats_clock() - load.began;

	printf("{\"count\": %zu, \"failed\": %zu, \"seconds\": %.9f, "
	    "\"connections\": %zu, ", load.count, load.failed, took,
	    load.client_count);
	stats_print(load.walls, load.count);
	printf("}\n");
	return 0;
}

static void
read_paths(void)
{
	char line[1024];
	size_t room = 0;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (load.path_count == room) {
			room = 2 * room + 64;
			load.paths = realloc(load.paths,
			    room * sizeof(*load.paths));
			if (load.paths == NULL)
				err(1, "load");
		}
		load.paths[load.path_count] = strdup(line);
		if (load.paths[load.path_count++] == NULL)
			err(1, "load");
	}
	if (load.path_count == 0)
		errx(2, "no paths on standard input");
}

/* Start what is due, and come back when the next one is. */
static void
start_due(void)
{
	struct client *c;
	struct timeval wait;
	double next;

	while (load.started < due() && (c = client_get()) != NULL)
		client_ask(c);
	if (load.rate == 0 || load.started == load.count)
		return;
	next = load.began + (double)load.started / load.rate - stats_clock();
	if (next < 0)
		return;		/* an answer will bring us back */
	wait.tv_sec = (time_t)next;
	wait.tv_usec = (suseconds_t)((next - (double)wait.tv_sec) * 1e6) + 1;
	evtimer_add(load.timer, &wait);
}

/* How many requests are to have started by now. */
static size_t
due(void)
{
	double n = (stats_clock() - load.began) * load.rate + 1;

	return load.rate == 0 || n > (double)load.count ? load.count :
	    (size_t)n;
}

static struct client *
client_get(void)
{
	struct client *c = load.free;

	if (c != NULL) {
		load.free = c->next;
		return c;
	}
	if (load.client_count == load.client_max)
		return NULL;
	c = &load.clients[load.client_count];
	c->number = load.client_count++;
	c->evcon = evhttp_connection_base_new(load.base, NULL, load.address,
	    load.port);
	if (c->evcon == NULL)
		err(1, "connection");
	evhttp_connection_set_timeout(c->evcon, 300);
	return c;
}

static void
client_ask(struct client *c)
{
	struct evhttp_request *req = evhttp_request_new(on_answer, c);
	size_t n = load.rate == 0 ? c->number + c->asked * load.client_max :
	    load.started;

	c->began = load.rate == 0 ? stats_clock() :
	    load.began + (double)load.started / load.rate;
	c->path = load.paths[n % load.path_count];
	c->asked++;
	load.started++;
	if (req == NULL || evhttp_add_header(
	    evhttp_request_get_output_headers(req), "Host", load.address) !=
	    0 || evhttp_make_request(c->evcon, req, EVHTTP_REQ_GET,
	    c->path) != 0)
		errx(1, "no request could be made");
}

static void
on_answer(struct evhttp_request *req, void *arg)
{
	struct client *c = arg;

	if (answer_failed(req) && load.failed++ == 0)
		fprintf(stderr, "load: %s failed, status %d, after %.3f s\n",
		    c->path, req == NULL ? 0 :
		    evhttp_request_get_response_code(req),
		    stats_clock() - c->began);
	load.walls[load.done++] = stats_clock() - c->began;
	c->next = load.free;
	load.free = c;
	if (load.done == load.count)
		event_base_loopbreak(load.base);
	else
		start_due();
}

static bool
answer_failed(struct evhttp_request *req)
{
	static const char line[] = "\nprobe_success 0\n";
	struct evbuffer_ptr found;

	if (req == NULL || evhttp_request_get_response_code(req) != 200)
		return true;
	found = evbuffer_search(evhttp_request_get_input_buffer(req), line,
	    sizeof(line) - 1, NULL);
	return found.pos >= 0;
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	start_due();
}
