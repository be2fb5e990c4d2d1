/* SPDX-License-Identifier: MIT */

/*
 * Replies.  evhttp_send_error() is not used: it answers with HTML, and writes
 * its reason unescaped into it.
 */

#include "page.h"

#include <event2/buffer.h>
#include <event2/http.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cablemodem.h"

static void
free_body(const void *body, size_t length, void *arg)
{
	(void)length;
	(void)arg;
	free((void *)(uintptr_t)body);
}

void
page_send(struct evhttp_request *req, int status, const char *type, char *body,
    size_t length)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	struct evbuffer *out = evbuffer_new();
	char number[32];

	if (body == NULL || out == NULL) {
		status = 500;
		length = 0;
	}
	snprintf(number, sizeof(number), "%zu", length);
	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Content-Length", number);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	/* libevent would send the body of a HEAD too. */
	if (evhttp_request_get_command(req) == EVHTTP_REQ_HEAD || length == 0 ||
	    evbuffer_add_reference(out, body, length, free_body, NULL) != 0)
		free(body);
	evhttp_send_reply(req, status, NULL, out);
	if (out != NULL)
		evbuffer_free(out);
}

void
page_line(struct evhttp_request *req, int status, const char *text)
{
	size_t n = 0, room = 4 * strlen(text) + 2;
	char *line = malloc(room);

	if (line != NULL) {
		n = cm_escape(line, room, text);
		line[n++] = '\n';
	}
	page_send(req, status, "text/plain; charset=utf-8", line, n);
}
