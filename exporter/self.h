/* SPDX-License-Identifier: MIT */
#ifndef SELF_H
#define SELF_H

struct cm_text;

/* The exporter's own metrics: about itself, never about a modem. */

/* Remember when the process started; call it once, first. */
void	self_start(void);
void	self_encode(struct cm_text *);

#endif
