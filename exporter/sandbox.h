/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>

/*
 * Give up for good, for this thread and those that it starts, what a server
 * does not need that has its listeners and has read its files: new privileges
 * in any case, and if `filter` all system calls but those by which it goes on
 * serving, reading files and logging.  What is done and what cannot be is
 * logged in one line; without Linux and libseccomp nothing can.
 */
void	sandbox_enter(bool filter);

#endif
