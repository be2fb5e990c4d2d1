/* SPDX-License-Identifier: MIT */

/*
 * Clients' connections.  evhttp bounds a request's header and body, but not a
 * chunk's size line, which it searches for its end again with every byte that
 * comes (http.c, evhttp_handle_chunked_read).
 */

#include "guard.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include "tls_server.h"
#include "web.h"

/* What waits at the high-water mark will never be a request. */
static void
on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct bufferevent *bev = arg;
	size_t limit;

	bufferevent_getwatermark(bev, EV_READ, NULL, &limit);
	/* Not at once: evhttp may be reading this very buffer. */
	if (info->n_added > 0 && evbuffer_get_length(input) >= limit)
		bufferevent_trigger_event(bev,
		    BEV_EVENT_EOF | BEV_EVENT_READING,
		    BEV_OPT_DEFER_CALLBACKS);
}

static struct bufferevent *
on_connection(struct event_base *base, void *arg)
{
	struct guard *guard = arg;
	struct bufferevent *bev;
	SSL_CTX *tls;

	web_refresh(guard->web);
	tls = web_tls(guard->web);
	bev = tls != NULL ? tls_server_accept(base, tls) :
	    bufferevent_socket_new(base, -1, 0);
	if (bev == NULL)	/* libevent then makes one without a guard */
		return NULL;
	bufferevent_setwatermark(bev, EV_READ, 0, guard->limit);
	evbuffer_add_cb(bufferevent_get_input(bev), on_input, bev);
	return bev;
}

void
guard_connections(struct evhttp *http, struct guard *guard)
{
	evhttp_set_bevcb(http, on_connection, guard);
}
