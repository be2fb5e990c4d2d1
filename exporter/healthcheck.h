/* SPDX-License-Identifier: MIT */
#ifndef HEALTHCHECK_H
#define HEALTHCHECK_H

#define HEALTHCHECK_URL "http://127.0.0.1:8000/-/healthy"

/* Ask an exporter whether it is there, for container engines, whose images
 * have no other program to do so.  The URL has a numeric host; a path is only
 * needed with a route prefix.  Gives the process's exit status: 0 if the
 * exporter answered, 1 with a line on stderr if not, which is ended then and
 * there after 5 seconds, 2 for no such URL. */
int	healthcheck(const char *url);

#endif
