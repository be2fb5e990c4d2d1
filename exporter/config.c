/* SPDX-License-Identifier: MIT */

/*
 * Modules: named ways to ask a modem.
 */

#include "config.h"

#include <string.h>

#define SECOND INT64_C(1000000)

/* What the built-in modules have in common. */
#define COMMON \
	.scheme = CM_HTTPS, \
	.port = 443, \
	.timeout_us = 10 * SECOND, \
	.ip_protocol = CM_IP_ANY, \
	.source_address = "", \
	.expose_identifiers = false, \
	.tls = { .ca_file = "", .server_name = "", .min_version = 0x0301 }

#define USUAL (1u << CM_DSINFO | 1u << CM_USINFO | 1u << CM_DSOFDMINFO | \
	1u << CM_USOFDMINFO | 1u << CM_GETCMDOCSISWAN | 1u << CM_GETSYSINFO)

static const struct cm_module modules[] = {
	{
		COMMON,
		.name = "coda56",
		.endpoints = USUAL,
		.max_concurrent_fetches = 6,
		.keepalive_us = 90 * SECOND,
	},
	{
		COMMON,
		.name = "full",
		.endpoints = (1u << CM_ENDPOINT_COUNT) - 1,
		.max_concurrent_fetches = 6,
		.keepalive_us = 90 * SECOND,
	},
	{
		/* For firmware that a busy scraper can wedge or reboot. */
		COMMON,
		.name = "gentle",
		.endpoints = USUAL,
		.max_concurrent_fetches = 1,
		.keepalive_us = 0,
		.min_interval_us = {
			[CM_DSINFO] = 60 * SECOND,
			[CM_USINFO] = 60 * SECOND,
			[CM_DSOFDMINFO] = 1800 * SECOND,
			[CM_USOFDMINFO] = 60 * SECOND,
			[CM_GETCMDOCSISWAN] = 60 * SECOND,
			[CM_GETSYSINFO] = 60 * SECOND,
		},
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
