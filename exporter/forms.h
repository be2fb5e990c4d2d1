/* SPDX-License-Identifier: MIT */
#ifndef FORMS_H
#define FORMS_H

#include "config.h"
#include "document.h"

/*
 * The forms that a value in a YAML file can have: each is read from a node to
 * where it is kept, and written from there as a node.
 */

struct key;

struct form {
	/* False with a complaint of the document. */
	bool	(*read)(struct document *, const struct key *, yaml_node_t *,
		    void *to);
	/* Gives the number of the new node, 0 without memory. */
	int	(*write)(yaml_document_t *, const struct key *,
		    const void *from);
};

/* A key of a mapping. */
struct key {
	const char		*name;
	const struct form	*form;
	size_t			 at;	/* offset of what is kept */
	const char *const	*words;	/* that it may be, ending in NULL */
	int			 least;	/* value of the first; of a list: how
					 * many there must be */
	const struct key	*keys;	/* of a mapping, ending in no name */
};

/* Intervals of pages, of those in the set 1u << enum cm_endpoint, ... */
struct intervals {
	unsigned	pages;
	int64_t		us[CM_ENDPOINT_COUNT];
};

extern const struct form	form_map;	/* by its keys */
extern const struct form	form_word;	/* enum: one of its words */
extern const struct form	form_bool;	/* bool, true or false */
extern const struct form	form_port;	/* uint16_t */
extern const struct form	form_fetches;	/* unsigned, 1 to 10 */
extern const struct form	form_time;	/* int64_t, microseconds */
extern const struct form	form_timeout;	/* the same, above 0 */
extern const struct form	form_endpoints;	/* unsigned, a set */
extern const struct form	form_intervals;	/* struct intervals */
extern const struct form	form_networks;	/* struct networks */
extern const struct form	form_text;	/* const char *, the node's */
extern const struct form	form_host;	/* a text: a name or "" */
extern const struct form	form_address;	/* a text: numeric or "" */
extern const struct form	form_fingerprint; /* 32 bytes; 0: none */

/* What other mappings are made of. */

/* The pairs of a mapping, none if nothing stands there; false with a
 * complaint if it is no mapping. */
bool		 form_pairs(struct document *, const struct key *,
		    yaml_node_t *, yaml_node_pair_t **first,
		    yaml_node_pair_t **end) CM_MUSTCHECK;
/* The name in a pair, which must stand in the mapping once; else NULL with a
 * complaint. */
const char	*form_name(struct document *, const struct key *,
		    yaml_node_t *, const yaml_node_pair_t *) CM_MUSTCHECK;
/* Add a pair to a mapping; false without memory, also if `map` or `value` is
 * 0 for want of it. */
bool		 form_append(yaml_document_t *, int map, const char *name,
		    int value) CM_MUSTCHECK;

#endif
