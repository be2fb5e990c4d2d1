/* SPDX-License-Identifier: MIT */
#ifndef WEB_H
#define WEB_H

#include <openssl/ssl.h>

#include "web_config.h"

struct web;

/*
 * The web configuration that is in force.  Its file, and those that it names,
 * are looked at again once a second at the most, when somebody asks; what has
 * changed is taken as a whole or not at all.  What was not taken is tried
 * again, more and more seldom but once a minute at least.
 */

/* `path` must outlive it; "" is a configuration that asks for nothing.  NULL
 * with a sentence in `why`. */
struct web		*web_new(const char *path, char *why, size_t whysize)
			    CM_MUSTCHECK;
void			 web_free(struct web *);

/* Look at the files.  What the functions below give holds until then. */
void			 web_refresh(struct web *);
const struct web_config	*web_config(const struct web *);
/* NULL: plain HTTP. */
SSL_CTX			*web_tls(const struct web *);
/* Does rate_limit let another request in? */
bool			 web_admit(struct web *);

#endif
