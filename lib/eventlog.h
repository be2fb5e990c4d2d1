/* SPDX-License-Identifier: MIT */
#ifndef EVENTLOG_H
#define EVENTLOG_H

#include "cablemodem.h"

/* Count the rows of the event record by priority and by kind of event, into
 * the records of their own.  Without memory some are missing. */
void	eventlog_count(struct cm_snapshot *);
/* Whether a row tells of a T3 or T4 time-out. */
bool	eventlog_is_timeout(const struct cm_event *);

#endif
