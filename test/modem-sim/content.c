/* SPDX-License-Identifier: MIT */
/*
 * What is answered: a page or something instead of it (STAGE_CONTENT), and
 * what becomes of that body on its way (STAGE_CHANGE).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "content.h"
#include "http.h"

#define DEPTH		100000
#define HUGE_BODY	(2 * 1024 * 1024)
#define FILE_MAX	(4 * 1024 * 1024)
#define STORED_MAX	65535	/* of a stored block of deflate */

static void	content_error(struct content *, const char *code,
		    const char *reason);
static void	content_instead(struct content *, const struct rule *);
static void	content_change(struct content *, const struct question *);
static bool	read_file(struct evbuffer *, const char *path);
static void	repeat(struct evbuffer *, char, size_t count);
static void	spoil(struct evbuffer *, enum page);
static void	pack(struct evbuffer *);
static uint32_t	crc32_of(const unsigned char *, size_t);
static void	add_little_endian(struct evbuffer *, uint32_t, int bytes);

void
content_make(struct content *c, const struct question *q,
    struct evbuffer *body)
{
	const struct rule *rule = rules_last(q->rules, q->address, q->page,
	    STAGE_CONTENT);

	*c = (struct content){
		.code = "200",
		.reason = "OK",
		.headers = "",
		.body = body,
	};
	if (q->head == NULL)
		content_error(c, "400", "Bad Request");
	else if (rule != NULL)
		content_instead(c, rule);
	else if (strcmp(q->head->method, "GET") != 0 &&
	    strcmp(q->head->method, "HEAD") != 0)
		content_error(c, "405", "Method Not Allowed");
	else if (q->page == PAGE_NONE)
		content_error(c, "404", "Site or Page Not Found");
	else
		page_write(body, q->page, &q->now);
	content_change(c, q);
}

/* In the manner of GoAhead. */
static void
content_error(struct content *c, const char *code, const char *reason)
{
	c->code = code;
	c->reason = reason;
	evbuffer_drain(c->body, evbuffer_get_length(c->body));
	evbuffer_add_printf(c->body, "<html><head><title>Document Error: %s"
	    "</title></head>\r\n\t\t<body><h2>Access Error: %s</h2>\r\n"
	    "\t\t<p>%s is what there is to say.</p></body></html>\r\n",
	    reason, reason, code);
}

static void
content_instead(struct content *c, const struct rule *rule)
{
	switch (rule->what) {
	case BEHAVE_STATUS:
		content_error(c, rule->text, "As You Wish");
		break;
	case BEHAVE_REDIRECT:
		c->code = "302";
		c->reason = "Redirect";
		c->headers = "Location: /login.html\r\n";
		evbuffer_add_printf(c->body, "<html><head></head><body>\r\n"
		    "\t\tPlease go to <a href=\"/login.html\">the login page"
		    "</a>.\r\n\t\t</body></html>\r\n");
		break;
	case BEHAVE_LOGIN:
		evbuffer_add_printf(c->body, "<!DOCTYPE html>\n<html><head>"
		    "<title>Login</title></head>\n<body><form method=\"post\""
		    " action=\"/goform/login\">\n<input name=\"user\">"
		    "<input name=\"pwd\" type=\"password\">\n</form></body>"
		    "</html>\n");
		break;
	case BEHAVE_EMPTY_ARRAY:
		evbuffer_add_printf(c->body, "[]");
		break;
	case BEHAVE_NOT_JSON:
		evbuffer_add_printf(c->body, "The modem is busy. "
		    "[{\"portId\":\"1\"} and so on.\n");
		break;
	case BEHAVE_DEEP:
		repeat(c->body, '[', DEPTH);
		repeat(c->body, ']', DEPTH);
		break;
	case BEHAVE_HUGE_BODY:
		c->lengthed = true;
		evbuffer_add_printf(c->body, "[{\"filler\":\"");
		repeat(c->body, 'a', HUGE_BODY - 16);
		evbuffer_add_printf(c->body, "\"}]\n");
		break;
	case BEHAVE_ENDLESS:
		evbuffer_add_printf(c->body, "[");
		c->filler = "{\"portId\":\"1\",\"frequency\":\"387000000\"},";
		break;
	case BEHAVE_BODY:
		if (!read_file(c->body, rule->text))
			content_error(c, "500", "No Such File Here");
		break;
	default:		/* BEHAVE_EMPTY */
		break;
	}
}

static bool
read_file(struct evbuffer *out, const char *path)
{
	FILE *f = fopen(path, "rb");
	bool ok = f != NULL;
	size_t total = 0, n;
	char bytes[16384];

	while (ok && total < FILE_MAX &&
	    (n = fread(bytes, 1, sizeof(bytes), f)) > 0) {
		if (n > FILE_MAX - total)
			n = FILE_MAX - total;
		evbuffer_add(out, bytes, n);
		total += n;
	}
	ok = ok && !ferror(f);
	if (!ok)
		fprintf(stderr, "modem-sim: %s: %s\n", path, strerror(errno));
	if (f != NULL)
		fclose(f);
	return ok;
}

static void
repeat(struct evbuffer *out, char c, size_t count)
{
	char run[4096];
	size_t n;

	memset(run, c, sizeof(run));
	for (; count > 0; count -= n) {
		n = count < sizeof(run) ? count : sizeof(run);
		evbuffer_add(out, run, n);
	}
}

static void
content_change(struct content *c, const struct question *q)
{
	const struct rules *rules = q->rules;

	if (rules_find(rules, q->address, q->page, BEHAVE_INVALID_UTF8) !=
	    NULL)
		spoil(c->body, q->page);
	if (rules_find(rules, q->address, q->page, BEHAVE_BOM) != NULL)
		evbuffer_prepend(c->body, "\xef\xbb\xbf", 3);
	if (rules_find(rules, q->address, q->page, BEHAVE_TRAILING) != NULL)
		evbuffer_add_printf(c->body, "garbage");
	if (c->filler == NULL && rules_find(rules, q->address, q->page,
	    BEHAVE_GZIP) != NULL) {
		pack(c->body);
		c->headers = "Content-Encoding: gzip\r\n";
	}
}

/*
 * The first text value of the page becomes what is no UTF-8: a byte that never
 * occurs and, if there is room, the first of two bytes just before the quote.
 */
static void
spoil(struct evbuffer *body, enum page page)
{
	struct evbuffer_ptr at;
	unsigned char *bytes, *value, *end;
	char key[64];
	size_t len, left;

	if (page == PAGE_NONE)
		return;
	len = (size_t)snprintf(key, sizeof(key), "\"%s\"",
	    page_text_key(page));
	at = evbuffer_search(body, key, len, NULL);
	bytes = evbuffer_pullup(body, -1);
	if (at.pos < 0 || bytes == NULL)
		return;
	bytes += (size_t)at.pos + len;
	left = evbuffer_get_length(body) - (size_t)at.pos - len;
	value = memchr(bytes, '"', left);
	if (value == NULL)
		return;
	value++;
	end = memchr(value, '"', left - (size_t)(value - bytes));
	if (end == NULL || end == value)
		return;
	end[-1] = 0xc3;
	value[0] = 0xff;
}

/* gzip in stored blocks: real, and without a library. */
static void
pack(struct evbuffer *body)
{
	static const unsigned char head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0,
	    0, 3 };
	size_t len = evbuffer_get_length(body), at = 0, n;
	unsigned char *bytes = malloc(len + 1);

	if (bytes == NULL)
		abort();
	evbuffer_remove(body, bytes, len);
	evbuffer_add(body, head, sizeof(head));
	do {
		n = len - at < STORED_MAX ? len - at : STORED_MAX;
		add_little_endian(body, at + n == len, 1);	/* the last? */
		add_little_endian(body, (uint32_t)n, 2);
		add_little_endian(body, ~(uint32_t)n, 2);
		evbuffer_add(body, bytes + at, n);
		at += n;
	} while (at < len);
	add_little_endian(body, crc32_of(bytes, len), 4);
	add_little_endian(body, (uint32_t)len, 4);
	free(bytes);
}

static uint32_t
crc32_of(const unsigned char *bytes, size_t len)
{
	uint32_t crc = UINT32_MAX;
	size_t i;
	int bit;

	for (i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void
add_little_endian(struct evbuffer *out, uint32_t value, int bytes)
{
	for (; bytes > 0; bytes--, value >>= 8) {
		unsigned char byte = value & 0xff;

		evbuffer_add(out, &byte, 1);
	}
}
