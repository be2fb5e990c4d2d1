/* SPDX-License-Identifier: MIT */

/*
 * The command line's own probe.
 */

#include "command.h"

#include <event2/event.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "table.h"

struct command {
	struct event_base	*base;
	const struct config	*config;
	const struct cm_module	*module;
	const struct cm_target	*target;
	int			 status;
};

static void	on_probed(const struct cm_snapshot *, void *);
static bool	print(const char *, enum format);
static char	*encode(const struct command *, const struct cm_snapshot *,
		    const char *);

int
command_probe(struct event_base *base, struct cm_client *client,
    const struct config *config, const struct settings *settings)
{
	struct command command = { base, config, NULL, NULL, 1 };

	command.target = settings_modem(settings, &command.module);
	if (cm_probe_start(client, command.target, command.module,
	    command.module->timeout_us, on_probed, &command) == NULL) {
		log_line(LEVEL_ERROR, "no memory for a probe", NULL);
		return 1;
	}
	event_base_dispatch(base);
	return command.status;
}

static void
on_probed(const struct cm_snapshot *snapshot, void *arg)
{
	struct command *command = arg;
	enum cm_reason reason = cm_snapshot_reason(snapshot);
	char target[CM_TARGET_SIZE];
	char *body;

	cm_target_format(command->target, target);
	body = encode(command, snapshot, target);
	if (body == NULL || !print(body, command->config->format) ||
	    fflush(stdout) != 0)
		log_line(LEVEL_ERROR, "the answer could not be written", NULL);
	else if (reason == CM_OK)
		command->status = 0;
	free(body);
	if (reason != CM_OK)
		log_line(LEVEL_ERROR, "probe failed", "target", target,
		    "reason", cm_reason_word(reason),
		    "error", cm_snapshot_text(snapshot),
		    "hint", cm_reason_hint(reason), NULL);
	event_base_loopbreak(command->base);
}

/*
 * What a modem says must not reach a terminal as commands.  There it stands
 * as the log writes it, but for the backslash, which is doubled: so it is
 * right within the quotes of every format; a table is safe as it is.
 */
static bool
print(const char *body, enum format format)
{
	unsigned char c;

	if (format == FORMAT_TABLE || !isatty(STDOUT_FILENO))
		return fputs(body, stdout) >= 0;
	for (; (c = (unsigned char)*body) != '\0'; body++)
		if (printf(c == '\n' || (c >= ' ' && c <= '~') ? "%c" :
		    "\\\\x%02x", c) < 0)
			return false;
	return true;
}

/* https://no-color.org */
static bool
wants_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0');
}

static char *
encode(const struct command *command, const struct cm_snapshot *snapshot,
    const char *target)
{
	const struct config *config = command->config;
	time_t now = time(NULL);
	struct cm_text *text;
	struct tm tm;
	char date[32];
	size_t length;

	if (config->format == FORMAT_TABLE)
		return table_write(snapshot, target, command->module->name,
		    wants_colour());
	if (config->format == FORMAT_JSON) {
		gmtime_r(&now, &tm);
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
		return cm_snapshot_encode_json(snapshot, target,
		    command->module->name, date);
	}
	text = cm_text_new(config->format == FORMAT_OPENMETRICS ?
	    CM_OPENMETRICS : CM_PROMETHEUS);
	if (text == NULL)
		return NULL;
	cm_snapshot_encode(snapshot, text);
	return cm_text_finish(text, &length);
}
