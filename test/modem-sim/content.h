/* SPDX-License-Identifier: MIT */
#ifndef SIM_CONTENT_H
#define SIM_CONTENT_H

#include <stdbool.h>

#include "behave.h"
#include "pages.h"

struct evbuffer;

/* What is answered, before anything is said about where it ends. */
struct content {
	const char *code;	/* as long as the rules */
	const char *reason;
	const char *headers;	/* more lines of the head, or "" */
	struct evbuffer *body;
	const char *filler;	/* after the body, without end; or NULL */
	bool lengthed;		/* is to have a length in any case */
};

/* To whom it is answered, and when. */
struct question {
	const struct rules *rules;
	const char *address;
	bool tls;
	enum page page;			/* PAGE_NONE: there is none */
	const struct http_head *head;	/* NULL: it was no request */
	unsigned before;		/* requests on its connection */
	struct moment now;
};

/* The caller owns the buffer, which is empty. */
void	content_make(struct content *, const struct question *,
	    struct evbuffer *body);

#endif
