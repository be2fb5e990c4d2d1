/* SPDX-License-Identifier: MIT */
#ifndef NEGOTIATE_H
#define NEGOTIATE_H

#include <stdbool.h>

#include "cablemodem_text.h"

/* Content negotiation (RFC 9110, 12.5).  A header is NULL if it is absent. */

/* The format that an Accept header likes best of those that we have; there is
 * always one, as a page that a client did not ask for serves it better than
 * a 406. */
enum cm_format	negotiate_format(const char *accept);
/* Whether an Accept-Encoding header takes gzip. */
bool		negotiate_gzip(const char *accept_encoding);

#endif
