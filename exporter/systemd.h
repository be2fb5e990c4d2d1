/* SPDX-License-Identifier: MIT */
#ifndef SYSTEMD_H
#define SYSTEMD_H

#include <stdbool.h>

#include "cablemodem.h"

struct event_base;

/*
 * Life under systemd, or another supervisor that speaks its protocols, which
 * sd_notify(3), sd_watchdog_enabled(3) and sd_listen_fds(3) describe.  Nothing
 * happens without the environment that they define.
 */

/* The first of the sockets that are handed over. */
#define SYSTEMD_FIRST_FD	3

/* Read the environment, and unset what was read: it is for this process and
 * for no child of it. */
void	systemd_start(void);
/* How many listening sockets have been handed over; unchecked. */
int	systemd_sockets(void);
/* From now on let the watchdog see that the loop runs, if there is one. */
bool	systemd_watch(struct event_base *) CM_MUSTCHECK;
/* Tell the supervisor; assignments as in sd_notify(3), one a line. */
void	systemd_notify(const char *state);
/* Tell it that the configuration is read anew; READY=1 is to follow. */
void	systemd_notify_reloading(void);
/* Before the loop is freed. */
void	systemd_end(void);

#endif
