/* SPDX-License-Identifier: MIT */

/*
 * The pages for people.  What stands in them is escaped where it comes from
 * elsewhere, or has no character that HTML knows: targets in their canonical
 * spelling, modules' names, words for reasons, numbers and checked paths.
 */

#include "landing.h"

#include <event2/buffer.h>
#include <event2/http.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "page.h"

#define TIME_SIZE 32

static void
format_time(char *text, int64_t seconds)
{
	time_t time = (time_t)seconds;
	struct tm tm;

	gmtime_r(&time, &tm);
	strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* The text of a buffer, which is freed, as a page. */
static void
send_text(struct evhttp_request *req, const char *type, struct evbuffer *text)
{
	size_t length = evbuffer_get_length(text);
	char *body = malloc(length + 1);

	if (body != NULL)
		evbuffer_remove(text, body, length);
	evbuffer_free(text);
	page_send(req, 200, type, body, length);
}

static void
add_form(struct evbuffer *out, const struct config *config,
    const struct settings *settings)
{
	const struct cm_module *module;
	const struct cm_target *modem = settings_modem(settings, &module);
	char target[CM_TARGET_SIZE] = "192.168.100.1";
	size_t i;

	if (modem != NULL)
		cm_target_format(modem, target);
	evbuffer_add_printf(out,
	    "<form action=\"%sprobe\" method=\"get\">\n"
	    "<p><label>Modem <input name=\"target\" required\n"
	    "value=\"%s\"></label>\n"
	    "<label>Module <select name=\"module\">",
	    config->external_path, target);
	for (i = 0; (module = settings_module_at(settings, i)) != NULL; i++)
		evbuffer_add_printf(out, "<option>%s</option>", module->name);
	evbuffer_add_printf(out, "</select></label>\n"
	    "<button>Probe</button></p>\n"
	    "</form>\n");
}

static void
add_links(struct evbuffer *out, const struct config *config, bool has_modem)
{
	const char *path = config->external_path;

	evbuffer_add_printf(out, "<ul>\n"
	    "<li><a href=\"%s%s\">Metrics of the exporter%s</a></li>\n",
	    path, config->telemetry_path + 1,
	    has_modem ? " and of the modem" : "");
	if (!config->disable_config)
		evbuffer_add_printf(out,
		    "<li><a href=\"%sconfig\">Configuration</a></li>\n", path);
	evbuffer_add_printf(out,
	    "<li><a href=\"%s-/healthy\">Health</a></li>\n"
	    "<li><a href=\"%s-/ready\">Readiness</a></li>\n"
	    "</ul>\n", path, path);
}

static void
add_history(struct evbuffer *out, const struct config *config,
    const struct history *history)
{
	const struct past_probe *p;
	char time[TIME_SIZE];
	size_t i;

	if (history_at(history, 0) == NULL)
		return;
	evbuffer_add_printf(out, "<h2>Last probes</h2>\n<table>\n"
	    "<tr><th>Time</th><th>Modem</th><th>Module</th><th>Result</th>"
	    "<th>Seconds</th><th></th></tr>\n");
	for (i = 0; (p = history_at(history, i)) != NULL; i++) {
		format_time(time, p->time);
		evbuffer_add_printf(out, "<tr><td>%s</td><td>%s</td>"
		    "<td>%s</td><td>%s</td><td>%s</td><td>", time, p->target,
		    p->module, cm_reason_word(p->reason), p->duration);
		if (!config->disable_debug)
			evbuffer_add_printf(out,
			    "<a href=\"%slogs?id=%" PRIu64 "\">Log</a>",
			    config->external_path, p->id);
		evbuffer_add_printf(out, "</td></tr>\n");
	}
	evbuffer_add_printf(out, "</table>\n");
}

void
landing_send(struct evhttp_request *req, const struct config *config,
    const struct settings *settings, const struct history *history)
{
	struct evbuffer *out = evbuffer_new();
	const struct cm_module *module;

	if (out == NULL) {
		page_send(req, 500, "text/html; charset=utf-8", NULL, 0);
		return;
	}
	evhttp_add_header(evhttp_request_get_output_headers(req),
	    "Content-Security-Policy",
	    "default-src 'none'; form-action 'self'; img-src 'self'");
	evbuffer_add_printf(out,
	    "<!DOCTYPE html>\n"
	    "<html lang=\"en\">\n"
	    "<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<title>coda56-exporter</title>\n"
	    "<link rel=\"icon\" href=\"%sfavicon.ico\">\n"
	    "</head>\n"
	    "<body>\n"
	    "<h1>coda56-exporter</h1>\n"
	    "<p>Version " VERSION ". Asks a Hitron CODA cable modem for its\n"
	    "status and answers in the text format of Prometheus.</p>\n",
	    config->external_path);
	add_form(out, config, settings);
	add_links(out, config, settings_modem(settings, &module) != NULL);
	add_history(out, config, history);
	evbuffer_add_printf(out, "</body>\n</html>\n");
	send_text(req, "text/html; charset=utf-8", out);
}

void
landing_send_log(struct evhttp_request *req, const struct past_probe *p)
{
	struct evbuffer *out = evbuffer_new();
	char time[TIME_SIZE];

	if (out == NULL) {
		page_send(req, 500, "text/plain; charset=utf-8", NULL, 0);
		return;
	}
	format_time(time, p->time);
	evbuffer_add_printf(out, "Probe %" PRIu64 " of %s with module %s, "
	    "ended %s after %s s: %s\n\n%s", p->id, p->target, p->module,
	    time, p->duration, cm_reason_word(p->reason), p->log);
	send_text(req, "text/plain; charset=utf-8", out);
}
