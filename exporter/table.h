/* SPDX-License-Identifier: MIT */
#ifndef TABLE_H
#define TABLE_H

#include "cablemodem_health.h"

/*
 * A snapshot as aligned tables with the verdict, for free(); NULL without
 * memory.  Printable ASCII, whatever a modem says, but for the colours if they
 * are wanted.
 */
char	*table_write(const struct cm_snapshot *, const char *target,
	    const char *module, bool colour) CM_MUSTCHECK;

#endif
