/* SPDX-License-Identifier: MIT */
#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A list in the order of use: the oldest comes first.  Its head is a node of
 * its own; an empty list, or a node in no list, is a ring of one.
 */
struct ring {
	struct ring	*next;
	struct ring	*previous;
};

/* What a node is a member of. */
#define RING_OWNER(node, type, member) \
	((type *)(void *)((char *)(node) - offsetof(type, member)))

static inline void
ring_init(struct ring *node)
{
	node->next = node->previous = node;
}

static inline bool
ring_is_empty(const struct ring *head)
{
	return head->next == head;
}

/* Take a node out of its list, if it is in one. */
static inline void
ring_remove(struct ring *node)
{
	node->next->previous = node->previous;
	node->previous->next = node->next;
	ring_init(node);
}

/* Make a node the youngest of a list. */
static inline void
ring_append(struct ring *head, struct ring *node)
{
	ring_remove(node);
	node->next = head;
	node->previous = head->previous;
	head->previous->next = node;
	head->previous = node;
}

#endif
