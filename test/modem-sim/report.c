/* SPDX-License-Identifier: MIT */
/* The counters that tests look at, and their JSON. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "report.h"

static void	tally_open(uint64_t *count, uint64_t *open, uint64_t *highest);
static void	tally_reset(struct tally *);
static void	tally_write(const struct tally *, struct evbuffer *);
static void	write_number(struct evbuffer *, const char *key, uint64_t);
static void	write_text(struct evbuffer *, const char *key, const char *);

struct place *
report_place(struct report *r, const char *address)
{
	struct place **link = &r->places;

	while (*link != NULL && strcmp((*link)->text, address) != 0)
		link = &(*link)->next;
	if (*link == NULL) {
		*link = calloc(1, sizeof(**link));
		if (*link == NULL)
			abort();
		memcpy((*link)->text, address, strlen(address) + 1);
	}
	return *link;
}

static void
tally_open(uint64_t *count, uint64_t *open, uint64_t *highest)
{
	(*count)++;
	(*open)++;
	if (*highest < *open)
		*highest = *open;
}

void
report_connection(struct report *r, struct place *place)
{
	struct tally *all = &r->tally, *one = &place->tally;

	tally_open(&all->connections, &all->connections_open,
	    &all->connections_highest);
	tally_open(&one->connections, &one->connections_open,
	    &one->connections_highest);
}

void
report_connection_over(struct report *r, struct place *place)
{
	r->tally.connections_open--;
	place->tally.connections_open--;
}

void
report_request(struct report *r, struct place *place, enum page page,
    const struct http_head *head)
{
	struct tally *all = &r->tally, *one = &place->tally;

	tally_open(&all->requests, &all->requests_open,
	    &all->requests_highest);
	tally_open(&one->requests, &one->requests_open,
	    &one->requests_highest);
	if (page == PAGE_NONE)
		r->unknown_paths++;
	else
		r->requests[page]++;
	r->last = *head;
}

void
report_request_over(struct report *r, struct place *place)
{
	r->tally.requests_open--;
	place->tally.requests_open--;
}

static void
tally_reset(struct tally *t)
{
	*t = (struct tally){
		.connections_open = t->connections_open,
		.connections_highest = t->connections_open,
		.requests_open = t->requests_open,
		.requests_highest = t->requests_open,
	};
}

void
report_reset(struct report *r)
{
	struct report clear = { .tally = r->tally, .places = r->places };
	struct place *place;

	tally_reset(&clear.tally);
	for (place = r->places; place != NULL; place = place->next)
		tally_reset(&place->tally);
	*r = clear;
}

static void
write_number(struct evbuffer *out, const char *key, uint64_t value)
{
	evbuffer_add_printf(out, "\"%s\":%" PRIu64 ",", key, value);
}

static void
write_text(struct evbuffer *out, const char *key, const char *text)
{
	evbuffer_add_printf(out, "\"%s\":\"", key);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		/* Bytes that may be no UTF-8 are shown as Latin-1. */
		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			evbuffer_add_printf(out, "\\u%04x", c);
		else
			evbuffer_add(out, &c, 1);
	}
	evbuffer_add_printf(out, "\"");
}

static void
tally_write(const struct tally *t, struct evbuffer *out)
{
	write_number(out, "connections", t->connections);
	write_number(out, "connections_open", t->connections_open);
	write_number(out, "connections_highest", t->connections_highest);
	write_number(out, "requests_open", t->requests_open);
	write_number(out, "requests_highest", t->requests_highest);
	evbuffer_add_printf(out, "\"requests_total\":%" PRIu64, t->requests);
}

void
report_write(const struct report *r, struct evbuffer *out)
{
	const struct place *place;
	enum page page;

	evbuffer_add_printf(out, "{");
	tally_write(&r->tally, out);
	evbuffer_add_printf(out, ",");
	write_number(out, "handshakes_full", r->handshakes_full);
	write_number(out, "handshakes_resumed", r->handshakes_resumed);
	write_number(out, "handshakes_failed", r->handshakes_failed);
	write_number(out, "unknown_paths", r->unknown_paths);
	write_number(out, "bad_requests", r->bad_requests);
	write_text(out, "server_name", r->server_name);
	evbuffer_add_printf(out, ",");
	write_text(out, "client", r->client);
	evbuffer_add_printf(out, ",\"requests\":{");
	for (page = 0; page < PAGE_NONE; page++)
		evbuffer_add_printf(out, "%s\"%s\":%" PRIu64,
		    page > 0 ? "," : "", page_name(page), r->requests[page]);
	evbuffer_add_printf(out, "},\"last_request\":{");
	write_text(out, "method", r->last.method);
	evbuffer_add_printf(out, ",");
	write_text(out, "path", r->last.path);
	evbuffer_add_printf(out, ",");
	write_text(out, "host", r->last.host);
	evbuffer_add_printf(out, ",");
	write_text(out, "user_agent", r->last.user_agent);
	evbuffer_add_printf(out, ",");
	write_text(out, "connection", r->last.connection);
	evbuffer_add_printf(out, "},\"addresses\":{");
	for (place = r->places; place != NULL; place = place->next) {
		evbuffer_add_printf(out, "\"%s\":{", place->text);
		tally_write(&place->tally, out);
		evbuffer_add_printf(out, "}%s",
		    place->next != NULL ? "," : "");
	}
	evbuffer_add_printf(out, "}}\n");
}

void
report_free(struct report *r)
{
	struct place *place, *next;

	for (place = r->places; place != NULL; place = next) {
		next = place->next;
		free(place);
	}
	r->places = NULL;
}
