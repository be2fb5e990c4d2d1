/* SPDX-License-Identifier: MIT */
#ifndef SELF_H
#define SELF_H

#include <stdbool.h>

struct cm_text;

/* The exporter's own metrics: about itself, never about a modem. */

/* Remember when the process started; call it once, first. */
void	self_start(void);
/* Remember whether the configuration could be read, at the start and whenever
 * it was to be read again. */
void	self_loaded(bool success);
void	self_encode(struct cm_text *);

#endif
