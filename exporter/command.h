/* SPDX-License-Identifier: MIT */
#ifndef COMMAND_H
#define COMMAND_H

#include "settings.h"

struct event_base;

/*
 * `coda56-exporter probe TARGET`: probe once, print, and say how it went: the
 * exit status 0 if the probe succeeded, else 1.  Runs the loop.
 */
int	command_probe(struct event_base *, struct cm_client *,
	    const struct config *, const struct settings *);

#endif
