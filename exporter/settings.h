/* SPDX-License-Identifier: MIT */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "config.h"

/*
 * Settings: what a reload can change, that is the modules, and whom they may
 * ask.  Each reload makes new ones.  A flight goes on with those that it began
 * with, and holds them; whoever lets go of them last frees them.
 */
struct settings;

/*
 * Read the configuration file that the command line names, if any, over what
 * is built in.  NULL with a sentence in `why`, in printable ASCII.
 */
struct settings		*settings_load(const struct config *, char *why,
			    size_t whysize) CM_MUSTCHECK;
/* Hold them too; gives them. */
struct settings		*settings_hold(struct settings *);
void			 settings_release(struct settings *);

/* The modules, by place; NULL after the last. */
const struct cm_module	*settings_module_at(const struct settings *, size_t);
/* A module by name, NULL if there is none. */
const struct cm_module	*settings_module(const struct settings *,
			    const char *name);
/* The modem of the command line, NULL if it names none, and its module. */
const struct cm_target	*settings_modem(const struct settings *,
			    const struct cm_module **);
/* A configuration file that says all of this, for free(); NULL without
 * memory. */
char			*settings_write(const struct settings *) CM_MUSTCHECK;
/* The same of one module. */
char			*settings_write_module(const struct settings *,
			    const struct cm_module *) CM_MUSTCHECK;

#endif
