/* SPDX-License-Identifier: MIT */

/*
 * Forms of values: mappings by keys, then single values, then lists.
 */

#include "forms.h"

#include <arpa/inet.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "parse.h"

static const char *const pages[] = {
#define X(NAME, file, record, required) file,
	CM_ENDPOINTS(X)
#undef X
	NULL
};

/* Put words together as `a, b, c`. */
static void
join(char *text, size_t size, const char *const *words)
{
	size_t n = 0;

	text[0] = '\0';
	for (; *words != NULL && n < size; words++)
		n += (size_t)snprintf(text + n, size - n, "%s%s",
		    n > 0 ? ", " : "", *words);
}

/* The place of a word in a list; -1 if it is not there. */
static int
find(const char *const *words, const char *word)
{
	int i;

	for (i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

/* The text of a scalar; NULL of anything else, with a complaint. */
static const char *
scalar(struct document *d, const char *name, const yaml_node_t *node)
{
	if (node->type == YAML_SCALAR_NODE)
		return (const char *)node->data.scalar.value;
	document_fail(d, node, "%s must be a single value", name);
	return NULL;
}

/* Complain of a scalar; `right` says what it must be. */
static bool
wrong(struct document *d, const struct key *key, const yaml_node_t *node,
    const char *right)
{
	return document_fail(d, node, "%s must be %s, not '%.100s'", key->name,
	    right, (const char *)node->data.scalar.value);
}

bool
form_pairs(struct document *d, const struct key *key, yaml_node_t *node,
    yaml_node_pair_t **first, yaml_node_pair_t **end)
{
	*first = *end = NULL;
	/* Nothing: perhaps all of its lines are commented out. */
	if (node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0 &&
	    node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return true;
	if (node->type != YAML_MAPPING_NODE)
		return document_fail(d, node, "%s must be a mapping, lines of "
		    "KEY: VALUE", key->name);
	*first = node->data.mapping.pairs.start;
	*end = node->data.mapping.pairs.top;
	return true;
}

static bool
is_list(struct document *d, const struct key *key, const yaml_node_t *node,
    const char *example)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return document_fail(d, node, "%s must be a list, as in %s",
		    key->name, example);
	return node->data.sequence.items.top -
	    node->data.sequence.items.start >= key->least ||
	    document_fail(d, node, "%s must not be empty; %s would do",
	    key->name, example);
}

const char *
form_name(struct document *d, const struct key *key, yaml_node_t *map,
    const yaml_node_pair_t *pair)
{
	const yaml_node_t *node = document_node(d, pair->key);
	const char *name = scalar(d, "a key", node), *other;
	const yaml_node_pair_t *before;

	if (name == NULL)
		return NULL;
	for (before = map->data.mapping.pairs.start; before < pair; before++) {
		other = (char *)document_node(d,
		    before->key)->data.scalar.value;
		if (strcmp(other, name) == 0) {
			document_fail(d, node, "'%.100s' stands in %s for the "
			    "second time; once is right", name, key->name);
			return NULL;
		}
	}
	return name;
}

static bool
read_map(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	const char *names[32] = { NULL }, *name;
	yaml_node_pair_t *pair, *end;
	const struct key *row;
	char list[512];
	int i;

	for (i = 0; key->keys[i].name != NULL; i++)
		names[i] = key->keys[i].name;
	join(list, sizeof(list), names);
	if (!form_pairs(d, key, node, &pair, &end))
		return false;
	for (; pair < end; pair++) {
		name = form_name(d, key, node, pair);
		if (name == NULL)
			return false;
		i = find(names, name);
		if (i < 0)
			return document_fail(d, document_node(d, pair->key),
			    "unknown key '%.100s'; %s takes %s", name,
			    key->name, list);
		row = &key->keys[i];
		if (!row->form->read(d, row, document_node(d, pair->value),
		    (char *)to + row->at))
			return false;
	}
	return true;
}

static int
add_text(yaml_document_t *y, const char *text, yaml_scalar_style_t style)
{
	return yaml_document_add_scalar(y, NULL, (const yaml_char_t *)text,
	    (int)strlen(text), style);
}

static int
add_word(yaml_document_t *y, const char *word)
{
	return add_text(y, word, YAML_ANY_SCALAR_STYLE);
}

/* libyaml aborts at the number 0, which it gives if there is no memory. */
bool
form_append(yaml_document_t *y, int map, const char *name, int value)
{
	int key = add_word(y, name);

	return map != 0 && key != 0 && value != 0 &&
	    yaml_document_append_mapping_pair(y, map, key, value);
}

static bool
append_item(yaml_document_t *y, int list, int value)
{
	return list != 0 && value != 0 &&
	    yaml_document_append_sequence_item(y, list, value);
}

static int
write_map(yaml_document_t *y, const struct key *key, const void *from)
{
	int map = yaml_document_add_mapping(y, NULL, YAML_BLOCK_MAPPING_STYLE);
	const struct key *row;

	for (row = key->keys; row->name != NULL; row++)
		if (!form_append(y, map, row->name, row->form->write(y, row,
		    (const char *)from + row->at)))
			return 0;
	return map;
}

/* Enumerations are kept as wide as an int. */
static_assert(sizeof(enum cm_scheme) == sizeof(int) &&
    sizeof(enum cm_ip_protocol) == sizeof(int) &&
    sizeof(enum cm_verify) == sizeof(int), "enumerations are ints");

static bool
read_word(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	const char *text = scalar(d, key->name, node);
	int i = text != NULL ? find(key->words, text) : -1;
	char list[256], right[300];

	if (i >= 0) {
		i += key->least;
		memcpy(to, &i, sizeof(i));
		return true;
	}
	join(list, sizeof(list), key->words);
	snprintf(right, sizeof(right), "one of %s", list);
	return text != NULL && wrong(d, key, node, right);
}

static int
write_word(yaml_document_t *y, const struct key *key, const void *from)
{
	int i;

	memcpy(&i, from, sizeof(i));
	return add_word(y, key->words[i - key->least]);
}

static const char *const bools[] = { "false", "true", NULL };

static bool
read_bool(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	struct key row = { .name = key->name, .words = bools };
	int i = 0;

	if (!read_word(d, &row, node, &i))
		return false;
	*(bool *)to = i != 0;
	return true;
}

static int
write_bool(yaml_document_t *y, const struct key *key, const void *from)
{
	(void)key;
	return add_word(y, bools[*(const bool *)from]);
}

static bool
read_number(struct document *d, const struct key *key, yaml_node_t *node,
    unsigned long most, unsigned long *number)
{
	const char *text = scalar(d, key->name, node);
	char right[64];

	snprintf(right, sizeof(right), "a number from 1 to %lu", most);
	return text != NULL && (parse_number(text, 1, most, number) ||
	    wrong(d, key, node, right));
}

static int
write_number(yaml_document_t *y, unsigned long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", number);
	return add_word(y, text);
}

static bool
read_port(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	unsigned long number;

	if (!read_number(d, key, node, UINT16_MAX, &number))
		return false;
	*(uint16_t *)to = (uint16_t)number;
	return true;
}

static int
write_port(yaml_document_t *y, const struct key *key, const void *from)
{
	(void)key;
	return write_number(y, *(const uint16_t *)from);
}

static bool
read_fetches(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	unsigned long number;

	if (!read_number(d, key, node, CM_ENDPOINT_COUNT, &number))
		return false;
	*(unsigned *)to = (unsigned)number;
	return true;
}

static int
write_fetches(yaml_document_t *y, const struct key *key, const void *from)
{
	(void)key;
	return write_number(y, *(const unsigned *)from);
}

static bool
read_duration(struct document *d, const struct key *key, yaml_node_t *node,
    int64_t least, const char *right, int64_t *us)
{
	const char *text = scalar(d, key->name, node);

	return text != NULL && ((parse_duration(text, us) && *us >= least) ||
	    wrong(d, key, node, right));
}

static bool
read_time(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	return read_duration(d, key, node, 0, "a duration such as 10s, 500ms "
	    "or 1h30m, or 0", to);
}

static bool
read_timeout(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	return read_duration(d, key, node, 1, "a duration above 0, such as "
	    "10s or 500ms", to);
}

static int
write_time(yaml_document_t *y, const struct key *key, const void *from)
{
	char text[DURATION_SIZE];

	(void)key;
	format_duration(text, *(const int64_t *)from);
	return add_word(y, text);
}

/* A page's place, in a list or as a key; -1 with a complaint. */
static int
find_page(struct document *d, const struct key *key, const yaml_node_t *node)
{
	const char *name = scalar(d, "a page", node);
	int page = name != NULL ? find(pages, name) : -1;
	char list[256];

	if (name == NULL || page >= 0)
		return page;
	join(list, sizeof(list), pages);
	document_fail(d, node, "unknown page '%.100s' in %s; there are %s",
	    name, key->name, list);
	return -1;
}

/* The whole list is replaced, so that an interval can be taken back. */
static bool
read_intervals(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	struct intervals *intervals = to;
	yaml_node_pair_t *pair, *end;
	struct key row = *key;
	int page;

	intervals->pages = 0;
	if (!form_pairs(d, key, node, &pair, &end))
		return false;
	for (; pair < end; pair++) {
		if (form_name(d, key, node, pair) == NULL)
			return false;
		page = find_page(d, key, document_node(d, pair->key));
		if (page < 0)
			return false;
		row.name = pages[page];
		if (!read_time(d, &row, document_node(d, pair->value),
		    &intervals->us[page]))
			return false;
		intervals->pages |= 1u << page;
	}
	return true;
}

static int
write_intervals(yaml_document_t *y, const struct key *key, const void *from)
{
	const struct intervals *intervals = from;
	int map = yaml_document_add_mapping(y, NULL, YAML_FLOW_MAPPING_STYLE);
	int i;

	for (i = 0; i < CM_ENDPOINT_COUNT; i++)
		if ((intervals->pages & 1u << i) && !form_append(y, map,
		    pages[i], write_time(y, key, &intervals->us[i])))
			return 0;
	return map;
}

static bool
read_endpoints(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	const yaml_node_item_t *item;
	unsigned set = 0;
	int page;

	if (!is_list(d, key, node, "[dsinfo, usinfo]"))
		return false;
	for (item = node->data.sequence.items.start;
	    item < node->data.sequence.items.top; item++) {
		page = find_page(d, key, document_node(d, *item));
		if (page < 0)
			return false;
		if (set & 1u << page)
			return document_fail(d, document_node(d, *item),
			    "'%s' stands in %s for the second time; once is "
			    "right", pages[page], key->name);
		set |= 1u << page;
	}
	*(unsigned *)to = set;
	return true;
}

static int
write_endpoints(yaml_document_t *y, const struct key *key, const void *from)
{
	int i, list = yaml_document_add_sequence(y, NULL,
	    YAML_FLOW_SEQUENCE_STYLE);

	(void)key;
	for (i = 0; i < CM_ENDPOINT_COUNT; i++)
		if ((*(const unsigned *)from & 1u << i) &&
		    !append_item(y, list, add_word(y, pages[i])))
			return 0;
	return list;
}

static bool
read_networks(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	struct networks *networks = to;
	const yaml_node_item_t *item;
	const yaml_node_t *at;
	const char *text;
	char why[128];

	if (!is_list(d, key, node, "[10.0.0.0/8, \"fc00::/7\"]"))
		return false;
	networks->count = 0;
	for (item = node->data.sequence.items.start;
	    item < node->data.sequence.items.top; item++) {
		at = document_node(d, *item);
		text = scalar(d, "a network", at);
		if (text == NULL)
			return false;
		if (networks->count == CONFIG_NETWORKS_MAX)
			return document_fail(d, at, "too many networks in %s; "
			    "there may be %d", key->name, CONFIG_NETWORKS_MAX);
		if (!cm_network_parse(&networks->list[networks->count++], text,
		    why, sizeof(why)))
			return document_fail(d, at, "'%.100s' in %s: %s", text,
			    key->name, why);
	}
	return true;
}

static int
write_networks(yaml_document_t *y, const struct key *key, const void *from)
{
	const struct networks *networks = from;
	const struct cm_network *network;
	int list = yaml_document_add_sequence(y, NULL,
	    YAML_BLOCK_SEQUENCE_STYLE);
	char address[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 8];

	(void)key;
	for (network = networks->list; network < networks->list +
	    networks->count; network++) {
		inet_ntop(network->family, network->address, address,
		    sizeof(address));
		snprintf(text, sizeof(text), "%s/%u", address, network->bits);
		if (!append_item(y, list, add_word(y, text)))
			return 0;
	}
	return list;
}

static bool
read_text(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	const char *text = scalar(d, key->name, node);

	*(const char **)to = text;
	return text != NULL;
}

static int
write_text(yaml_document_t *y, const struct key *key, const void *from)
{
	(void)key;
	return add_text(y, *(const char *const *)from,
	    YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

static bool
read_host(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_.-";
	const char *text = scalar(d, key->name, node);

	if (text == NULL)
		return false;
	if (text[strspn(text, safe)] != '\0' || strlen(text) >= CM_HOST_SIZE)
		return wrong(d, key, node, "a host's name, or empty");
	*(const char **)to = text;
	return true;
}

/* Whether a text is an address, of IPv6 perhaps with a zone (RFC 4007). */
static bool
is_address(const char *text)
{
	size_t n = strcspn(text, "%");
	unsigned char bytes[16];
	char copy[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return true;
	if (n >= sizeof(copy) || strlen(text + n) > 32 ||
	    strcmp(text + n, "%") == 0)
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	return inet_pton(AF_INET6, copy, bytes) == 1;
}

static bool
read_address(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	const char *text = scalar(d, key->name, node);

	if (text == NULL)
		return false;
	if (*text != '\0' && !is_address(text))
		return wrong(d, key, node, "an address of this machine such "
		    "as 192.168.100.2, or empty");
	*(const char **)to = text;
	return true;
}

/* As probe_tls_info has it, or with the colons of openssl(1). */
static bool
read_fingerprint(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	const char *p = scalar(d, key->name, node);
	unsigned char bytes[32] = { 0 };
	size_t i;

	if (p == NULL)
		return false;
	for (i = 0; *p != '\0' && i < sizeof(bytes); i++, p += 2) {
		p += i > 0 && *p == ':';
		if (!parse_byte(p, &bytes[i]))
			break;
	}
	if (*p != '\0' || (i != 0 && i != sizeof(bytes)))
		return wrong(d, key, node, "64 hexadecimal digits, or empty");
	memcpy(to, bytes, sizeof(bytes));
	return true;
}

static int
write_fingerprint(yaml_document_t *y, const struct key *key, const void *from)
{
	static const unsigned char none[32];
	const unsigned char *bytes = from;
	char text[2 * sizeof(none) + 1] = "";
	size_t i;

	(void)key;
	if (memcmp(bytes, none, sizeof(none)) != 0)
		for (i = 0; i < sizeof(none); i++)
			snprintf(text + 2 * i, 3, "%02x", (unsigned)bytes[i]);
	return add_text(y, text, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

const struct form form_map = { read_map, write_map };
const struct form form_word = { read_word, write_word };
const struct form form_bool = { read_bool, write_bool };
const struct form form_port = { read_port, write_port };
const struct form form_fetches = { read_fetches, write_fetches };
const struct form form_time = { read_time, write_time };
const struct form form_timeout = { read_timeout, write_time };
const struct form form_endpoints = { read_endpoints, write_endpoints };
const struct form form_intervals = { read_intervals, write_intervals };
const struct form form_networks = { read_networks, write_networks };
const struct form form_text = { read_text, write_text };
const struct form form_host = { read_host, write_text };
const struct form form_address = { read_address, write_text };
const struct form form_fingerprint = { read_fingerprint, write_fingerprint };
