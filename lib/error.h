/* SPDX-License-Identifier: MIT */
#ifndef ERROR_H
#define ERROR_H

#include "cablemodem.h"

/* Set code and text; whatever is not printable ASCII in the text is escaped.
 * Always false, so that a check can end in `return error_set(...)`. */
bool	error_set(struct cm_error *, enum cm_reason, const char *, ...)
	    CM_PRINTF(3, 4);

#endif
