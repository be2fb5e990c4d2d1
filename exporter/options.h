/* SPDX-License-Identifier: MIT */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "config.h"

enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,		/* --help, --version: exit 0 */
	OPTIONS_WRONG		/* said on stderr why: exit 2 */
};

/* Read the command line into a configuration. */
enum options_result	options_parse(struct config *, int argc, char **argv)
	    CM_MUSTCHECK;

#endif
