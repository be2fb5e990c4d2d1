/* SPDX-License-Identifier: MIT */

/*
 * Modules: named ways to ask a modem.
 */

#include "config.h"

#include <string.h>

static const struct cm_module modules[] = {
	{
		.name = "coda56",
		.scheme = CM_HTTPS,
		.port = 443,
		.timeout_us = 10 * 1000000,
		.endpoints = 1u << CM_DSINFO | 1u << CM_USINFO |
		    1u << CM_DSOFDMINFO | 1u << CM_USOFDMINFO |
		    1u << CM_GETCMDOCSISWAN | 1u << CM_GETSYSINFO,
		.max_concurrent_fetches = 6,
		.ip_protocol = CM_IP_ANY,
		.expose_identifiers = false,
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
