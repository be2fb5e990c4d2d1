/* SPDX-License-Identifier: MIT */
#ifndef EVENTLOG_H
#define EVENTLOG_H

#include "cablemodem.h"

/* Count the rows of the event record by priority and by kind of event, into
 * the records of their own.  Without memory some are missing. */
void		 eventlog_count(struct cm_snapshot *);
/* What a row tells of, as the occurrence record calls it: a literal. */
const char	*eventlog_kind(const struct cm_event *);

#endif
