/* SPDX-License-Identifier: MIT */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "cablemodem_text.h"
#include "draft.h"

struct evhttp_request;

/*
 * Replies.  Each ends the request, which is libevent's again after it; a HEAD
 * gets the header alone.
 */

/* A page; `body` is malloc()ed and taken over, NULL sends a 500. */
void	page_send(struct evhttp_request *, int status, const char *type,
	    char *body, size_t length);
/* The same of a draft, which is left empty; compressed if the request takes
 * that. */
void	page_send_draft(struct evhttp_request *, int status, const char *type,
	    struct draft *);
/* The format of metrics that the request asks for, and whether it takes them
 * compressed. */
enum cm_format page_format(struct evhttp_request *);
bool	page_gzip(struct evhttp_request *);

/* Metrics in one form, made once for all replies that have it: finish the
 * writer (NULL: there was no memory for it) and compress its page if that is
 * wanted and worth it.  NULL without memory, which sends a 500.  To be freed,
 * after which replies still have it for as long as they take. */
struct page_form *page_form_new(enum cm_format, bool gzip, struct cm_text *);
void	page_form_free(struct page_form *);
void	page_send_form(struct evhttp_request *, struct page_form *);
/* One line of text, without its newline; control bytes and what is not ASCII
 * are escaped. */
void	page_line(struct evhttp_request *, int status, const char *text);

#endif
