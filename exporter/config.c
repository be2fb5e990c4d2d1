/* SPDX-License-Identifier: MIT */

/*
 * Modules: named ways to ask a modem.
 */

#include "config.h"

#include <string.h>

/* What all modules have in common until they say otherwise. */
#define COMMON \
	.scheme = CM_HTTPS, \
	.port = 443, \
	.timeout_us = INT64_C(10000000), \
	.max_concurrent_fetches = 6, \
	.ip_protocol = CM_IP_ANY, \
	.expose_identifiers = false

static const struct cm_module modules[] = {
	{
		COMMON,
		.name = "coda56",
		.endpoints = 1u << CM_DSINFO | 1u << CM_USINFO |
		    1u << CM_DSOFDMINFO | 1u << CM_USOFDMINFO |
		    1u << CM_GETCMDOCSISWAN | 1u << CM_GETSYSINFO,
	},
	{
		COMMON,
		.name = "full",
		.endpoints = (1u << CM_ENDPOINT_COUNT) - 1,
	},
};

const struct cm_module *
config_module_at(size_t i)
{
	return i < sizeof(modules) / sizeof(modules[0]) ? &modules[i] : NULL;
}

const struct cm_module *
config_module(const char *name)
{
	const struct cm_module *module;
	size_t i;

	for (i = 0; (module = config_module_at(i)) != NULL; i++)
		if (strcmp(module->name, name) == 0)
			break;
	return module;
}
