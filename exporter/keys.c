/* SPDX-License-Identifier: MIT */

/*
 * The keys of the configuration file.  One row is one key: its form, and where
 * its value is kept.
 */

#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cablemodem_file.h"

#define MODULE_NAME_MAX	63

static bool	read_modules(struct document *, const struct key *,
		    yaml_node_t *, void *);
static int	write_modules(yaml_document_t *, const struct key *,
		    const void *);
static bool	check_module(struct document *, const yaml_node_t *,
		    const struct module *);

static const struct form form_modules = { read_modules, write_modules };

static const char *const schemes[] = {
	[CM_HTTP] = "http", [CM_HTTPS] = "https", NULL
};
static const char *const protocols[] = {
	[CM_IP_ANY] = "any", [CM_IP4] = "ip4", [CM_IP6] = "ip6", NULL
};
static const char *const verifications[] = {
	[CM_VERIFY_NONE] = "none",
	[CM_VERIFY_FINGERPRINT] = "fingerprint",
	[CM_VERIFY_CA] = "ca",
	NULL
};
static const char *const versions[] = {
	"TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3", NULL
};

#define TLS(member) offsetof(struct cm_tls, member)
static const struct key tls_keys[] = {
	{ "verify", &form_word, .at = TLS(verify), .words = verifications },
	{ "fingerprint_sha256", &form_fingerprint, .at = TLS(fingerprint) },
	{ "ca_file", &form_text, .at = TLS(ca_file) },
	{ "server_name", &form_host, .at = TLS(server_name) },
	{ "min_version", &form_word, .at = TLS(min_version),
	    .words = versions, .least = 0x0301 },
	{ .name = NULL }
};

#define CM(member) offsetof(struct module, cm.member)
static const struct key module_keys[] = {
	{ "scheme", &form_word, .at = CM(scheme), .words = schemes },
	{ "port", &form_port, .at = CM(port) },
	{ "timeout", &form_timeout, .at = CM(timeout_us) },
	{ "endpoints", &form_endpoints, .at = CM(endpoints), .least = 1 },
	{ "max_concurrent_fetches", &form_fetches,
	    .at = CM(max_concurrent_fetches) },
	{ "min_interval", &form_time,
	    .at = offsetof(struct module, min_interval) },
	{ "endpoint_min_interval", &form_intervals,
	    .at = offsetof(struct module, endpoint_min_interval) },
	{ "keepalive", &form_time, .at = CM(keepalive_us) },
	{ "ip_protocol", &form_word, .at = CM(ip_protocol),
	    .words = protocols },
	{ "source_address", &form_address, .at = CM(source_address) },
	{ "expose_identifiers", &form_bool, .at = CM(expose_identifiers) },
	{ "tls", &form_map, .at = CM(tls), .keys = tls_keys },
	{ .name = NULL }
};

static const struct key targets_keys[] = {
	{ "allow", &form_networks,
	    .at = offsetof(struct values, allow), .least = 1 },
	{ "deny", &form_networks, .at = offsetof(struct values, deny) },
	{ .name = NULL }
};

static const struct key file_keys[] = {
	{ "modules", &form_modules, .keys = module_keys },
	{ "targets", &form_map, .keys = targets_keys },
	{ .name = NULL }
};

static const struct key whole = {
	.name = "a configuration", .keys = file_keys
};

bool
keys_read(struct values *values, struct document *d)
{
	yaml_node_t *root = document_root(d);

	return root == NULL || form_map.read(d, &whole, root, values);
}

char *
keys_write(const struct values *values)
{
	yaml_document_t document;
	yaml_emitter_t emitter;
	char *text = NULL;
	size_t length;
	bool good = false;
	FILE *file = open_memstream(&text, &length);

	if (file == NULL)
		return NULL;
	if (yaml_emitter_initialize(&emitter)) {
		yaml_emitter_set_output_file(&emitter, file);
		yaml_emitter_set_unicode(&emitter, 1);
		if (yaml_document_initialize(&document, NULL, NULL, NULL, 1,
		    1)) {
			/* yaml_emitter_dump() deletes the document. */
			if (form_map.write(&document, &whole, values) == 0)
				yaml_document_delete(&document);
			else
				good = yaml_emitter_open(&emitter) &&
				    yaml_emitter_dump(&emitter, &document) &&
				    yaml_emitter_close(&emitter);
		}
		yaml_emitter_delete(&emitter);
	}
	good &= fclose(file) == 0;
	if (good)
		return text;
	free(text);
	return NULL;
}

static struct module *
find_module(struct values *values, const char *name)
{
	struct module *module;

	for (module = values->modules; module < values->modules +
	    values->count; module++)
		if (strcmp(module->cm.name, name) == 0)
			return module;
	return NULL;
}

static bool
read_modules(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_.-";
	struct values *values = to;
	yaml_node_pair_t *pair, *end;
	const yaml_node_t *at;
	struct module *module;
	struct key row = *key;
	const char *name;

	if (!form_pairs(d, key, node, &pair, &end))
		return false;
	for (; pair < end; pair++) {
		at = document_node(d, pair->key);
		name = form_name(d, key, node, pair);
		if (name == NULL)
			return false;
		if (*name == '\0' || name[strspn(name, safe)] != '\0' ||
		    strlen(name) > MODULE_NAME_MAX)
			return document_fail(d, at, "'%.100s' is no name of a "
			    "module; it has 1 to %d letters, digits and _.-",
			    name, MODULE_NAME_MAX);
		module = find_module(values, name);
		if (module == NULL && values->count == MODULES_MAX)
			return document_fail(d, at, "too many modules; there "
			    "may be %d", MODULES_MAX);
		if (module == NULL) {
			module = &values->modules[values->count++];
			*module = values->initial;
			module->cm.name = name;
		}
		row.name = name;
		if (!form_map.read(d, &row, document_node(d, pair->value),
		    module) || !check_module(d, at, module))
			return false;
	}
	return true;
}

static int
write_modules(yaml_document_t *y, const struct key *key, const void *from)
{
	const struct values *values = from;
	int map = yaml_document_add_mapping(y, NULL, YAML_BLOCK_MAPPING_STYLE);
	size_t i;

	for (i = 0; i < values->count; i++)
		if (!form_append(y, map, values->modules[i].cm.name,
		    form_map.write(y, key, &values->modules[i])))
			return 0;
	return map;
}

/* Rules that concern more than one key. */
static bool
check_module(struct document *d, const yaml_node_t *node,
    const struct module *module)
{
	const struct cm_tls *tls = &module->cm.tls;
	static const unsigned char none[sizeof(tls->fingerprint)];
	FILE *file;

	if (tls->verify == CM_VERIFY_FINGERPRINT &&
	    memcmp(tls->fingerprint, none, sizeof(none)) == 0)
		return document_fail(d, node, "module '%s' verifies by "
		    "fingerprint, but has no tls.fingerprint_sha256; "
		    "probe_tls_info shows that of a modem", module->cm.name);
	if (tls->verify != CM_VERIFY_CA)
		return true;
	file = cm_file_open(tls->ca_file);
	if (file == NULL)
		return document_fail(d, node, "module '%s' verifies by ca, "
		    "but its tls.ca_file '%.200s' cannot be read; it must be "
		    "a file of certificates in PEM", module->cm.name,
		    tls->ca_file);
	fclose(file);
	return true;
}
