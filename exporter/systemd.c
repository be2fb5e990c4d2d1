/* SPDX-License-Identifier: MIT */

/*
 * The protocols between a service and systemd, without its library: datagrams
 * to the socket NOTIFY_SOCKET, and descriptors from 3 on.
 */

#include "systemd.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <event2/event.h>
#include <event2/util.h>

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "monotonic.h"
#include "parse.h"

static struct {
	int			 fd;		/* -1: nobody is to be told */
	struct sockaddr_un	 address;
	socklen_t		 length;
	int64_t			 watchdog;	/* microseconds; 0: none */
	struct event		*alive;
	int			 sockets;
} systemd = { .fd = -1 };

static void	read_notify(const char *);
static void	read_watchdog(const char *, const char *);
static void	read_sockets(const char *, const char *);
static void	tell(const char *, int);

void
systemd_start(void)
{
	static const char *const names[] = {
		"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
		"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID",
	};
	size_t i;

	read_notify(getenv("NOTIFY_SOCKET"));
	read_watchdog(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"));
	read_sockets(getenv("LISTEN_FDS"), getenv("LISTEN_PID"));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
}

/* A path, or with @ for its first byte a name in Linux's abstract space. */
static void
read_notify(const char *name)
{
	/* A supervisor that does not read must not stop the loop for long. */
	static const struct timeval second = { .tv_sec = 1 };
	struct sockaddr_un *address = &systemd.address;
	size_t n = name != NULL ? strlen(name) : 0;

	if (n == 0)
		return;
	if ((name[0] != '/' && name[0] != '@') || n < 2 ||
	    n >= sizeof(address->sun_path)) {
		log_line(LEVEL_WARN, "NOTIFY_SOCKET is neither a path nor an "
		    "abstract socket, systemd is told nothing", "socket", name,
		    NULL);
		return;
	}
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, name, n + 1);
	systemd.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    n + (name[0] == '/'));
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	systemd.fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (systemd.fd == -1) {
		log_line(LEVEL_WARN, "no socket for NOTIFY_SOCKET, systemd is "
		    "told nothing", "error", strerror(errno), NULL);
		return;
	}
	evutil_make_socket_closeonexec(systemd.fd);
	setsockopt(systemd.fd, SOL_SOCKET, SO_SNDTIMEO, &second,
	    sizeof(second));
}

static bool
is_own_pid(const char *text)
{
	char own[32];

	snprintf(own, sizeof(own), "%ld", (long)getpid());
	return text != NULL && strcmp(text, own) == 0;
}

static void
read_watchdog(const char *usec, const char *pid)
{
	char *end;
	long long us;

	if (usec == NULL || (pid != NULL && !is_own_pid(pid)))
		return;
	errno = 0;
	us = strtoll(usec, &end, 10);
	if (us <= 0 || errno != 0 || *end != '\0')
		log_line(LEVEL_WARN, "WATCHDOG_USEC is no number of "
		    "microseconds, the watchdog is not told", "value", usec,
		    NULL);
	else
		systemd.watchdog = us;
}

static void
read_sockets(const char *count, const char *pid)
{
	unsigned long n;

	if (count == NULL || !is_own_pid(pid))
		return;
	if (parse_number(count, 0, 1000, &n))
		systemd.sockets = (int)n;
	else
		log_line(LEVEL_WARN, "LISTEN_FDS is no number of sockets",
		    "value", count, NULL);
}

int
systemd_sockets(void)
{
	return systemd.sockets;
}

static void
on_alive(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	/* A full socket holds signs of life enough that nobody has read. */
	tell("WATCHDOG=1", MSG_DONTWAIT);
}

/* At half the interval, as sd_watchdog_enabled(3) asks for. */
bool
systemd_watch(struct event_base *base)
{
	int64_t us = systemd.watchdog > 1 ? systemd.watchdog / 2 : 1;
	struct timeval half = { .tv_sec = (time_t)(us / 1000000),
	    .tv_usec = (suseconds_t)(us % 1000000) };

	if (systemd.watchdog == 0 || systemd.fd == -1)
		return true;
	systemd.alive = event_new(base, -1, EV_PERSIST, on_alive, NULL);
	return systemd.alive != NULL && event_add(systemd.alive, &half) == 0;
}

static void
tell(const char *state, int flags)
{
	if (systemd.fd != -1 && sendto(systemd.fd, state, strlen(state), flags,
	    (struct sockaddr *)&systemd.address, systemd.length) == -1 &&
	    (flags == 0 || errno != EAGAIN))
		log_line(LEVEL_WARN, "cannot tell systemd", "state", state,
		    "error", strerror(errno), NULL);
}

void
systemd_notify(const char *state)
{
	tell(state, 0);
}

void
systemd_notify_reloading(void)
{
	char state[64];

	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)monotonic_now());
	systemd_notify(state);
}

void
systemd_end(void)
{
	if (systemd.alive != NULL)
		event_free(systemd.alive);
	if (systemd.fd != -1)
		close(systemd.fd);
}
