/* SPDX-License-Identifier: MIT */

/*
 * What a request for a probe asks for: its query, and how long it waits.
 */

#include "question.h"

#include <event2/http.h>

#include <stdio.h>
#include <string.h>

#include "parse.h"
#include "query.h"

#define NO_TIMEOUT	120000000	/* microseconds, without the header */
#define REFRESH_MIN	5		/* seconds */
#define REFRESH_MAX	86400

static void	refuse_module(const struct settings *, const char *, char *,
		    size_t);
static bool	read_debug(struct question *, const char *, char *, size_t);
static bool	read_refresh(struct question *, const char *, char *, size_t);

bool
question_read(struct question *q, enum reply reply, struct evhttp_request *req,
    const char *query, const struct config *config,
    const struct settings *settings, char *why, size_t whysize)
{
	bool page = reply == REPLY_MODEM;
	const char *option = page ? "refresh" : "debug";
	const char *const names[] = { "target", "module", option, NULL };
	const char *unknown, *target, *module, *value;
	struct query parameters;
	char shown[64];

	memset(q, 0, sizeof(*q));
	q->reply = reply;
	if (!query_parse(&parameters, query, why, whysize))
		return false;
	unknown = query_unknown(&parameters, names);
	target = query_get(&parameters, "target");
	module = query_get(&parameters, "module");
	value = query_get(&parameters, option);
	q->module = module == NULL ? settings_module_at(settings, 0) :
	    settings_module(settings, module);
	if (unknown != NULL) {
		cm_escape(shown, sizeof(shown), unknown);
		snprintf(why, whysize, "unknown parameter '%s'; there are "
		    "target, module and %s", shown, option);
	} else if (q->module == NULL)
		refuse_module(settings, module, why, whysize);
	else if (target == NULL || *target == '\0')
		snprintf(why, whysize, "the parameter target is missing, as "
		    "in %s?target=192.168.100.1", page ? "/modem" : "/probe");
	else
		return question_timeout(req, config, &q->timeout, why,
		    whysize) && cm_target_parse(&q->target, target,
		    q->module->scheme, q->module->port, why, whysize) &&
		    (value == NULL || (page ?
		    read_refresh(q, value, why, whysize) :
		    read_debug(q, value, why, whysize)));
	return false;
}

static void
refuse_module(const struct settings *settings, const char *name, char *why,
    size_t whysize)
{
	const struct cm_module *module;
	char shown[64];
	size_t i, n;

	cm_escape(shown, sizeof(shown), name);
	snprintf(why, whysize, "unknown module '%s'; there are", shown);
	for (i = 0; (module = settings_module_at(settings, i)) != NULL; i++) {
		n = strlen(why);
		snprintf(why + n, whysize - n, "%s %s", i > 0 ? "," : "",
		    module->name);
	}
}

static bool
read_debug(struct question *q, const char *value, char *why, size_t whysize)
{
	if (strcmp(value, "true") == 0)
		q->reply = REPLY_DEBUG;
	else if (strcmp(value, "false") != 0) {
		snprintf(why, whysize, "debug must be true or false");
		return false;
	}
	return true;
}

static bool
read_refresh(struct question *q, const char *value, char *why, size_t whysize)
{
	if (parse_number(value, REFRESH_MIN, REFRESH_MAX, &q->refresh))
		return true;
	snprintf(why, whysize, "refresh must be a number of seconds from %d "
	    "to %d", REFRESH_MIN, REFRESH_MAX);
	return false;
}

bool
question_timeout(struct evhttp_request *req, const struct config *config,
    int64_t *microseconds, char *why, size_t whysize)
{
	const char *text = evhttp_find_header(
	    evhttp_request_get_input_headers(req),
	    "X-Prometheus-Scrape-Timeout-Seconds");
	int64_t whole = NO_TIMEOUT, rest;

	if (text != NULL && (!parse_seconds(text, &whole) || whole == 0)) {
		snprintf(why, whysize, "X-Prometheus-Scrape-Timeout-Seconds "
		    "must be a number of seconds above 0");
		return false;
	}
	rest = whole - config->timeout_offset;
	if (rest < whole / 2)
		rest = whole / 2;
	*microseconds = rest > 0 ? rest : 1;
	return true;
}
