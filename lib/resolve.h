/* SPDX-License-Identifier: MIT */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <sys/socket.h>

#include "cablemodem.h"
#include "error.h"

struct evdns_base;

/*
 * From a target to the one address of it that may be asked.
 */

/* What came of it: `error` is CM_OK if `address` may be asked.  An address
 * that was found is there also if it is denied, else its family is
 * AF_UNSPEC. */
struct resolution {
	struct cm_error		error;
	struct sockaddr_storage	address;	/* without the port */
};

typedef void resolve_cb(const struct resolution *, void *arg);

/*
 * Resolve a target's host: at once if it is an address, else by asking the
 * DNS server; then take the first address that the policy allows, of the
 * family that `protocol` prefers if there is one.  The callback runs exactly
 * once unless the question is cancelled, and may run before this returns; the
 * question is gone after it.  Gives NULL if the callback has run.
 */
struct lookup	*resolve_start(struct evdns_base *, const struct cm_target *,
		    const struct cm_policy *, enum cm_ip_protocol protocol,
		    resolve_cb *, void *arg) CM_MUSTCHECK;
void		 resolve_cancel(struct lookup *);

#endif
