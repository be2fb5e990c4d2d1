/* SPDX-License-Identifier: MIT */

/*
 * A modem at a glance: who it is, how its line is and why, its channels, its
 * log, and where the rest is.
 */

#include "modem_page.h"

#include <event2/http.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "html.h"
#include "page.h"
#include "sheet.h"
#include "spectrum.h"

#define REFRESH	30	/* seconds that the page's own link has */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What a page is about, for its links. */
struct subject {
	const struct config	*config;
	const char		*target;	/* as a URL */
	const char		*module;
	bool			 refreshed;
};

static void	add_failure(struct draft *, const struct subject *,
		    const struct cm_snapshot *);
static void	add_health(struct draft *, const struct cm_snapshot *);
static void	add_sheets(struct draft *, const struct cm_snapshot *);
static void	add_facts(struct draft *, const struct sheet *,
		    const struct cm_snapshot *);
static void	add_table(struct draft *, const struct sheet *,
		    const struct cm_snapshot *);
static void	add_cell(struct draft *, const struct sheet *,
		    const struct column *, const void *);
static void	add_title(struct draft *, const struct subject *,
		    const struct cm_snapshot *);
static void	add_who(struct draft *, const struct cm_snapshot *);
static void	add_links(struct draft *, const struct subject *);
static void	add_target(struct draft *, const struct subject *);

void
modem_page_send(struct evhttp_request *req, const struct config *config,
    const struct cm_target *target, const char *module, bool refreshed,
    const struct cm_snapshot *s)
{
	char url[CM_TARGET_SIZE];
	struct subject subject = { config, url, module, refreshed };
	struct draft out = { 0 };

	cm_target_format(target, url);
	html_begin(&out, config, url);
	add_title(&out, &subject, s);
	if (sheet_anything(s))
		add_health(&out, s);
	if (cm_snapshot_reason(s) != CM_OK)
		add_failure(&out, &subject, s);
	if (sheet_anything(s))
		add_sheets(&out, s);
	add_target(&out, &subject);
	html_send(req, 200, &out);
}

void
modem_page_refuse(struct evhttp_request *req, const struct config *config,
    int status, const char *why)
{
	struct draft out = { 0 };
	const char *hint = "Come back in a moment.";

	if (status == 400)
		hint = "A modem is asked for by a name, an IPv4 address, or "
		    "an IPv6 address in brackets, perhaps with a port, and "
		    "<code>http://</code> or <code>https://</code> before it.";
	else if (status == 403)
		hint = "Whom the exporter may ask is said where it is "
		    "started, with <code>--target.allow</code>, or in its "
		    "configuration file.";
	html_begin(&out, config, "No probe");
	draft_add(&out, "<h1>No modem was asked</h1>\n"
	    "<section class=\"verdict bad\">\n<h2>");
	html_mark(&out, CM_BAD);
	draft_printf(&out, "<span>%c", toupper((unsigned char)*why));
	html_text(&out, *why != '\0' ? why + 1 : why);
	draft_printf(&out, ".</span></h2>\n<p>%s</p>\n"
	    "</section>\n<nav aria-label=\"Other pages\"><a "
	    "href=\"%s\">Ask another modem</a></nav>\n", hint,
	    config->external_path);
	html_send(req, status, &out);
}

/* The beginning of a link to what a route says of the modem. */
static void
add_link(struct draft *out, const struct subject *subject,
    const char *route, const char *more)
{
	draft_printf(out, "<a href=\"%s%s?target=",
	    subject->config->external_path, route);
	html_query(out, subject->target);
	if (strcmp(route, "logs") != 0) {
		draft_add(out, "&amp;module=");
		html_query(out, subject->module);
	}
	draft_printf(out, "%s\">", more);
}

static void
add_title(struct draft *out, const struct subject *subject,
    const struct cm_snapshot *s)
{
	time_t now = time(NULL);
	struct tm tm;
	char date[32];

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%SZ", &tm);
	draft_add(out, "<h1>");
	html_text(out, subject->target);
	draft_printf(out, "</h1>\n<p class=\"note\">Asked <time>%s"
	    "</time>, answered in %.3f&nbsp;s, module %s.</p>\n", date,
	    (double)cm_snapshot_duration(s) / 1e6, subject->module);
	add_who(out, s);
	add_links(out, subject);
}

/* What the modem is, in a line. */
static void
add_who(struct draft *out, const struct cm_snapshot *s)
{
	const struct sheet *sheet = &sheets[SHEET_SYSTEM];
	const void *row = cm_snapshot_row(s, sheet->record, 0);
	char text[CELL_SIZE];
	size_t i;

	draft_add(out, "<div class=\"who\">\n");
	for (i = 0; i < sheet->count; i++) {
		if (*cell_text(&sheet->columns[i], row, text) == '\0')
			continue;
		draft_printf(out, "<p>%s <b>",
		    sheet->columns[i].heading);
		html_text(out, text);
		draft_add(out, "</b></p>\n");
	}
	draft_add(out, "</div>\n");
}

static void
add_links(struct draft *out, const struct subject *subject)
{
	const struct config *config = subject->config;
	char refresh[32];

	draft_add(out, "<nav aria-label=\"This modem\">\n");
	add_link(out, subject, "modem", "");
	draft_printf(out, "%s</a>\n", subject->refreshed ?
	    "Stop asking again" : "Ask again");
	if (!subject->refreshed) {
		snprintf(refresh, sizeof(refresh), "&amp;refresh=%d", REFRESH);
		add_link(out, subject, "modem", refresh);
		draft_printf(out, "Ask every %d s</a>\n", REFRESH);
	}
	add_link(out, subject, "probe", "");
	draft_add(out, "Metrics</a>\n");
	if (!config->disable_debug && config->history_limit > 0) {
		add_link(out, subject, "logs", "");
		draft_add(out, "Log of the probe</a>\n");
	}
	draft_add(out, "</nav>\n");
}

/* A phase without a time was not reached; the last one with a time is where
 * the probe failed. */
static void
add_phases(struct draft *out, const struct subject *subject,
    const struct cm_snapshot *s)
{
	const struct cm_connection *c = cm_snapshot_connection(s, 0);
	bool tls = strncmp(subject->target, "https", 5) == 0;
	const struct {
		const char	*name;
		const char	*seconds;
	} phases[] = {
		{ "Finding its address", c->resolve },
		{ "Connecting", c->connect },
		{ "Agreeing on TLS", c->tls },
		{ "Waiting for pages", c->wait },
		{ "Transferring pages", c->transfer },
	};
	size_t i, last = 0;

	for (i = 0; i < COUNT(phases); i++)
		if (phases[i].seconds != NULL)
			last = i;
	draft_add(out, "<h3>How far it got</h3>\n"
	    "<ol class=\"findings\">\n");
	for (i = 0; i < COUNT(phases); i++) {
		if (i == 2 && !tls)
			continue;
		draft_add(out, "<li>");
		html_mark(out, i < last ? CM_GOOD : i > last ? CM_UNKNOWN :
		    CM_BAD);
		draft_printf(out, "%s: ", phases[i].name);
		if (i > last)
			draft_add(out, "not reached");
		else
			draft_printf(out, "%.1f ms%s",
			    phases[i].seconds != NULL ?
			    strtod(phases[i].seconds, NULL) * 1e3 : 0,
			    i == last ? ", and no further" : "");
		draft_add(out, "</li>\n");
	}
	draft_add(out, "</ol>\n<p class=\"note\">Times are those of all "
	    "connections together.</p>\n");
}

/* The reasons for which the other scheme is worth a try. */
static bool
may_be_scheme(enum cm_reason reason)
{
	return reason == CM_CONNECT_REFUSED || reason == CM_HTTP_PROTOCOL ||
	    reason == CM_TLS_HANDSHAKE_FAILED || reason == CM_NOT_JSON ||
	    reason == CM_REDIRECT || reason == CM_CONNECTION_RESET;
}

static void
add_failure(struct draft *out, const struct subject *subject,
    const struct cm_snapshot *s)
{
	enum cm_reason reason = cm_snapshot_reason(s);
	bool tls = strncmp(subject->target, "https", 5) == 0;
	const char *rest = strstr(subject->target, "://");
	char other[CM_TARGET_SIZE];
	struct subject retry = *subject;

	draft_add(out, "<section class=\"verdict bad\">\n"
	    "<h2>");
	html_mark(out, CM_BAD);
	draft_printf(out, "<span>The probe failed: %s</span></h2>\n<p>",
	    cm_reason_word(reason));
	html_text(out, cm_snapshot_text(s));
	draft_add(out, ".</p>\n<p><strong>What to do:</strong> ");
	html_text(out, cm_reason_hint(reason));
	draft_add(out, ".");
	if (may_be_scheme(reason) && rest != NULL) {
		/* The port goes with the scheme. */
		snprintf(other, sizeof(other), "%s%.*s", tls ? "http" :
		    "https", (int)(strrchr(rest, ':') - rest), rest);
		retry.target = other;
		draft_add(out, " Or try ");
		add_link(out, &retry, "modem", "");
		html_text(out, other);
		draft_add(out, "</a>.");
	}
	draft_add(out, "</p>\n");
	if (!sheet_anything(s))
		add_phases(out, subject, s);
	draft_add(out, "</section>\n");
}

static void
add_mark(struct draft *out, enum cm_grade grade)
{
	html_mark(out, grade);
	draft_printf(out, "<span class=\"aloud\"> %s </span>",
	    cm_grade_word(grade));
}

static void
add_health(struct draft *out, const struct cm_snapshot *s)
{
	struct cm_health health;
	unsigned i;

	cm_health(s, &health);
	draft_printf(out, "<section class=\"verdict %s\">\n<h2>",
	    cm_grade_word(health.grade));
	add_mark(out, health.grade);
	draft_printf(out, "<span>%s</span></h2>\n",
	    cm_health_words(health.grade));
	if (health.count > 0)
		draft_add(out, "<ul class=\"findings\">\n");
	for (i = 0; i < health.count; i++) {
		draft_add(out, "<li>");
		add_mark(out, health.findings[i].grade);
		draft_add(out, "<span>");
		html_text(out, health.findings[i].text);
		draft_add(out, "</span></li>\n");
	}
	draft_printf(out, "%s</section>\n",
	    health.count > 0 ? "</ul>\n" : "");
}

static void
add_sheets(struct draft *out, const struct cm_snapshot *s)
{
	size_t i;

	spectrum_write(out, s);
	draft_add(out, "<div class=\"cards\">\n");
	for (i = SHEET_WAN; i <= SHEET_LINK; i++)
		if (sheets[i].single)
			add_facts(out, &sheets[i], s);
		else
			add_table(out, &sheets[i], s);
	draft_add(out, "</div>\n");
	for (; i < SHEET_COUNT; i++)
		add_table(out, &sheets[i], s);
}

static void
add_facts(struct draft *out, const struct sheet *sheet,
    const struct cm_snapshot *s)
{
	const void *row = cm_snapshot_row(s, sheet->record, 0);
	bool begun = false;
	char text[CELL_SIZE];
	size_t i;

	for (i = 0; i < sheet->count; i++) {
		if (*cell_text(&sheet->columns[i], row, text) == '\0')
			continue;
		if (!begun)
			draft_printf(out, "<section>\n<h2>%s</h2>\n"
			    "<dl>\n", sheet->title);
		begun = true;
		draft_printf(out, "<dt>%s</dt><dd>",
		    sheet->columns[i].heading);
		html_text(out, text);
		draft_add(out, "</dd>\n");
	}
	if (begun)
		draft_add(out, "</dl>\n</section>\n");
}

static void
add_table(struct draft *out, const struct sheet *sheet,
    const struct cm_snapshot *s)
{
	const struct column *c, *end = sheet->columns + sheet->count;
	const void *row;
	unsigned shown = 0, i;

	for (c = sheet->columns; c < end; c++)
		if (column_is_there(sheet, c, s))
			shown |= 1u << (c - sheet->columns);
	if (shown == 0)
		return;
	draft_printf(out, "<section>\n<h2>%s</h2>\n"
	    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s\">\n<table>\n<thead><tr>", sheet->title,
	    sheet->title);
	for (c = sheet->columns; c < end; c++)
		if (shown & 1u << (c - sheet->columns))
			draft_printf(out, "<th scope=\"col\"%s>%s</th>",
			    column_is_number(c) ? " class=\"number\"" : "",
			    c->heading);
	draft_add(out, "</tr></thead>\n<tbody>\n");
	for (i = 0; (row = cm_snapshot_row(s, sheet->record, i)) != NULL;
	    i++) {
		draft_add(out, "<tr>");
		for (c = sheet->columns; c < end; c++)
			if (shown & 1u << (c - sheet->columns))
				add_cell(out, sheet, c, row);
		draft_add(out, "</tr>\n");
	}
	draft_add(out, "</tbody>\n</table>\n</div>\n</section>\n");
}

/* The first of a row is its heading.  What is good needs no mark. */
static void
add_cell(struct draft *out, const struct sheet *sheet,
    const struct column *c, const void *row)
{
	bool is_heading = c == sheet->columns;
	enum cm_grade grade = cell_grade(sheet, c, row);
	char text[CELL_SIZE];

	draft_printf(out, is_heading ? "<th scope=\"row\"%s>" : "<td%s>",
	    column_is_number(c) ? " class=\"number\"" :
	    c->cell == CELL_DATE ? " class=\"date\"" : "");
	if (grade > CM_GOOD)
		add_mark(out, grade);
	html_text(out, cell_text(c, row, text));
	draft_printf(out, is_heading ? "</th>" : "</td>");
}

static void
add_target(struct draft *out, const struct subject *subject)
{
	draft_printf(out, "<section>\n<h2>For prometheus.yml</h2>\n"
	    "<p>Below <code>static_configs</code> of a job with "
	    "<code>metrics_path: %sprobe</code> and <code>params: {module: "
	    "[%s]}</code>:</p>\n<pre tabindex=\"0\">- targets: [&quot;",
	    subject->config->external_path, subject->module);
	html_text(out, subject->target);
	draft_add(out, "&quot;]</pre>\n</section>\n");
}
