/* SPDX-License-Identifier: MIT */
#ifndef SELF_H
#define SELF_H

#include <stdbool.h>

struct cm_text;

/* The exporter's own metrics: about itself, never about a modem. */

/* Remember when the process started; call it once, first. */
void	self_start(void);
enum self_file {
	SELF_CONFIG,			/* --config.file */
	SELF_WEB_CONFIG,		/* --web.config.file and its own */
	SELF_FILE_COUNT
};

/* Remember whether a configuration could be read, at the start and whenever it
 * was to be read again. */
void	self_loaded(enum self_file, bool success);
void	self_encode(struct cm_text *);

#endif
