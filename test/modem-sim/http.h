/* SPDX-License-Identifier: MIT */
#ifndef SIM_HTTP_H
#define SIM_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct evbuffer;

#define HTTP_HEAD_MAX	16384

enum http_result {
	HTTP_MORE,	/* the head is not complete yet */
	HTTP_HEAD,	/* taken from the buffer */
	HTTP_BAD	/* too long, or no HTTP */
};

/* What is kept of a request; header values are cut to their space. */
struct http_head {
	char method[16];
	char path[1024];
	char host[256];
	char user_agent[256];
	char connection[128];
	bool keep_alive;	/* the client would send another request */
	bool has_body;
	size_t length;		/* of the body, if it has a length */
};

enum http_result http_head_take(struct evbuffer *, struct http_head *);

#endif
