/* SPDX-License-Identifier: MIT */
/* Loopback addresses as text and as sockets. */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net.h"

static struct sockaddr_in	*v4(struct address *);
static struct sockaddr_in6	*v6(struct address *);
static bool			 read_port(struct address *, const char *);

static struct sockaddr_in *
v4(struct address *a)
{
	return (struct sockaddr_in *)(void *)&a->ss;
}

static struct sockaddr_in6 *
v6(struct address *a)
{
	return (struct sockaddr_in6 *)(void *)&a->ss;
}

bool
address_read(struct address *a, const char *text)
{
	char bare[ADDRESS_SIZE];
	size_t len = strlen(text);

	memset(a, 0, sizeof(*a));
	if (len >= sizeof(bare))
		return false;
	memcpy(bare, text, len + 1);
	if (bare[0] == '[' && bare[len - 1] == ']') {
		bare[len - 1] = '\0';
		memmove(bare, bare + 1, len - 1);
	}
	if (inet_pton(AF_INET, bare, &v4(a)->sin_addr) == 1) {
		a->ss.ss_family = AF_INET;
		a->len = sizeof(struct sockaddr_in);
		return address_is_loopback((struct sockaddr *)&a->ss) &&
		    inet_ntop(AF_INET, &v4(a)->sin_addr, a->text,
		    sizeof(a->text)) != NULL;
	}
	if (inet_pton(AF_INET6, bare, &v6(a)->sin6_addr) == 1) {
		a->ss.ss_family = AF_INET6;
		a->len = sizeof(struct sockaddr_in6);
		return address_is_loopback((struct sockaddr *)&a->ss) &&
		    inet_ntop(AF_INET6, &v6(a)->sin6_addr, a->text,
		    sizeof(a->text)) != NULL;
	}
	return false;
}

bool
address_is_loopback(const struct sockaddr *sa)
{
	const struct sockaddr_in *in = (const void *)sa;
	const struct sockaddr_in6 *in6 = (const void *)sa;

	return sa->sa_family == AF_INET ?
	    ntohl(in->sin_addr.s_addr) >> 24 == 127 :
	    IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

bool
address_read_port(struct address *a, const char *text)
{
	const char *colon = strrchr(text, ':');
	char host[ADDRESS_SIZE];

	if (colon == NULL || (size_t)(colon - text) >= sizeof(host))
		return false;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	/* "::1:80" would be an address of its own. */
	if (host[0] != '[' && strchr(host, ':') != NULL)
		return false;
	return address_read(a, host) && read_port(a, colon + 1);
}

static bool
read_port(struct address *a, const char *text)
{
	char *end;
	long port = strtol(text, &end, 10);

	if (end == text || *end != '\0' || port < 0 || port > UINT16_MAX)
		return false;
	if (a->ss.ss_family == AF_INET)
		v4(a)->sin_port = htons((uint16_t)port);
	else
		v6(a)->sin6_port = htons((uint16_t)port);
	return true;
}

bool
address_read_listen(struct address *a, const char *text)
{
	if (strncmp(text, "0.0.0.0:", 8) != 0)
		return address_read_port(a, text);
	memset(a, 0, sizeof(*a));
	a->ss.ss_family = AF_INET;
	a->len = sizeof(struct sockaddr_in);
	memcpy(a->text, "0.0.0.0", 8);
	return read_port(a, text + 8);
}

int
address_port(const struct address *a)
{
	struct address copy = *a;

	return ntohs(a->ss.ss_family == AF_INET ? v4(&copy)->sin_port :
	    v6(&copy)->sin6_port);
}

void
address_write(const struct address *a, char *text, size_t size)
{
	snprintf(text, size, a->ss.ss_family == AF_INET ? "%s:%d" : "[%s]:%d",
	    a->text, address_port(a));
}

evutil_socket_t
address_bind(struct address *a)
{
	evutil_socket_t fd;
	int on = 1;

	fd = socket(a->ss.ss_family, SOCK_STREAM, 0);
	if (fd < 0)
		return -1;
	if (evutil_make_socket_nonblocking(fd) == 0 &&
	    evutil_make_socket_closeonexec(fd) == 0 &&
	    evutil_make_listen_socket_reuseable(fd) == 0 &&
	    (a->ss.ss_family == AF_INET ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
	    sizeof(on)) == 0) &&
	    bind(fd, (struct sockaddr *)&a->ss, a->len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a->ss, &a->len) == 0)
		return fd;
	evutil_closesocket(fd);
	return -1;
}

void
socket_address(evutil_socket_t fd, char *text)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	*text = '\0';
	if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0)
		getnameinfo((struct sockaddr *)&ss, len, text, ADDRESS_SIZE,
		    NULL, 0, NI_NUMERICHOST);
}

void
socket_no_delay(evutil_socket_t fd)
{
	const int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void
socket_drain(evutil_socket_t fd)
{
	char unread[4096];

	while (recv(fd, unread, sizeof(unread), MSG_DONTWAIT) > 0)
		continue;
}

void
socket_shut(evutil_socket_t fd)
{
	shutdown(fd, SHUT_RDWR);
}

void
socket_reset_on_close(evutil_socket_t fd)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}
