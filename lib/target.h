/* SPDX-License-Identifier: MIT */
#ifndef TARGET_H
#define TARGET_H

#include <sys/socket.h>

#include <stdbool.h>

#include "cablemodem.h"

/* A literal target's address, without the port; false if its zone
 * names no interface of this machine. */
bool	target_address(const struct cm_target *, struct sockaddr_storage *)
	    CM_MUSTCHECK;
/* Turn an IPv4-mapped IPv6 address into the IPv4 address that it means. */
void	address_unmap(struct sockaddr_storage *);
/* An address without its port, as evhttp takes it (IPv6 bare, with a zone),
 * into a buffer of CM_HOST_SIZE. */
void	address_format(const struct sockaddr_storage *, char *);

#endif
