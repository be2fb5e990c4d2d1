/* SPDX-License-Identifier: MIT */
/*
 * The bytes of an answer: content, how its end is marked (STAGE_FRAME), what
 * is added to its head (STAGE_HEAD), where it breaks off (STAGE_CUT).
 */
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "answer.h"
#include "http.h"

#define FILLER_MAX	((size_t)64 * 1024 * 1024)
#define PIECE		65536
#define LONG_FILLER	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct frame {
	const char *version;
	bool length;
	bool chunks;
	bool keeps;		/* the connection, if the client would */
	const char *says;	/* Connection, unless it says close */
};

/* As stock firmware answers. */
static const struct frame plain = { "1.0", false, false, false, NULL };
/* What is cut must have said how long it would have been. */
static const struct frame plain_length = { "1.0", true, false, false, NULL };

static const struct frame frames[BEHAVE_COUNT] = {
	[BEHAVE_LENGTH] = { "1.1", true, false, true, "keep-alive" },
	[BEHAVE_LENGTH_1_0] = { "1.0", true, false, true, "Keep-Alive" },
	[BEHAVE_LENGTH_SILENT] = { "1.0", true, false, true, NULL },
	[BEHAVE_EXTRA] = { "1.1", true, false, true, "keep-alive" },
	/* Kept without a word, as HTTP/1.1 allows. */
	[BEHAVE_CHUNKED] = { "1.1", false, true, true, NULL },
	[BEHAVE_BAD_CHUNK] = { "1.1", false, true, false, NULL },
	[BEHAVE_HUGE_CHUNK_LINE] = { "1.1", false, true, false, NULL },
	[BEHAVE_TWO_LENGTHS] = { "1.1", true, false, false, NULL },
	[BEHAVE_LIE_KEEPALIVE] = { "1.1", true, false, false, "keep-alive" },
	[BEHAVE_KEEPALIVE_NO_LENGTH] = { "1.1", false, false, false,
	    "keep-alive" },
};

struct draft {
	const struct question *q;
	const struct frame *frame;
	enum behaviour framing;		/* BEHAVE_COUNT: none asked for */
	enum behaviour cut;		/* BEHAVE_COUNT: none asked for */
	struct content content;
	struct evbuffer *head;
	bool keep;
};

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define LONG_NOTE LONG_FILLER LONG_FILLER LONG_FILLER LONG_FILLER

/* Instead of an answer: a beginning, and what is sent over and over. */
static const struct {
	const char *start;
	const char *filler;	/* NULL: it is none of these */
} endless[BEHAVE_COUNT] = {
	[BEHAVE_ENDLESS_STATUS] = { "HTTP/1.1 200 ", LONG_FILLER },
	[BEHAVE_ENDLESS_CONTINUE] = { "",
	    "HTTP/1.1 100 Continue\r\nX-Filler: a\r\n\r\n" },
	[BEHAVE_ENDLESS_TRAILERS] = { CHUNKED "2\r\n[]\r\n0\r\n",
	    "X-Filler: a\r\n" },
	[BEHAVE_ENDLESS_CHUNK] = { CHUNKED "7fffffffffffffff\r\n",
	    LONG_FILLER },
	[BEHAVE_ENDLESS_TINY_CHUNKS] = { CHUNKED, "1\r\n \r\n" },
	[BEHAVE_ENDLESS_CHUNK_NOTES] = { CHUNKED,
	    "1 ;note=" LONG_NOTE "\r\n \r\n" },
};

static bool	answer_instead(struct answer *, const struct question *);
static enum behaviour draft_rule(const struct question *, enum stage);
static bool	draft_has(const struct draft *, enum behaviour);
static void	draft_frame(struct draft *);
static void	draft_head(struct draft *);
static void	draft_body(struct draft *, struct answer *);
static void	add_chunks(struct evbuffer *to, struct evbuffer *from,
		    size_t chunks);
static void	draft_send(struct draft *, struct answer *);
static void	fill(struct answer *, const char *filler);
static struct evbuffer *buffer_new(void);

static struct evbuffer *
buffer_new(void)
{
	struct evbuffer *b = evbuffer_new();

	if (b == NULL)
		abort();
	return b;
}

void
answer_make(struct answer *a, const struct question *q)
{
	struct draft d = { .q = q };
	const struct rule *drip = rules_find(q->rules, q->address, q->page,
	    BEHAVE_DRIP);
	struct evbuffer *body;

	*a = (struct answer){ .bytes = buffer_new() };
	if (drip != NULL)
		a->drip_ms = drip->ms;
	if (q->head != NULL && answer_instead(a, q))
		return;
	body = buffer_new();
	d.head = buffer_new();
	d.framing = draft_rule(q, STAGE_FRAME);
	d.cut = draft_rule(q, STAGE_CUT);
	content_make(&d.content, q, body);
	draft_frame(&d);
	draft_head(&d);
	draft_body(&d, a);
	draft_send(&d, a);
	evbuffer_free(d.head);
	evbuffer_free(body);
}

void
answer_clear(struct answer *a)
{
	if (a->bytes != NULL)
		evbuffer_free(a->bytes);
	*a = (struct answer){ 0 };
}

bool
answer_next(struct answer *a, struct evbuffer *to)
{
	size_t len = a->filler == NULL ? 0 : strlen(a->filler);
	size_t piece = 0;

	if (evbuffer_get_length(a->bytes) == 0 && len > 0) {
		for (; piece < PIECE && a->filler_left >= len; piece += len) {
			evbuffer_add(a->bytes, a->filler, len);
			a->filler_left -= len;
		}
	}
	if (evbuffer_get_length(a->bytes) == 0)
		return false;
	if (a->drip_ms > 0)
		evbuffer_remove_buffer(a->bytes, to, 1);
	else
		evbuffer_add_buffer(to, a->bytes);
	return true;
}

static bool
answer_instead(struct answer *a, const struct question *q)
{
	enum behaviour what = draft_rule(q, STAGE_INSTEAD);

	if ((what == BEHAVE_HANG_SECOND || what == BEHAVE_RESET_SECOND) &&
	    q->before == 0)
		return false;
	if (what < BEHAVE_COUNT && endless[what].filler != NULL) {
		evbuffer_add_printf(a->bytes, "%s", endless[what].start);
		fill(a, endless[what].filler);
		a->end = ANSWER_CLOSE;
		return true;
	}
	switch (what) {
	case BEHAVE_HANG:
	case BEHAVE_HANG_SECOND:
		a->end = ANSWER_HANG;
		return true;
	case BEHAVE_CLOSE:
		a->end = ANSWER_CLOSE;
		return true;
	case BEHAVE_RESET:
	case BEHAVE_RESET_SECOND:
		a->end = ANSWER_RESET;
		return true;
	case BEHAVE_NOT_HTTP:
		evbuffer_add_printf(a->bytes, "220 coda ready\r\n%c%c%c%c"
		    "\r\n500 what?\r\n", 0x01, 0x7f, 0x80, 0xff);
		a->end = ANSWER_CLOSE;
		return true;
	default:
		return false;
	}
}

static enum behaviour
draft_rule(const struct question *q, enum stage stage)
{
	const struct rule *rule = rules_last(q->rules, q->address, q->page,
	    stage);

	return rule == NULL ? BEHAVE_COUNT : rule->what;
}

static bool
draft_has(const struct draft *d, enum behaviour what)
{
	return rules_find(d->q->rules, d->q->address, d->q->page, what) !=
	    NULL;
}

static void
draft_frame(struct draft *d)
{
	if (d->content.filler != NULL || d->cut == BEHAVE_CUT_UNLENGTHED)
		d->framing = BEHAVE_COUNT;
	else if (d->framing == BEHAVE_COUNT && d->content.lengthed)
		d->framing = BEHAVE_LENGTH;
	if (d->framing != BEHAVE_COUNT)
		d->frame = &frames[d->framing];
	else
		d->frame = d->cut == BEHAVE_CUT ? &plain_length : &plain;
	d->keep = d->frame->keeps && d->q->head != NULL &&
	    d->q->head->keep_alive && !d->q->head->has_body;
}

/* All lines but the empty one that ends them. */
static void
draft_head(struct draft *d)
{
	size_t len = evbuffer_get_length(d->content.body);
	struct evbuffer *out = d->head;

	if (draft_has(d, BEHAVE_CONTINUE))
		evbuffer_add_printf(out, "HTTP/1.1 100 Continue\r\n\r\n");
	evbuffer_add_printf(out, "HTTP/%s %s %s\r\n"
	    "Server: GoAhead-Webs\r\n"
	    "Pragma: no-cache\r\n"
	    "Cache-Control: no-cache\r\n"
	    "Content-Type: text/html\r\n%s", d->frame->version,
	    d->content.code, d->content.reason, d->content.headers);
	if (d->q->tls)
		evbuffer_add_printf(out, "Strict-Transport-Security: "
		    "max-age=31536000\r\n");
	if (draft_has(d, BEHAVE_OBS_FOLD))
		evbuffer_add_printf(out, "X-Folded: this line\r\n"
		    "\tgoes on here\r\n and: here\r\n");
	if (d->frame->keeps && !d->keep)
		evbuffer_add_printf(out, "Connection: close\r\n");
	else if (d->frame->says != NULL)
		evbuffer_add_printf(out, "Connection: %s\r\n",
		    d->frame->says);
	if (d->frame->length)
		evbuffer_add_printf(out, "Content-Length: %zu\r\n", len);
	if (d->framing == BEHAVE_TWO_LENGTHS)
		evbuffer_add_printf(out, "Content-Length: %zu\r\n", len + 10);
	if (d->frame->chunks)
		evbuffer_add_printf(out, "Transfer-Encoding: chunked\r\n");
}

/* What follows the head, in the shape that the head announced. */
static void
draft_body(struct draft *d, struct answer *a)
{
	struct evbuffer *rest = buffer_new();
	struct evbuffer *body = d->content.body;

	if (d->q->head != NULL && strcmp(d->q->head->method, "HEAD") == 0) {
		evbuffer_drain(body, evbuffer_get_length(body));
	} else if (d->frame->chunks) {
		evbuffer_add_buffer(rest, body);
		add_chunks(body, rest,
		    d->framing == BEHAVE_CHUNKED ? SIZE_MAX : 1);
		if (d->framing == BEHAVE_BAD_CHUNK) {
			evbuffer_add_printf(body, "what?\r\n");
			evbuffer_add_buffer(body, rest);
			evbuffer_add_printf(body, "\r\n0\r\n\r\n");
		} else if (d->framing == BEHAVE_HUGE_CHUNK_LINE) {
			evbuffer_add_printf(body, "1f;note=");
			fill(a, LONG_FILLER);
		}
	} else if (d->content.filler != NULL) {
		fill(a, d->content.filler);
	}
	evbuffer_free(rest);
}

/* So many chunks of the odd sizes that a slow writer makes. */
static void
add_chunks(struct evbuffer *to, struct evbuffer *from, size_t chunks)
{
	static const size_t sizes[] = { 1, 7, 499, 16, 1021, 3, 2048 };
	size_t i;

	for (i = 0; i < chunks && evbuffer_get_length(from) > 0; i++) {
		size_t left = evbuffer_get_length(from);
		size_t n = sizes[i % (sizeof(sizes) / sizeof(sizes[0]))];

		n = n < left ? n : left;
		evbuffer_add_printf(to, "%zx\r\n", n);
		evbuffer_remove_buffer(from, to, n);
		evbuffer_add_printf(to, "\r\n");
	}
	if (chunks == SIZE_MAX)
		evbuffer_add_printf(to, "0\r\n\r\n");
}

/* Puts it together, or a part of it. */
static void
draft_send(struct draft *d, struct answer *a)
{
	size_t head, body = evbuffer_get_length(d->content.body);

	if (draft_has(d, BEHAVE_HUGE_HEADER) ||
	    draft_has(d, BEHAVE_MANY_HEADERS)) {
		bool one = draft_has(d, BEHAVE_HUGE_HEADER);

		evbuffer_add_buffer(a->bytes, d->head);
		evbuffer_add_printf(a->bytes, "%s", one ? "X-Filler: " : "");
		fill(a, one ? LONG_FILLER : "X-Filler: a\r\n");
		a->end = ANSWER_CLOSE;
		return;
	}
	evbuffer_add_printf(d->head, "\r\n");
	head = evbuffer_get_length(d->head);
	evbuffer_add_buffer(d->head, d->content.body);
	switch (d->cut) {
	case BEHAVE_CUT_HEAD:
	case BEHAVE_HANG_HEAD:
		evbuffer_remove_buffer(d->head, a->bytes, head / 2);
		break;
	case BEHAVE_CUT:
	case BEHAVE_CUT_UNLENGTHED:
	case BEHAVE_HANG_BODY:
	case BEHAVE_RESET_BODY:
		evbuffer_remove_buffer(d->head, a->bytes, head + body / 2);
		break;
	default:
		evbuffer_add_buffer(a->bytes, d->head);
		if (d->framing == BEHAVE_EXTRA)
			evbuffer_add_printf(a->bytes, "HTTP/1.1 200 OK\r\n"
			    "Content-Length: 2\r\n\r\n[]");
		a->end = d->keep ? ANSWER_KEEP : ANSWER_CLOSE;
		return;
	}
	a->filler = NULL;
	if (d->cut == BEHAVE_HANG_HEAD || d->cut == BEHAVE_HANG_BODY)
		a->end = ANSWER_HANG;
	else if (d->cut == BEHAVE_RESET_BODY)
		a->end = ANSWER_RESET;
	else
		a->end = ANSWER_CLOSE;
}

static void
fill(struct answer *a, const char *filler)
{
	a->filler = filler;
	a->filler_left = FILLER_MAX;
}
