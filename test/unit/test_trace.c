/* SPDX-License-Identifier: MIT */

#include "trace.h"

#include <string.h>

#include "clock.h"
#include "unit.h"

static const char cut[] = "the rest does not fit here\n";

static void
a_line_has_its_time_and_printable_text(void **state)
{
	struct trace t = { 0 };
	char seen[64];
	int seconds;

	(void)state;
	trace_add(&t, "a %d \x1b\xff\n%s", 7, "b");
	assert_int_equal(sscanf(t.text, "%d.%*6[0-9] %60[^\n]", &seconds,
	    seen), 2);
	assert_string_equal(seen, "a 7 \\x1b\\xff\\x0ab");
	assert_int_equal(t.length, strlen(t.text));
	assert_int_equal(t.text[t.length - 1], '\n');
	trace_add(NULL, "nobody");
}

static void
a_full_one_takes_no_more(void **state)
{
	struct trace t = { 0 };
	char wide[400], before[TRACE_MAX];
	size_t full, width;

	(void)state;
	memset(wide, '\xff', sizeof(wide));
	wide[sizeof(wide) - 1] = '\0';
	trace_add(&t, "%s", wide);
	width = strlen(t.text);
	/* Cut, and whole all the same. */
	assert_in_range(width, 1000, 1500);
	assert_int_equal(t.text[width - 1], '\n');
	while (strlen(t.text) + width + sizeof(cut) <= TRACE_MAX)
		trace_add(&t, "%s", wide);
	full = strlen(t.text);
	trace_add(&t, "%s", wide);
	assert_string_equal(t.text + full, cut);
	memcpy(before, t.text, sizeof(before));
	/* Nor a shorter one: it would hide that some are missing. */
	trace_add(&t, "short");
	trace_add(&t, "short");
	assert_memory_equal(t.text, before, sizeof(before));
}

/* Fill one but for `room` bytes: the last line, if it fits, and its end. */
static void
fill(struct trace *t, size_t room)
{
	char text[400];
	size_t left;

	memset(text, 'x', sizeof(text));
	memset(t, 0, sizeof(*t));
	t->began = clock_now();
	while ((left = TRACE_MAX - t->length) > room + sizeof(text) / 4)
		trace_add(t, "x");
	/* Eleven bytes of time, and the newline. */
	trace_add(t, "%.*s", (int)(left - room - 12), text);
	assert_int_equal(TRACE_MAX - t->length, room);
}

static void
it_may_be_filled_to_its_last_byte(void **state)
{
	static const char text[] = "0123456789abcdefghi";
	struct trace t;

	(void)state;
	/* The line has 31 bytes. */
	fill(&t, 31 + sizeof(cut));
	trace_add(&t, "%s", text);
	assert_int_equal(strlen(t.text), TRACE_MAX - sizeof(cut));
	trace_add(&t, "%s", text);
	assert_int_equal(strlen(t.text), TRACE_MAX - 1);
	assert_string_equal(t.text + TRACE_MAX - sizeof(cut), cut);
	fill(&t, 30 + sizeof(cut));
	trace_add(&t, "%s", text);
	assert_string_equal(t.text + TRACE_MAX - 30 - sizeof(cut), cut);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_time_and_printable_text),
		cmocka_unit_test(a_full_one_takes_no_more),
		cmocka_unit_test(it_may_be_filled_to_its_last_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
