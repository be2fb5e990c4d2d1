/* SPDX-License-Identifier: MIT */
#ifndef KEYS_H
#define KEYS_H

#include "forms.h"

#define MODULES_MAX	64

/* A module as it is written: cm.min_interval_us is not filled in. */
struct module {
	struct cm_module	cm;
	int64_t			min_interval;
	struct intervals	endpoint_min_interval;
};

/* All that a configuration file can say. */
struct values {
	struct module		 modules[MODULES_MAX];
	size_t			 count;
	struct module		 initial;	/* what a new one begins as */
	struct networks		 allow;
	struct networks		 deny;
};

/*
 * Read a document into the values that there are: it changes modules and adds
 * some, and replaces lists.  Texts remain the document's, which must outlive
 * the values.  False with the document's `why`; the values are half read then.
 */
bool	 keys_read(struct values *, struct document *) CM_MUSTCHECK;
/* The values as YAML, every key of every module, for free(); read, it gives
 * the same values.  NULL without memory. */
char	*keys_write(const struct values *) CM_MUSTCHECK;

#endif
