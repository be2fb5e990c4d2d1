/* SPDX-License-Identifier: MIT */
#ifndef SIM_NET_H
#define SIM_NET_H

#include <stdbool.h>
#include <sys/socket.h>

#include <event2/util.h>

#define ADDRESS_SIZE	40	/* the longest loopback literal and more */

/* A loopback address or all of them, with or without a port. */
struct address {
	struct sockaddr_storage ss;
	ev_socklen_t len;
	char text[ADDRESS_SIZE];	/* canonical, no brackets, no port */
};

bool		address_read(struct address *, const char *text);
bool		address_read_port(struct address *, const char *text);

/* "0.0.0.0:PORT", which is all of 127.0.0.0/8 at once, or as above. */
bool		address_read_listen(struct address *, const char *text);

bool		address_is_loopback(const struct sockaddr *);
int		address_port(const struct address *);

/* "127.0.0.1:80", "[::1]:80" */
void		address_write(const struct address *, char *text, size_t size);

/* Bound and not yet listening; learns the port. -1 is a failure (errno). */
evutil_socket_t	address_bind(struct address *);

/* Its own address, as address_read() writes it; of ADDRESS_SIZE. */
void		socket_address(evutil_socket_t, char *text);

/* Every write leaves at once. */
void		socket_no_delay(evutil_socket_t);

/* Or else close() with bytes unread would send RST instead of FIN. */
void		socket_drain(evutil_socket_t);

/* No byte goes either way any more. */
void		socket_shut(evutil_socket_t);

/* The next close of it sends RST. */
void		socket_reset_on_close(evutil_socket_t);

#endif
