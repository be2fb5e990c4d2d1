/* SPDX-License-Identifier: MIT */
#ifndef SPECTRUM_H
#define SPECTRUM_H

#include "cablemodem_health.h"
#include "draft.h"

/* Write the snapshot's levels over their frequencies as figures with inline
 * SVG (www.w3.org/TR/SVG2), with what is good shaded; none if there are no
 * levels. */
void	spectrum_write(struct draft *, const struct cm_snapshot *);

#endif
