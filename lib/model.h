/* SPDX-License-Identifier: MIT */
#ifndef MODEL_H
#define MODEL_H

#include "cablemodem.h"

/* A page of the modem's API: what it is called and what it fills. */
struct endpoint {
	const char	*name;		/* the label, the file without .asp */
	const char	*path;
	enum cm_record	 record;
	bool		 required;	/* decides whether a probe succeeds */
};

extern const struct endpoint endpoints[CM_ENDPOINT_COUNT];

#endif
