/* SPDX-License-Identifier: MIT */

/*
 * Texts in pages: nothing in them is markup, or turns what follows.
 */

#include "html.h"

#include <event2/buffer.h>

#include "page.h"
#include "unit.h"

/* No page is sent here. */
void
page_buffer(struct evhttp_request *req, int status, const char *type,
    struct evbuffer *body)
{
	(void)req;
	(void)status;
	(void)type;
	evbuffer_free(body);
}

static void
check(const char *text, const char *wanted)
{
	char *copy = exact_copy(text, strlen(text), true);
	struct evbuffer *out = evbuffer_new();

	assert_non_null(out);
	html_text(out, copy);
	evbuffer_add(out, "", 1);
	assert_string_equal((char *)evbuffer_pullup(out, -1), wanted);
	evbuffer_free(out);
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
		cmocka_unit_test(markup_is_escaped),
		cmocka_unit_test(what_is_not_shown_is_escaped),
		cmocka_unit_test(half_a_character_hides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
