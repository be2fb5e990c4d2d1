/* SPDX-License-Identifier: MIT */

/*
 * Texts in pages: nothing in them is markup, or turns what follows.
 *
 * Pages without memory: the first allocation fails, then only the second, and
 * so on until a page gets by without any that fails.  Whichever it is, the
 * answer is a 500 and not a page with a hole.
 *
 * The linker puts the function here before the one that pages call (--wrap).
 */

#include "unit.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>

#include "html.h"

#define ROUNDS	100		/* more than a page has allocations */

static long left = -1;		/* that succeed before one fails; -1: all */

void *__real_realloc(void *, size_t);
void *__wrap_realloc(void *, size_t);

void *
__wrap_realloc(void *old, size_t n)
{
	return left >= 0 && left-- == 0 ? NULL : __real_realloc(old, n);
}

struct answer {
	struct event_base	*base;
	int			 status;
	char			 body[128 << 10];
	size_t			 length;
};

/* A page larger than what is allocated at once, grown by each function. */
static void
on_request(struct evhttp_request *req, void *arg)
{
	static const struct config config = { .external_path = "/" };
	struct draft page = { 0 };
	char text[6000];
	int i;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	left = *(long *)arg;
	html_begin(&page, &config, "title");
	for (i = 0; i < 1000; i++) {
		html_text(&page, "a < b");
		html_mark(&page, CM_GOOD);
	}
	draft_printf(&page, "%d %s", i, text);
	draft_add(&page, text);
	html_query(&page, "a&b");
	html_send(req, 200, &page);
	*(long *)arg = left;
	left = -1;
}

static void
on_answer(struct evhttp_request *req, void *arg)
{
	struct answer *answer = arg;
	struct evbuffer *body;

	assert_non_null(req);
	answer->status = evhttp_request_get_response_code(req);
	body = evhttp_request_get_input_buffer(req);
	answer->length = evbuffer_get_length(body);
	assert_true(answer->length <= sizeof(answer->body));
	evbuffer_remove(body, answer->body, sizeof(answer->body));
	event_base_loopbreak(answer->base);
}

static void
ask(struct answer *answer, uint16_t port)
{
	struct evhttp_connection *c = evhttp_connection_base_new(answer->base,
	    NULL, "127.0.0.1", port);
	struct evhttp_request *req = evhttp_request_new(on_answer, answer);

	evhttp_add_header(evhttp_request_get_output_headers(req), "Host", "h");
	assert_int_equal(evhttp_make_request(c, req, EVHTTP_REQ_GET, "/"), 0);
	event_base_dispatch(answer->base);
	evhttp_connection_free(c);
}

static void
no_page_has_a_hole(void **state)
{
	static struct answer whole, answer;
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);
	struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(
	    http, "127.0.0.1", 0);
	struct sockaddr_in sin;
	socklen_t length = sizeof(sin);
	long n, rest = -1;

	(void)state;
	assert_non_null(bound);
	assert_int_equal(getsockname(evhttp_bound_socket_get_fd(bound),
	    (struct sockaddr *)&sin, &length), 0);
	evhttp_set_gencb(http, on_request, &rest);
	whole.base = answer.base = base;
	ask(&whole, ntohs(sin.sin_port));
	assert_int_equal(whole.status, 200);
	assert_memory_equal(whole.body + whole.length - 8, "</html>\n", 8);
	for (n = 0; n < ROUNDS; n++) {
		rest = n;
		ask(&answer, ntohs(sin.sin_port));
		if (rest >= 0)
			break;
		assert_int_equal(answer.status, 500);
		assert_int_equal(answer.length, 0);
	}
	assert_in_range(n, 2, ROUNDS - 1);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.length, whole.length);
	assert_memory_equal(answer.body, whole.body, whole.length);
	evhttp_free(http);
	event_base_free(base);
}

static void
check(const char *text, const char *wanted)
{
	char *copy = exact_copy(text, strlen(text), true);
	struct draft out = { 0 };
	size_t length;
	char *page;

	html_text(&out, copy);
	draft_add_bytes(&out, "", 1);
	page = draft_take(&out, &length);
	assert_non_null(page);
	assert_string_equal(page, wanted);
	free(page);
	free(copy);
}

static void
markup_is_escaped(void **state)
{
	(void)state;
	check("", "");
	check("plain", "plain");
	check("<a b=\"c\" d='e'>&amp;", "&lt;a b=&quot;c&quot; "
	    "d=&#39;e&#39;&gt;&amp;amp;");
}

static void
what_is_not_shown_is_escaped(void **state)
{
	(void)state;
	check("a\x01z\x7f", "a\\x01z\\x7f");
	check("\xc2\x80\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9f\xc2\xa0");
	check("\xe2\x80\xae" "x\xe2\x81\xa9" "\xe2\x82\xac",
	    "\\xe2\\x80\\xaex\\xe2\\x81\\xa9\xe2\x82\xac");
}

/* What is no UTF-8 may come out as anything, but markup and the end are what
 * they are. */
static void
half_a_character_hides_nothing(void **state)
{
	(void)state;
	check("\xc2", "\xc2");
	check("\xc2<", "\xc2&lt;");
	check("\xc2\xc2\x80", "\xc2\\xc2\\x80");
	check("\xe2\x80<", "\xe2\x80&lt;");
	check("\xe2\x80", "\xe2\x80");
	check("\xe2", "\xe2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_page_has_a_hole),
		cmocka_unit_test(markup_is_escaped),
		cmocka_unit_test(what_is_not_shown_is_escaped),
		cmocka_unit_test(half_a_character_hides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
