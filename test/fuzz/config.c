/* SPDX-License-Identifier: MIT */

/*
 * Exercises exporter/document.c, exporter/forms.c and exporter/keys.c.
 * The input is a configuration file.
 */

#include "keys.h"

#include "fuzz.h"

static struct values *
values_new(void)
{
	struct values *values = (struct values *)fuzz_memory(sizeof(*values));

	memset(values, 0, sizeof(*values));
	values->initial = (struct module){
		.cm = {
			.name = "coda56",
			.scheme = CM_HTTPS,
			.port = 443,
			.timeout_us = 1000000,
			.endpoints = 1u << CM_DSINFO,
			.max_concurrent_fetches = 1,
			.source_address = "",
			.tls = { .ca_file = "", .server_name = "",
			    .min_version = 0x0301 },
		},
	};
	values->modules[values->count++] = values->initial;
	values->allow.list[values->allow.count++].family = AF_INET;
	return values;
}

static bool
read_values(struct values *values, struct document *d, const char *text,
    size_t length)
{
	if (document_parse(d, "f", text, length) && keys_read(values, d))
		return true;
	CHECK(fuzz_is_sentence(d->why, sizeof(d->why)));
	CHECK(d->why[0] == 'f' && d->why[1] == ':');
	return false;
}

static void
check_module(const struct module *module)
{
	const struct cm_module *cm = &module->cm;
	unsigned i;

	CHECK(strlen(cm->name) >= 1 && strlen(cm->name) <= 63);
	CHECK(cm->scheme == CM_HTTP || cm->scheme == CM_HTTPS);
	CHECK(cm->port > 0 && cm->timeout_us > 0 && cm->keepalive_us >= 0);
	CHECK(cm->endpoints > 0 &&
	    cm->endpoints < 1u << CM_ENDPOINT_COUNT);
	CHECK(cm->max_concurrent_fetches >= 1 &&
	    cm->max_concurrent_fetches <= CM_ENDPOINT_COUNT);
	CHECK(cm->ip_protocol <= CM_IP6 && cm->tls.verify <= CM_VERIFY_CA);
	CHECK(cm->tls.min_version >= 0x0301 && cm->tls.min_version <= 0x0304);
	CHECK(cm->source_address != NULL && cm->tls.ca_file != NULL &&
	    cm->tls.server_name != NULL);
	CHECK(module->min_interval >= 0);
	for (i = 0; i < CM_ENDPOINT_COUNT; i++)
		CHECK(module->endpoint_min_interval.us[i] >= 0);
}

/* What is written reads back as the same. */
static void
check_written(const struct values *values)
{
	struct values *again = values_new();
	char *one = keys_write(values), *other, *exact;
	struct document d;

	CHECK(one != NULL);
	exact = fuzz_bytes(one, strlen(one));
	CHECK(read_values(again, &d, exact, strlen(one)));
	CHECK(again->count == values->count);
	other = keys_write(again);
	CHECK(other != NULL && strcmp(one, other) == 0);
	document_free(&d);
	free(again);
	free(one);
	free(other);
	free(exact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct values *values = values_new();
	char *text = fuzz_bytes(data, size);
	struct document d;
	size_t i;

	if (read_values(values, &d, text, size)) {
		CHECK(values->count >= 1 && values->count <= MODULES_MAX);
		for (i = 0; i < values->count; i++)
			check_module(&values->modules[i]);
		check_written(values);
	}
	document_free(&d);
	free(text);
	free(values);
	return 0;
}
