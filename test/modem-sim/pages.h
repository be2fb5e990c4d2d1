/* SPDX-License-Identifier: MIT */
#ifndef SIM_PAGES_H
#define SIM_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evbuffer;

enum page {
	PAGE_DSINFO,
	PAGE_USINFO,
	PAGE_DSOFDMINFO,
	PAGE_USOFDMINFO,
	PAGE_DOCSISWAN,
	PAGE_SYSINFO,
	PAGE_CMINIT,
	PAGE_LINKSTATUS,
	PAGE_MODEL,
	PAGE_LOG,
	PAGE_NONE	/* a path that is no page; a rule for all pages */
};

/* When a body is written: the bodies are a function of this alone. */
struct moment {
	bool still;		/* no drift, no counting, a fixed clock */
	double elapsed;		/* seconds since the start; 0 if still */
	int64_t clock;		/* seconds since 1970 */
};

const char	*page_name(enum page);
enum page	 page_by_name(const char *name, size_t len);
enum page	 page_by_path(const char *path);
void		 page_write(struct evbuffer *, enum page,
		    const struct moment *);

/* A key of the page whose value is text (or hurts least when damaged). */
const char	*page_text_key(enum page);

/* The modem had been up for so long when the program started. */
#define UPTIME_AT_START	108725

void	radio_write_dsinfo(struct evbuffer *, const struct moment *);
void	radio_write_usinfo(struct evbuffer *, const struct moment *);
void	radio_write_dsofdminfo(struct evbuffer *, const struct moment *);
void	radio_write_usofdminfo(struct evbuffer *, const struct moment *);

#endif
