/* SPDX-License-Identifier: MIT */

/*
 * A modem at a glance: who it is, how its line is and why, its channels, its
 * log, and where the rest is.
 */

#include "modem_page.h"

#include <event2/buffer.h>
#include <event2/http.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "html.h"
#include "page.h"
#include "sheet.h"
#include "spectrum.h"

#define REFRESH	30	/* seconds that the page's own link has */

/* What is said beside a colour. */
static const char *const marks[CM_GRADE_COUNT] = {
	[CM_UNKNOWN] = "?",
	[CM_GOOD] = "&#10003;",
	[CM_TOLERABLE] = "~",
	[CM_BAD] = "!",
	[CM_CRITICAL] = "!!",
};

/* What a page is about, for its links. */
struct subject {
	const struct config	*config;
	const char		*target;	/* as a URL */
	const char		*module;
	bool			 refreshed;
};

static void	add_failure(struct evbuffer *, const struct subject *,
		    const struct cm_snapshot *);
static void	add_health(struct evbuffer *, const struct cm_snapshot *);
static void	add_facts(struct evbuffer *, const struct sheet *,
		    const struct cm_snapshot *);
static void	add_table(struct evbuffer *, const struct sheet *,
		    const struct cm_snapshot *);
static void	add_cell(struct evbuffer *, const struct column *,
		    const void *, bool);
static void	add_title(struct evbuffer *, const struct subject *,
		    const struct cm_snapshot *);
static void	add_who(struct evbuffer *, const struct cm_snapshot *);
static void	add_links(struct evbuffer *, const struct subject *);
static void	add_target(struct evbuffer *, const struct subject *);

static bool
anything_read(const struct cm_snapshot *s)
{
	const struct cm_page *page;
	unsigned i;

	for (i = 0; (page = cm_snapshot_page(s, i)) != NULL; i++)
		if (strcmp(page->success, "1") == 0)
			return true;
	return false;
}

void
modem_page_send(struct evhttp_request *req, const struct config *config,
    const struct cm_target *target, const char *module,
    const struct cm_snapshot *s)
{
	char url[CM_TARGET_SIZE];
	struct subject subject = { config, url, module, evhttp_find_header(
	    evhttp_request_get_output_headers(req), "Refresh") != NULL };
	struct evbuffer *out;
	size_t i;

	cm_target_format(target, url);
	out = html_begin(config, url);
	if (out != NULL) {
		add_title(out, &subject, s);
		if (cm_snapshot_reason(s) != CM_OK)
			add_failure(out, &subject, s);
		if (anything_read(s))
			add_health(out, s);
		spectrum_write(out, s);
		evbuffer_add_printf(out, "<div class=\"cards\">\n");
		for (i = 0; i < SHEET_COUNT; i++)
			if (sheets[i].single && i != SHEET_SYSTEM)
				add_facts(out, &sheets[i], s);
		evbuffer_add_printf(out, "</div>\n");
		for (i = 0; i < SHEET_COUNT; i++)
			if (!sheets[i].single)
				add_table(out, &sheets[i], s);
		add_target(out, &subject);
	}
	html_send(req, 200, out);
}

void
modem_page_refuse(struct evhttp_request *req, const struct config *config,
    int status, const char *why)
{
	struct evbuffer *out = html_begin(config, "No probe");

	if (out != NULL) {
		evbuffer_add_printf(out, "<h1>No probe</h1>\n"
		    "<section class=\"verdict bad\">\n<p>");
		html_text(out, why);
		evbuffer_add_printf(out, ".</p>\n</section>\n"
		    "<p><a href=\"%s\">Ask for another</a>, by a name, an "
		    "IPv4 address, or an IPv6 address in brackets, perhaps "
		    "with a port, and <code>http://</code> or "
		    "<code>https://</code> before it.</p>\n",
		    config->external_path);
	}
	html_send(req, status, out);
}

/* The beginning of a link to what a route says of the modem. */
static void
add_link(struct evbuffer *out, const struct subject *subject,
    const char *route, const char *more)
{
	evbuffer_add_printf(out, "<a href=\"%s%s?target=",
	    subject->config->external_path, route);
	html_query(out, subject->target);
	if (strcmp(route, "logs") != 0) {
		evbuffer_add_printf(out, "&amp;module=");
		html_query(out, subject->module);
	}
	evbuffer_add_printf(out, "%s\">", more);
}

static void
add_title(struct evbuffer *out, const struct subject *subject,
    const struct cm_snapshot *s)
{
	const char *duration = cm_snapshot_outcome(s, 0)->duration;
	time_t now = time(NULL);
	struct tm tm;
	char date[32];

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	evbuffer_add_printf(out, "<h1>");
	html_text(out, subject->target);
	evbuffer_add_printf(out, "</h1>\n<p class=\"note\">Asked <time>%s"
	    "</time> for %s s, with module %s.</p>\n", date,
	    duration != NULL ? duration : "", subject->module);
	add_who(out, s);
	add_links(out, subject);
}

/* What the modem is, in a line. */
static void
add_who(struct evbuffer *out, const struct cm_snapshot *s)
{
	const struct sheet *sheet = &sheets[SHEET_SYSTEM];
	const void *row = cm_snapshot_row(s, sheet->record, 0);
	char text[CELL_SIZE];
	size_t i;

	evbuffer_add_printf(out, "<div class=\"who\">\n");
	for (i = 0; i < sheet->count; i++) {
		if (*cell_text(&sheet->columns[i], row, text) == '\0')
			continue;
		evbuffer_add_printf(out, "<p>%s <b>",
		    sheet->columns[i].heading);
		html_text(out, text);
		evbuffer_add_printf(out, "</b></p>\n");
	}
	evbuffer_add_printf(out, "</div>\n");
}

static void
add_links(struct evbuffer *out, const struct subject *subject)
{
	const struct config *config = subject->config;
	char refresh[32];

	evbuffer_add_printf(out, "<nav aria-label=\"This modem\">\n");
	add_link(out, subject, "modem", "");
	evbuffer_add_printf(out, "%s</a>\n", subject->refreshed ?
	    "Stop asking again" : "Ask again");
	if (!subject->refreshed) {
		snprintf(refresh, sizeof(refresh), "&amp;refresh=%d", REFRESH);
		add_link(out, subject, "modem", refresh);
		evbuffer_add_printf(out, "Every %d s</a>\n", REFRESH);
	}
	add_link(out, subject, "probe", "");
	evbuffer_add_printf(out, "Metrics</a>\n");
	if (!config->disable_debug && config->history_limit > 0) {
		add_link(out, subject, "logs", "");
		evbuffer_add_printf(out, "Log of the probe</a>\n");
	}
	evbuffer_add_printf(out, "</nav>\n");
}

/* A phase that was not reached has no time. */
static void
add_phases(struct evbuffer *out, const struct subject *subject,
    const struct cm_snapshot *s)
{
	const struct cm_connection *c = cm_snapshot_connection(s, 0);
	const struct {
		const char	*name;
		const char	*seconds;
	} phases[] = {
		{ "Finding its address", c->ip_protocol != NULL ?
		    c->resolve : NULL },
		{ "Connecting", c->connect },
		{ "Agreeing on TLS", c->tls },
		{ "Waiting for pages", c->wait },
		{ "Transferring pages", c->transfer },
	};
	size_t i;

	evbuffer_add_printf(out, "<p>How far it got:</p>\n<ol>\n");
	for (i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		if (phases[i].seconds != NULL)
			evbuffer_add_printf(out, "<li>%s: %s s</li>\n",
			    phases[i].name, phases[i].seconds);
		else if (i != 2 || strncmp(subject->target, "https", 5) == 0)
			evbuffer_add_printf(out, "<li class=\"note\">%s: not "
			    "reached</li>\n", phases[i].name);
	}
	evbuffer_add_printf(out, "</ol>\n");
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
add_failure(struct evbuffer *out, const struct subject *subject,
    const struct cm_snapshot *s)
{
	enum cm_reason reason = cm_snapshot_reason(s);
	bool tls = strncmp(subject->target, "https", 5) == 0;
	const char *rest = strstr(subject->target, "://");
	char other[CM_TARGET_SIZE];
	struct subject retry = *subject;

	evbuffer_add_printf(out, "<section class=\"verdict bad\">\n"
	    "<h2>The probe failed: %s</h2>\n<p>", cm_reason_word(reason));
	html_text(out, cm_snapshot_text(s));
	evbuffer_add_printf(out, ".</p>\n<p><strong>What to do:</strong> ");
	html_text(out, cm_reason_hint(reason));
	evbuffer_add_printf(out, ".");
	if (may_be_scheme(reason) && rest != NULL) {
		/* The port goes with the scheme. */
		snprintf(other, sizeof(other), "%s%.*s", tls ? "http" :
		    "https", (int)(strrchr(rest, ':') - rest), rest);
		retry.target = other;
		evbuffer_add_printf(out, " Or try ");
		add_link(out, &retry, "modem", "");
		html_text(out, other);
		evbuffer_add_printf(out, "</a>.");
	}
	evbuffer_add_printf(out, "</p>\n");
	if (!anything_read(s))
		add_phases(out, subject, s);
	evbuffer_add_printf(out, "</section>\n");
}

static void
add_mark(struct evbuffer *out, enum cm_grade grade)
{
	evbuffer_add_printf(out, "<b class=\"mark %s\" aria-hidden=\"true\">%s"
	    "</b><span class=\"aloud\"> %s </span>", cm_grade_word(grade),
	    marks[grade], cm_grade_word(grade));
}

static void
add_health(struct evbuffer *out, const struct cm_snapshot *s)
{
	struct cm_health health;
	unsigned i;

	cm_health(s, &health);
	evbuffer_add_printf(out, "<section class=\"verdict %s\">\n<h2>",
	    cm_grade_word(health.grade));
	add_mark(out, health.grade);
	evbuffer_add_printf(out, "%s</h2>\n", cm_health_words(health.grade));
	if (health.count > 0)
		evbuffer_add_printf(out, "<ul class=\"findings\">\n");
	for (i = 0; i < health.count; i++) {
		evbuffer_add_printf(out, "<li>");
		add_mark(out, health.findings[i].grade);
		evbuffer_add_printf(out, "<span>");
		html_text(out, health.findings[i].text);
		evbuffer_add_printf(out, "</span></li>\n");
	}
	evbuffer_add_printf(out, "%s</section>\n",
	    health.count > 0 ? "</ul>\n" : "");
}

static void
add_facts(struct evbuffer *out, const struct sheet *sheet,
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
			evbuffer_add_printf(out, "<section>\n<h2>%s</h2>\n"
			    "<dl>\n", sheet->title);
		begun = true;
		evbuffer_add_printf(out, "<dt>%s</dt><dd>",
		    sheet->columns[i].heading);
		html_text(out, text);
		evbuffer_add_printf(out, "</dd>\n");
	}
	if (begun)
		evbuffer_add_printf(out, "</dl>\n</section>\n");
}

static bool
is_number(const struct column *c)
{
	return c->cell == CELL_NUMBER || c->cell == CELL_MHZ ||
	    c->cell == CELL_GBITS;
}

static void
add_table(struct evbuffer *out, const struct sheet *sheet,
    const struct cm_snapshot *s)
{
	const struct column *c, *end = sheet->columns + sheet->count;
	const void *row;
	unsigned shown = 0, i;

	for (c = sheet->columns; c < end; c++)
		if (column_is_there(c, s, sheet->record))
			shown |= 1u << (c - sheet->columns);
	if (shown == 0)
		return;
	evbuffer_add_printf(out, "<section>\n<h2>%s</h2>\n"
	    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s\">\n<table>\n<thead><tr>", sheet->title,
	    sheet->title);
	for (c = sheet->columns; c < end; c++)
		if (shown & 1u << (c - sheet->columns))
			evbuffer_add_printf(out, "<th scope=\"col\"%s>%s</th>",
			    is_number(c) ? " class=\"number\"" : "",
			    c->heading);
	evbuffer_add_printf(out, "</tr></thead>\n<tbody>\n");
	for (i = 0; (row = cm_snapshot_row(s, sheet->record, i)) != NULL;
	    i++) {
		evbuffer_add_printf(out, "<tr>");
		for (c = sheet->columns; c < end; c++)
			if (shown & 1u << (c - sheet->columns))
				add_cell(out, c, row, c == sheet->columns);
		evbuffer_add_printf(out, "</tr>\n");
	}
	evbuffer_add_printf(out, "</tbody>\n</table>\n</div>\n</section>\n");
}

/* The first of a row is its heading.  What is good needs no mark. */
static void
add_cell(struct evbuffer *out, const struct column *c, const void *row,
    bool is_heading)
{
	enum cm_grade grade = cell_grade(c, row);
	char text[CELL_SIZE];

	evbuffer_add_printf(out, is_heading ? "<th scope=\"row\">" :
	    is_number(c) ? "<td class=\"number\">" : "<td>");
	if (grade > CM_GOOD)
		add_mark(out, grade);
	html_text(out, cell_text(c, row, text));
	evbuffer_add_printf(out, is_heading ? "</th>" : "</td>");
}

static void
add_target(struct evbuffer *out, const struct subject *subject)
{
	evbuffer_add_printf(out, "<section>\n<h2>For prometheus.yml</h2>\n"
	    "<p>Below <code>static_configs</code> of a job with "
	    "<code>metrics_path: %sprobe</code> and <code>params: {module: "
	    "[%s]}</code>:</p>\n<pre tabindex=\"0\">- targets: [&quot;",
	    subject->config->external_path, subject->module);
	html_text(out, subject->target);
	evbuffer_add_printf(out, "&quot;]</pre>\n</section>\n");
}
