/* SPDX-License-Identifier: MIT */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "cablemodem.h"

/*
 * The log: one event a line to stderr, as logfmt or as a JSON object with the
 * same keys.  Values are quoted where needed, and escaped to printable ASCII,
 * so that nothing that comes from outside can forge or break a line.
 */

enum log_level {
	LEVEL_DEBUG,
	LEVEL_INFO,
	LEVEL_WARN,
	LEVEL_ERROR
};

enum log_format {
	LOG_LOGFMT,
	LOG_JSON
};

/* LOG_LOGFMT until this is called. */
void	log_set_format(enum log_format);
/* The format of a word; false if it is none. */
bool	log_parse_format(const char *, enum log_format *) CM_MUSTCHECK;
/* Lines below the level are dropped; LEVEL_INFO until this is called. */
void	log_set_level(enum log_level);
/* The level of a word; false if it is none. */
bool	log_parse_level(const char *, enum log_level *) CM_MUSTCHECK;

#if defined(__GNUC__)
#define LOG_SENTINEL __attribute__((sentinel))
#else
#define LOG_SENTINEL
#endif

/* A message, then pairs of key and value, both texts, and NULL. */
void	log_line(enum log_level, const char *msg, ...) LOG_SENTINEL;

/* Whether a line that could come again and again may: once a minute at the
 * most, of which `last` keeps count, 0 at first. */
bool	log_again(int64_t *last);

/* Let libevent's own warnings go to the log; an error that is fatal to it is
 * logged too, and ends the process. */
void	log_take_libevent(void);

#endif
