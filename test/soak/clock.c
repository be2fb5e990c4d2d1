/* SPDX-License-Identifier: MIT */
/*
 * To be preloaded: the wall clock goes wrong by as many seconds as stand in
 * the file that SOAK_CLOCK names;
 * the monotonic clock does not.  Linux only.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Read at every call: a program asks for the wall clock a few times for each
 * thing that it does. */
static time_t
wrong_by(void)
{
	const char *path = getenv("SOAK_CLOCK");
	char text[24] = "";
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return (time_t)strtoll(text, NULL, 10);
}

/* By system calls, for libraries that are preloaded too have their own. */
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int result = (int)syscall(SYS_clock_gettime, id, ts);

	if (result == 0 &&
	    (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		ts->tv_sec += wrong_by();
	return result;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *t)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (t != NULL)
		*t = ts.tv_sec;
	return ts.tv_sec;
}
