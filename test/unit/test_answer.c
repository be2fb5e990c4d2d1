/* SPDX-License-Identifier: MIT */

/* Answers that are kept for others to use. */

#include "unit.h"

#include "answer.h"

#define LARGE	((size_t)1024 * 1024)
/* So many of them are kept; an answer takes a little more than its body. */
#define FIT	(ANSWER_BYTES / LARGE - 1)

static void
make(struct fetch *f, const char *body, size_t length, int64_t started)
{
	assert_true(fetch_init(f, CM_USINFO));
	assert_int_equal(evbuffer_add(f->body, body, length), 0);
	f->started = started;
	f->finished = started + 5;
	f->whole = true;
	f->body_bytes = length;
	f->done = true;
}

static void
keep(struct answers *answers, struct answer **place, const char *body,
    int64_t started)
{
	struct fetch f;

	make(&f, body, strlen(body), started);
	answer_keep(answers, place, &f);
	fetch_clear(&f);
	assert_true(*place != NULL);
}

static void
assert_answer(const struct answer *a, const char *body, int64_t started)
{
	struct fetch f;
	char text[64];

	assert_true(fetch_init(&f, CM_USINFO));
	assert_int_equal(answer_started(a), started);
	assert_true(answer_use(a, &f));
	assert_true(f.done && f.reused && f.whole);
	assert_int_equal(f.error.reason, CM_OK);
	assert_int_equal(f.started, started);
	assert_int_equal(f.finished, started + 5);
	assert_int_equal(f.body_bytes, strlen(body));
	assert_int_equal(evbuffer_get_length(f.body), strlen(body));
	assert_int_equal(evbuffer_remove(f.body, text, sizeof(text)),
	    strlen(body));
	assert_memory_equal(text, body, strlen(body));
	fetch_clear(&f);
}

static void
test_keep_use_drop(void **state)
{
	struct answers answers;
	struct answer *one = NULL, *other = NULL;

	(void)state;
	answers_init(&answers);
	answer_drop(&answers, &one);
	keep(&answers, &one, "[1]", 100);
	keep(&answers, &other, "", 200);
	assert_answer(one, "[1]", 100);
	assert_answer(one, "[1]", 100);
	assert_answer(other, "", 200);
	/* A younger one takes its place. */
	keep(&answers, &one, "[1, 2]", 300);
	assert_answer(one, "[1, 2]", 300);
	answer_drop(&answers, &one);
	assert_null(one);
	assert_answer(other, "", 200);
	answer_drop(&answers, &other);
	assert_null(other);
	assert_int_equal(answers.bytes, 0);
	assert_true(ring_is_empty(&answers.order));
}

static void
test_what_follows_the_body_is_not_kept(void **state)
{
	struct answers answers;
	struct answer *place = NULL;
	struct fetch f;

	(void)state;
	answers_init(&answers);
	make(&f, "[1]", 3, 100);
	assert_int_equal(evbuffer_add(f.body, "", 1), 0);
	answer_keep(&answers, &place, &f);
	fetch_clear(&f);
	assert_answer(place, "[1]", 100);
	answer_drop(&answers, &place);
}

static void
test_the_oldest_make_room(void **state)
{
	static struct answer *places[FIT + 2];
	struct answers answers;
	char *body = calloc(1, LARGE);
	struct fetch f;
	size_t i;

	(void)state;
	assert_non_null(body);
	answers_init(&answers);
	make(&f, body, LARGE, 1);
	for (i = 0; i < FIT; i++)
		answer_keep(&answers, &places[i], &f);
	for (i = 0; i < FIT; i++)
		assert_non_null(places[i]);
	/* That it was used makes it no younger, that it is new does. */
	answer_keep(&answers, &places[0], &f);
	answer_keep(&answers, &places[FIT], &f);
	answer_keep(&answers, &places[FIT + 1], &f);
	assert_true(answers.bytes <= ANSWER_BYTES);
	assert_non_null(places[0]);
	assert_null(places[1]);
	assert_null(places[2]);
	for (i = 3; i < FIT + 2; i++)
		assert_non_null(places[i]);
	for (i = 0; i < FIT + 2; i++)
		answer_drop(&answers, &places[i]);
	assert_int_equal(answers.bytes, 0);
	fetch_clear(&f);
	free(body);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keep_use_drop),
		cmocka_unit_test(test_what_follows_the_body_is_not_kept),
		cmocka_unit_test(test_the_oldest_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
