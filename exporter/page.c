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

/* Metrics that several replies share. */
struct page_form {
	unsigned		 uses;
	enum cm_format		 format;
	bool			 gzip;
	size_t			 length;
	char			*text;		/* NULL: no memory */
};

static void
free_body(const void *body, size_t length, void *arg)
{
	(void)length;
	(void)arg;
	free((void *)(uintptr_t)body);
}

static const char *
request_header(struct evhttp_request *req, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(req), name);
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

/* Compress a body if that is wanted and worth it, and tell whether it was. */
static char *
pack_body(char *body, size_t *length, bool *gzip)
{
	*gzip = *gzip && body != NULL && *length >= GZIP_MIN &&
	    *length <= UINT32_MAX / 2;
	return *gzip ? compress_body(body, length) : body;
}

/* Send a body, and call `done` when it is not needed any more. */
static void
send_body(struct evhttp_request *req, int status, const char *type,
    const char *body, size_t length, evbuffer_ref_cleanup_cb done, void *arg)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	struct evbuffer *out = evbuffer_new();
	bool failed = body == NULL || out == NULL;
	char number[32];

	/* libevent would send the body of a HEAD too. */
	if (failed || length == 0 ||
	    evhttp_request_get_command(req) == EVHTTP_REQ_HEAD)
		done(body, length, arg);
	else if (evbuffer_add_reference(out, body, length, done, arg) != 0) {
		done(body, length, arg);
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
	/* libevent has no reason phrase for 429. */
	evhttp_send_reply(req, status, status == 429 ? "Too Many Requests" :
	    NULL, out);
	if (out != NULL)
		evbuffer_free(out);
}

void
page_send(struct evhttp_request *req, int status, const char *type, char *body,
    size_t length)
{
	send_body(req, status, type, body, length, free_body, NULL);
}

void
page_send_draft(struct evhttp_request *req, int status, const char *type,
    struct draft *draft)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	bool gzip = page_gzip(req);
	size_t length;
	char *body = draft_take(draft, &length);

	body = pack_body(body, &length, &gzip);
	evhttp_add_header(headers, "Vary", "Accept-Encoding");
	if (gzip && body != NULL)
		evhttp_add_header(headers, "Content-Encoding", "gzip");
	page_send(req, status, type, body, length);
}

enum cm_format
page_format(struct evhttp_request *req)
{
	return negotiate_format(request_header(req, "Accept"));
}

bool
page_gzip(struct evhttp_request *req)
{
	return negotiate_gzip(request_header(req, "Accept-Encoding"));
}

struct page_form *
page_form_new(enum cm_format format, bool gzip, struct cm_text *text)
{
	struct page_form *form = calloc(1, sizeof(*form));
	size_t length = 0;
	char *body = text != NULL ? cm_text_finish(text, &length) : NULL;

	if (form == NULL) {
		free(body);
		return NULL;
	}
	form->uses = 1;
	form->format = format;
	form->length = length;
	form->gzip = gzip;
	form->text = pack_body(body, &form->length, &form->gzip);
	return form;
}

void
page_form_free(struct page_form *form)
{
	if (form == NULL || --form->uses > 0)
		return;
	free(form->text);
	free(form);
}

static void
release_form(const void *body, size_t length, void *arg)
{
	(void)body;
	(void)length;
	page_form_free(arg);
}

void
page_send_form(struct evhttp_request *req, struct page_form *form)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);

	if (form == NULL) {
		page_line(req, 500, "no memory for an answer");
		return;
	}
	evhttp_add_header(headers, "Vary", "Accept, Accept-Encoding");
	if (form->gzip && form->text != NULL)
		evhttp_add_header(headers, "Content-Encoding", "gzip");
	form->uses++;
	send_body(req, 200, cm_text_content_type(form->format), form->text,
	    form->length, release_form, form);
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
