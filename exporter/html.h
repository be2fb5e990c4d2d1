/* SPDX-License-Identifier: MIT */
#ifndef HTML_H
#define HTML_H

#include "cablemodem_health.h"
#include "config.h"
#include "draft.h"

struct evhttp_request;

/*
 * Pages in HTML, https://html.spec.whatwg.org: their frame, and what others
 * said in them.  Nothing of them runs or is loaded from elsewhere, which a
 * Content-Security-Policy has browsers enforce (www.w3.org/TR/CSP3).
 */

/* Begin a page, with its head and what leads back to the front page.  The title
 * is escaped here. */
void		 html_begin(struct draft *, const struct config *,
		    const char *title);
/* End a page and send it; a 500 if there was no memory for all of it. */
void		 html_send(struct evhttp_request *, int status,
		    struct draft *);
/* A text as it may stand in an element or in a quoted attribute, of valid
 * UTF-8; control characters, and those that turn the direction of what
 * follows, are written as \xNN. */
void		 html_text(struct draft *, const char *);
/* The same as a value in a URL's query, in a quoted attribute. */
void		 html_query(struct draft *, const char *);
/* A sign for a grade, in its colour; a word must stand beside it for those who
 * do not see it. */
void		 html_mark(struct draft *, enum cm_grade);

#endif
