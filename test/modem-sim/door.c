/* SPDX-License-Identifier: MIT */
/*
 * The listeners. What a door does is a function of the rules and of the
 * connections that are open; door_settle() moves it there.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/listener.h>

#include "sim.h"

#define BACKLOG		4096	/* thousands of modems may share a door */
#define PLUGS		4

enum door_state {
	DOOR_OPEN,
	DOOR_HELD,	/* connections wait in the kernel */
	DOOR_SILENT,	/* the kernel drops SYNs: its queue is full */
	DOOR_REFUSED	/* bound, not listening */
};

struct door {
	struct sim *sim;
	struct place *place;
	struct address address;
	bool tls;
	enum door_state state;
	struct evconnlistener *listener;	/* NULL if refused */
	evutil_socket_t held;			/* -1 unless refused */
	evutil_socket_t plugs[PLUGS];
	struct event *again;			/* after a failed accept() */
	struct door *next;
};

static void	door_settle(struct door *);
static enum door_state door_wanted(const struct door *);
static bool	door_listen(struct door *);
static void	door_refuse(struct door *);
static void	door_plug(struct door *);
static void	door_unplug(struct door *);
static void	door_free(struct door *);
static void	on_accept(struct evconnlistener *, evutil_socket_t,
		    struct sockaddr *, int, void *);
static void	on_accept_error(struct evconnlistener *, void *);
static void	on_again(evutil_socket_t, short, void *);

struct door *
door_new(struct sim *sim, struct address *address, bool tls)
{
	struct door *d = calloc(1, sizeof(*d));
	struct door **link = &sim->doors;
	size_t i;

	if (d == NULL)
		abort();
	d->sim = sim;
	d->tls = tls;
	for (i = 0; i < PLUGS; i++)
		d->plugs[i] = -1;
	d->held = address_bind(address);
	d->address = *address;
	d->place = report_place(&sim->report, address->text);
	d->again = evtimer_new(sim->base, on_again, d);
	if (d->held < 0 || d->again == NULL || !door_listen(d)) {
		door_free(d);
		return NULL;
	}
	while (*link != NULL)
		link = &(*link)->next;
	*link = d;
	door_settle(d);
	return d;
}

static bool
door_listen(struct door *d)
{
	if (d->held < 0)
		d->held = address_bind(&d->address);
	if (d->held < 0)
		return false;
	d->listener = evconnlistener_new(d->sim->base, on_accept, d,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, d->held);
	if (d->listener == NULL)
		return false;
	evconnlistener_set_error_cb(d->listener, on_accept_error);
	d->held = -1;
	d->state = DOOR_OPEN;
	return true;
}

void
doors_settle(struct sim *sim)
{
	struct door *d;

	for (d = sim->doors; d != NULL; d = d->next)
		door_settle(d);
}

static enum door_state
door_wanted(const struct door *d)
{
	const struct rules *rules = &d->sim->rules;
	const char *address = d->address.text;

	if (rules_find(rules, address, PAGE_NONE, BEHAVE_REFUSE) != NULL)
		return DOOR_REFUSED;
	if (rules_find(rules, address, PAGE_NONE, BEHAVE_SILENT) != NULL)
		return DOOR_SILENT;
	if (rules_find(rules, address, PAGE_NONE, BEHAVE_ONE_CONNECTION) !=
	    NULL && d->place->tally.connections_open > 0)
		return DOOR_HELD;
	return DOOR_OPEN;
}

static void
door_settle(struct door *d)
{
	enum door_state wanted = door_wanted(d);

	if (wanted == d->state)
		return;
	/* First back to open, then to where it should be. */
	if (d->state == DOOR_REFUSED && !door_listen(d)) {
		fprintf(stderr, "modem-sim: %s port %d cannot be opened "
		    "again: %s\n", d->address.text, address_port(&d->address),
		    strerror(errno));
		return;
	}
	if (d->state == DOOR_SILENT)
		door_unplug(d);
	if (wanted == DOOR_REFUSED)
		door_refuse(d);
	else if (wanted == DOOR_SILENT)
		door_plug(d);
	else if (wanted == DOOR_HELD)
		evconnlistener_disable(d->listener);
	else
		evconnlistener_enable(d->listener);
	d->state = wanted;
}

/* The port stays bound, so that nobody else gets it meanwhile. */
static void
door_refuse(struct door *d)
{
	evconnlistener_free(d->listener);
	d->listener = NULL;
	d->held = address_bind(&d->address);
}

/*
 * With a backlog of 0 one connection fills the queue of the kernel; from then
 * on Linux drops SYNs. More plugs than one cost nothing.
 */
static void
door_plug(struct door *d)
{
	evutil_socket_t fd = evconnlistener_get_fd(d->listener);
	size_t i;

	evconnlistener_disable(d->listener);
	listen(fd, 0);
	for (i = 0; i < PLUGS; i++) {
		d->plugs[i] = socket(d->address.ss.ss_family, SOCK_STREAM, 0);
		if (d->plugs[i] < 0)
			continue;
		evutil_make_socket_nonblocking(d->plugs[i]);
		evutil_make_socket_closeonexec(d->plugs[i]);
		connect(d->plugs[i], (struct sockaddr *)&d->address.ss,
		    d->address.len);
	}
}

static void
door_unplug(struct door *d)
{
	evutil_socket_t fd = evconnlistener_get_fd(d->listener);
	evutil_socket_t pending;
	size_t i;

	for (i = 0; i < PLUGS; i++) {
		if (d->plugs[i] >= 0)
			evutil_closesocket(d->plugs[i]);
		d->plugs[i] = -1;
	}
	while ((pending = accept(fd, NULL, NULL)) >= 0)
		evutil_closesocket(pending);
	listen(fd, BACKLOG);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int len, void *arg)
{
	struct door *d = arg;
	struct report *report = &d->sim->report;
	bool busy = d->place->tally.connections_open > 0;

	(void)listener;
	if (!address_is_loopback(from)) {
		evutil_closesocket(fd);
		return;
	}
	report_connection(report, d->place);
	getnameinfo(from, (socklen_t)len, report->client,
	    sizeof(report->client), NULL, 0, NI_NUMERICHOST);
	if (busy && rules_find(&d->sim->rules, d->address.text, PAGE_NONE,
	    BEHAVE_ONE_CONNECTION_RESET) != NULL) {
		socket_reset_on_close(fd);
		evutil_closesocket(fd);
		report_connection_over(report, d->place);
		return;
	}
	conn_new(d->sim, d->place, fd, d->tls);
	doors_settle(d->sim);
}

/* Out of descriptors: libevent would try again without a pause. */
static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	const struct timeval pause = { .tv_usec = 100000 };
	struct door *d = arg;

	fprintf(stderr, "modem-sim: accept: %s\n", strerror(errno));
	evconnlistener_disable(listener);
	evtimer_add(d->again, &pause);
}

static void
on_again(evutil_socket_t fd, short why, void *arg)
{
	struct door *d = arg;

	(void)fd;
	(void)why;
	if (d->state == DOOR_OPEN)
		evconnlistener_enable(d->listener);
}

static void
door_free(struct door *d)
{
	size_t i;

	if (d->listener != NULL)
		evconnlistener_free(d->listener);
	if (d->held >= 0)
		evutil_closesocket(d->held);
	for (i = 0; i < PLUGS; i++) {
		if (d->plugs[i] >= 0)
			evutil_closesocket(d->plugs[i]);
	}
	if (d->again != NULL)
		event_free(d->again);
	free(d);
}

void
doors_free(struct sim *sim)
{
	struct door *d;

	while ((d = sim->doors) != NULL) {
		sim->doors = d->next;
		door_free(d);
	}
}
