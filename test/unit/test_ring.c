/* SPDX-License-Identifier: MIT */

/* A list in the order of use. */

#include "unit.h"

#include "ring.h"

struct item {
	int		 number;
	struct ring	 node;
};

/* The numbers from the oldest to the youngest, and back. */
static void
assert_order(struct ring *head, const char *wanted)
{
	char there[16] = "", back[16] = "", *end;
	struct ring *at;
	size_t i;

	end = there;
	for (at = head->next; at != head; at = at->next)
		*end++ = (char)('0' + RING_OWNER(at, struct item,
		    node)->number);
	*end = '\0';
	assert_string_equal(there, wanted);
	end = back;
	for (at = head->previous; at != head; at = at->previous)
		*end++ = (char)('0' + RING_OWNER(at, struct item,
		    node)->number);
	*end = '\0';
	assert_int_equal(strlen(back), strlen(there));
	for (i = 0; i < strlen(there); i++)
		assert_int_equal(back[strlen(there) - 1 - i], there[i]);
	assert_int_equal(ring_is_empty(head), *wanted == '\0');
}

static void
test_order_of_use(void **state)
{
	struct ring head;
	struct item items[4];
	int i;

	(void)state;
	ring_init(&head);
	assert_order(&head, "");
	for (i = 0; i < 4; i++) {
		items[i].number = i;
		ring_init(&items[i].node);
		/* In no list: nothing happens. */
		ring_remove(&items[i].node);
		ring_append(&head, &items[i].node);
	}
	assert_order(&head, "0123");
	ring_append(&head, &items[1].node);
	assert_order(&head, "0231");
	ring_append(&head, &items[1].node);
	assert_order(&head, "0231");
	ring_remove(&items[0].node);
	ring_remove(&items[0].node);
	assert_order(&head, "231");
	ring_append(&head, &items[0].node);
	assert_order(&head, "2310");
	for (i = 0; i < 4; i++)
		ring_remove(&items[i].node);
	assert_order(&head, "");
	ring_append(&head, &items[3].node);
	assert_order(&head, "3");
}

static void
test_from_list_to_list(void **state)
{
	struct ring one, other;
	struct item item = { .number = 7 };

	(void)state;
	ring_init(&one);
	ring_init(&other);
	ring_init(&item.node);
	ring_append(&one, &item.node);
	ring_append(&other, &item.node);
	assert_order(&one, "");
	assert_order(&other, "7");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_of_use),
		cmocka_unit_test(test_from_list_to_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
