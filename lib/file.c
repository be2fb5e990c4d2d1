/* SPDX-License-Identifier: MIT */

/*
 * Files that somebody else writes: open them without waiting for anybody, and
 * see that they have changed.
 */

#include "cablemodem_file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#if defined(__APPLE__)
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

static int64_t
nanoseconds(const struct timespec *ts)
{
	return (int64_t)ts->tv_sec * 1000000000 + ts->tv_nsec;
}

void
cm_file_stamp(struct cm_stamp *stamp, const char *path)
{
	struct stat status;

	memset(stamp, 0, sizeof(*stamp));
	if (path == NULL || stat(path, &status) != 0)
		return;
	stamp->at[0] = (int64_t)status.st_dev;
	stamp->at[1] = (int64_t)status.st_ino;
	stamp->at[2] = (int64_t)status.st_size;
	stamp->at[3] = nanoseconds(&status.st_mtim);
	stamp->at[4] = nanoseconds(&status.st_ctim);
}

bool
cm_file_same(const struct cm_stamp *a, const struct cm_stamp *b)
{
	return memcmp(a->at, b->at, sizeof(a->at)) == 0;
}

FILE *
cm_file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat status;
	FILE *file;

	if (fd == -1)
		return NULL;
	if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
		close(fd);
		errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
		return NULL;
	}
	file = fdopen(fd, "rb");
	if (file == NULL)
		close(fd);
	return file;
}
