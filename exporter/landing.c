/* SPDX-License-Identifier: MIT */

/*
 * The pages for people.  What stands in them is escaped where it comes from
 * elsewhere, or has no character that HTML knows: targets in their canonical
 * spelling, modules' names, words for reasons, numbers and checked paths.
 */

#include "landing.h"

#include <event2/http.h>

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "html.h"
#include "page.h"

#define TIME_SIZE 32

static void
format_time(char *text, int64_t seconds)
{
	time_t time = (time_t)seconds;
	struct tm tm;

	gmtime_r(&time, &tm);
	strftime(text, TIME_SIZE, "%Y-%m-%d %H:%M:%SZ", &tm);
}

static void
add_form(struct draft *out, const struct config *config,
    const struct settings *settings)
{
	const struct cm_module *module, *chosen;
	const struct cm_target *modem = settings_modem(settings, &chosen);
	char target[CM_TARGET_SIZE] = "192.168.100.1";
	size_t i;

	if (modem != NULL)
		cm_target_format(modem, target);
	draft_printf(out,
	    "<section>\n"
	    "<form action=\"%smodem\" method=\"get\">\n"
	    "<label>Modem <input name=\"target\" required "
	    "spellcheck=\"false\"\n"
	    "value=\"%s\"></label>\n"
	    "<label>Module <select name=\"module\">",
	    config->external_path, target);
	for (i = 0; (module = settings_module_at(settings, i)) != NULL; i++)
		draft_printf(out, "<option%s>%s</option>", module == chosen ?
		    " selected" : "", module->name);
	draft_printf(out, "</select></label>\n"
	    "<button class=\"first\">Show</button>\n"
	    "<button formaction=\"%sprobe\">Metrics</button>\n"
	    "</form>\n</section>\n", config->external_path);
}

static void
add_links(struct draft *out, const struct config *config, bool has_modem)
{
	const char *path = config->external_path;

	draft_printf(out, "<nav aria-label=\"The exporter\">\n"
	    "<a href=\"%s%s\">Metrics of the exporter%s</a>\n", path,
	    config->telemetry_path + 1, has_modem ? " and the modem" : "");
	if (!config->disable_config)
		draft_printf(out,
		    "<a href=\"%sconfig\">Configuration</a>\n", path);
	draft_printf(out,
	    "<a href=\"%s-/healthy\">Health</a>\n"
	    "<a href=\"%s-/ready\">Readiness</a>\n"
	    "</nav>\n", path, path);
}

static void
add_past(struct draft *out, const struct config *config,
    const struct past_probe *p)
{
	char time[TIME_SIZE];

	draft_printf(out, "<tr><th scope=\"row\">"
	    "<a href=\"%smodem?target=", config->external_path);
	html_query(out, p->target);
	draft_add(out, "&amp;module=");
	html_query(out, p->module);
	draft_printf(out, "\">%s</a></th><td>", p->target);
	html_mark(out, p->reason == CM_OK ? CM_GOOD : CM_BAD);
	format_time(time, p->time);
	draft_printf(out, "%s</td><td>%s</td>"
	    "<td class=\"number\">%.3f</td><td>%s</td>",
	    cm_reason_word(p->reason), time, strtod(p->duration, NULL),
	    p->module);
	if (!config->disable_debug)
		draft_printf(out, "<td><a href=\"%slogs?id=%" PRIu64
		    "\">Log</a></td>", config->external_path, p->id);
	draft_add(out, "</tr>\n");
}

static void
add_history(struct draft *out, const struct config *config,
    const struct history *history)
{
	const struct past_probe *p;
	size_t i;

	if (history_at(history, 0) == NULL)
		return;
	draft_printf(out, "<section>\n<h2>Last probes</h2>\n"
	    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Last probes\">\n<table>\n<thead><tr>"
	    "<th scope=\"col\">Modem</th><th scope=\"col\">Result</th>"
	    "<th scope=\"col\">Time</th>"
	    "<th scope=\"col\" class=\"number\">Seconds</th>"
	    "<th scope=\"col\">Module</th>%s</tr></thead>\n<tbody>\n",
	    config->disable_debug ? "" : "<th scope=\"col\">Log</th>");
	for (i = 0; (p = history_at(history, i)) != NULL; i++)
		add_past(out, config, p);
	draft_add(out, "</tbody>\n</table>\n</div>\n</section>\n");
}

void
landing_send(struct evhttp_request *req, const struct config *config,
    const struct settings *settings, const struct history *history)
{
	struct draft out = { 0 };
	const struct cm_module *module;

	html_begin(&out, config, "coda56-exporter");
	draft_add(&out, "<h1>How is the line?</h1>\n"
	    "<p>Asks a Hitron CODA cable modem for its status, now, and shows "
	    "it, or answers in the text format of Prometheus.</p>\n");
	add_form(&out, config, settings);
	add_links(&out, config, settings_modem(settings, &module) != NULL);
	add_history(&out, config, history);
	html_send(req, 200, &out);
}

void
landing_send_log(struct evhttp_request *req, const struct past_probe *p)
{
	struct draft out = { 0 };
	char time[TIME_SIZE];

	format_time(time, p->time);
	draft_printf(&out, "Probe %" PRIu64 " of %s with module %s, ended %s "
	    "after %s s: %s\n\n%s", p->id, p->target, p->module, time,
	    p->duration, cm_reason_word(p->reason), p->log);
	page_send_draft(req, 200, "text/plain; charset=utf-8", &out);
}
