/* SPDX-License-Identifier: MIT */
#ifndef PAGE_H
#define PAGE_H

#include <stddef.h>

#include "cablemodem_text.h"

struct evhttp_request;

/*
 * Replies.  Each ends the request, which is libevent's again after it; a HEAD
 * gets the header alone.
 */

/* A page; `body` is malloc()ed and taken over, NULL sends a 500. */
void	page_send(struct evhttp_request *, int status, const char *type,
	    char *body, size_t length);
/* Metrics: finish the writer and send its page, compressed if it is worth it
 * and the client takes it.  NULL sends a 500. */
void	page_metrics(struct evhttp_request *, enum cm_format,
	    struct cm_text *);
/* The format that the request asks for. */
enum cm_format page_format(struct evhttp_request *);
/* One line of text, without its newline; control bytes and what is not ASCII
 * are escaped. */
void	page_line(struct evhttp_request *, int status, const char *text);

#endif
