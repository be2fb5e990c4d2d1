/* SPDX-License-Identifier: MIT */

/*
 * The Hitron CODA-56 (and CODA-45, with the same pages): DOCSIS 3.1, Intel
 * Puma 7, firmware 7.2.4.x and 7.3.5.x.  Pages without a login, under /data/.
 * Nothing under /goform/ is ever asked for: it changes the modem's state.
 */

#include "model.h"

const struct endpoint endpoints[CM_ENDPOINT_COUNT] = {
#define X(NAME, file, record, required) \
	{ file, "/data/" file ".asp", CM_RECORD_##record, required },
	CM_ENDPOINTS(X)
#undef X
};

const char *
cm_endpoint_name(enum cm_endpoint page)
{
	return endpoints[page].name;
}
