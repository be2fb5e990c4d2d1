/* SPDX-License-Identifier: MIT */

/*
 * Settings: the built-in modules, the configuration file over them, and the
 * command line over that.
 */

#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

#define SECOND INT64_C(1000000)

struct settings {
	unsigned		 holders;
	struct values		 values;
	struct document		 document;	/* texts of values are in it */
	struct cm_policy	 policy;
	/* --modem.module, and --modem.target if it is given. */
	const struct cm_module	*module;
	struct cm_target	 target;
	bool			 has_target;
};

/* What the built-in modules have in common. */
#define COMMON \
	.scheme = CM_HTTPS, \
	.timeout_us = 10 * SECOND, \
	.ip_protocol = CM_IP_ANY, \
	.source_address = "", \
	.expose_identifiers = false, \
	.tls = { .ca_file = "", .server_name = "", .min_version = 0x0301 }

#define USUAL (1u << CM_DSINFO | 1u << CM_USINFO | 1u << CM_DSOFDMINFO | \
	1u << CM_USOFDMINFO | 1u << CM_GETCMDOCSISWAN | 1u << CM_GETSYSINFO)

/* The first is the default, and what a module of the file begins as. */
static const struct module modules[] = {
	{
		.cm = {
			COMMON,
			.name = "coda56",
			.endpoints = USUAL,
			.max_concurrent_fetches = 6,
			.keepalive_us = 90 * SECOND,
		},
	},
	{
		.cm = {
			COMMON,
			.name = "full",
			.endpoints = (1u << CM_ENDPOINT_COUNT) - 1,
			.max_concurrent_fetches = 6,
			.keepalive_us = 90 * SECOND,
		},
	},
	{
		/* For firmware that a busy scraper can wedge or reboot. */
		.cm = {
			COMMON,
			.name = "gentle",
			.endpoints = USUAL,
			.max_concurrent_fetches = 1,
			.keepalive_us = 0,
		},
		.min_interval = 60 * SECOND,
		.endpoint_min_interval = {
			.pages = 1u << CM_DSOFDMINFO,
			.us[CM_DSOFDMINFO] = 1800 * SECOND,
		},
	},
};

static void	resolve(struct settings *);
static bool	find_modem(struct settings *, const struct config *, char *,
		    size_t);

struct settings *
settings_load(const struct config *config, char *why, size_t whysize)
{
	struct settings *s = calloc(1, sizeof(*s));
	struct values *values;

	if (s == NULL) {
		snprintf(why, whysize, "no memory for the configuration");
		return NULL;
	}
	s->holders = 1;
	values = &s->values;
	memcpy(values->modules, modules, sizeof(modules));
	values->count = sizeof(modules) / sizeof(modules[0]);
	values->initial = modules[0];
	values->allow = config->allow;
	values->deny = config->deny;
	if (config->file[0] != '\0' &&
	    (!document_read(&s->document, config->file) ||
	    !keys_read(values, &s->document))) {
		snprintf(why, whysize, "%s", s->document.why);
		settings_release(s);
		return NULL;
	}
	if (config->allow.given)
		values->allow = config->allow;
	if (config->deny.given)
		values->deny = config->deny;
	resolve(s);
	if (!find_modem(s, config, why, whysize)) {
		settings_release(s);
		return NULL;
	}
	return s;
}

/* Fill in what the library wants to know of each module. */
static void
resolve(struct settings *s)
{
	const struct values *values = &s->values;
	struct module *module;
	unsigned i;

	s->policy = (struct cm_policy){
		values->allow.list, values->allow.count,
		values->deny.list, values->deny.count,
	};
	for (module = s->values.modules; module < s->values.modules +
	    values->count; module++) {
		module->cm.policy = &s->policy;
		if (module->cm.port == 0)	/* nobody says */
			module->cm.port = module->cm.scheme == CM_HTTP ? 80 :
			    443;
		for (i = 0; i < CM_ENDPOINT_COUNT; i++)
			module->cm.min_interval_us[i] =
			    module->endpoint_min_interval.pages & 1u << i ?
			    module->endpoint_min_interval.us[i] :
			    module->min_interval;
	}
}

/* The command line's module and target; without a scheme and a port of its
 * own, the target has those of the module. */
static bool
find_modem(struct settings *s, const struct config *config, char *why,
    size_t whysize)
{
	const char *option = config->probe ? "probe " : "--modem.target=";
	char text[256], line[1024];

	s->module = settings_module(s, config->modem_module);
	if (s->module == NULL) {
		snprintf(line, sizeof(line), "--%s=%s: no such module; there "
		    "are coda56, full, gentle and those of --config.file",
		    config->probe ? "module" : "modem.module",
		    config->modem_module);
		cm_escape(why, whysize, line);
		return false;
	}
	s->has_target = config->probe || config->modem_target[0] != '\0';
	if (!s->has_target || cm_target_parse(&s->target, config->modem_target,
	    s->module->scheme, s->module->port, text, sizeof(text)))
		return true;
	snprintf(line, sizeof(line), "%s%s: %s", option, config->modem_target,
	    text);
	cm_escape(why, whysize, line);
	return false;
}

struct settings *
settings_hold(struct settings *s)
{
	s->holders++;
	return s;
}

void
settings_release(struct settings *s)
{
	if (--s->holders > 0)
		return;
	document_free(&s->document);
	free(s);
}

const struct cm_module *
settings_module_at(const struct settings *s, size_t i)
{
	return i < s->values.count ? &s->values.modules[i].cm : NULL;
}

const struct cm_module *
settings_module(const struct settings *s, const char *name)
{
	const struct cm_module *module;
	size_t i;

	for (i = 0; (module = settings_module_at(s, i)) != NULL; i++)
		if (strcmp(module->name, name) == 0)
			break;
	return module;
}

const struct cm_target *
settings_modem(const struct settings *s, const struct cm_module **module)
{
	*module = s->module;
	return s->has_target ? &s->target : NULL;
}

char *
settings_write(const struct settings *s)
{
	return keys_write(&s->values);
}

char *
settings_write_module(const struct settings *s, const struct cm_module *module)
{
	struct values *one = malloc(sizeof(*one));
	char *text;
	size_t i;

	if (one == NULL)
		return NULL;
	*one = s->values;
	for (i = 0; &s->values.modules[i].cm != module; i++)
		;
	one->modules[0] = s->values.modules[i];
	one->count = 1;
	text = keys_write(one);
	free(one);
	return text;
}
