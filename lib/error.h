/* SPDX-License-Identifier: MIT */
#ifndef ERROR_H
#define ERROR_H

#include "cablemodem.h"

/*
 * A failure: the code for the machine, and for a person what was tried and
 * what came.  The text is printable ASCII: whatever a modem sent in it is
 * escaped.
 */
struct cm_error {
	enum cm_reason	 reason;
	char		 text[256];
};

/* Set code and text; whatever is not printable ASCII in the text is escaped.
 * Always false, so that a check can end in `return error_set(...)`. */
bool	error_set(struct cm_error *, enum cm_reason, const char *, ...)
	    CM_PRINTF(3, 4);

#endif
