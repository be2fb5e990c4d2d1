/* SPDX-License-Identifier: MIT */

/*
 * Replies.  evhttp_send_error() is not used: it answers with HTML, and writes
 * its reason unescaped into it.
 */

#include "page.h"

#include <event2/buffer.h>
#include <event2/http.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cablemodem.h"
#include "negotiate.h"

/* A page that fits a packet or two gains nothing by compression. */
#define GZIP_MIN 1024

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
	bool failed = body == NULL || out == NULL;
	char number[32];

	/* libevent would send the body of a HEAD too. */
	if (failed || length == 0 ||
	    evhttp_request_get_command(req) == EVHTTP_REQ_HEAD)
		free(body);
	else if (evbuffer_add_reference(out, body, length, free_body, NULL)) {
		free(body);
		failed = true;
	}
	if (failed) {
		status = 500;
		length = 0;
	}
	snprintf(number, sizeof(number), "%zu", length);
	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Content-Length", number);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	/* The web configuration may have said so already. */
	evhttp_remove_header(headers, "X-Content-Type-Options");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	/* libevent has no words for it, and takes none but literals. */
	evhttp_send_reply(req, status, status == 429 ? "Too Many Requests" :
	    NULL, out);
	if (out != NULL)
		evbuffer_free(out);
}

static const char *
request_header(struct evhttp_request *req, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(req), name);
}

enum cm_format
page_format(struct evhttp_request *req)
{
	return negotiate_format(request_header(req, "Accept"));
}

/*
 * Compress a body, which is freed; gives the compressed one, or NULL.  The
 * fastest level: a page shrinks to an eighth with it, and to a tenth with
 * others that take several times as long.
 */
static char *
compress_body(char *body, size_t *length)
{
	z_stream z = { .next_in = (Bytef *)body, .avail_in = (uInt)*length };
	char *out = NULL;
	size_t room;

	/* 16 more than the window's bits: a gzip header (zlib.h). */
	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8,
	    Z_DEFAULT_STRATEGY) == Z_OK) {
		room = deflateBound(&z, (uLong)*length);
		out = malloc(room);
		z.next_out = (Bytef *)out;
		z.avail_out = (uInt)room;
		if (out != NULL && deflate(&z, Z_FINISH) != Z_STREAM_END) {
			free(out);
			out = NULL;
		}
		*length = z.total_out;
		deflateEnd(&z);
	}
	free(body);
	return out;
}

void
page_metrics(struct evhttp_request *req, enum cm_format format,
    struct cm_text *text)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	size_t length = 0;
	char *body = text != NULL ? cm_text_finish(text, &length) : NULL;

	evhttp_add_header(headers, "Vary", "Accept, Accept-Encoding");
	if (body != NULL && length >= GZIP_MIN && length <= UINT32_MAX / 2 &&
	    negotiate_gzip(request_header(req, "Accept-Encoding"))) {
		body = compress_body(body, &length);
		if (body != NULL)
			evhttp_add_header(headers, "Content-Encoding", "gzip");
	}
	page_send(req, 200, cm_text_content_type(format), body, length);
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
