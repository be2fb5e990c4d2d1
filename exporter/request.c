/* SPDX-License-Identifier: MIT */

/*
 * Requests as HTTP/1.1 has them.  evhttp is lenient, and a proxy in front of
 * us may read what is in doubt in another way: to smuggle a request past it is
 * the attack on such a pair.
 */

#include "request.h"

#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/util.h>

#include <string.h>

static bool	settle_version(struct evhttp_request *);
static bool	has_bad_name(struct evhttp_request *);
static bool	has_host(struct evhttp_request *);

bool
request_is_http(struct evhttp_request *req)
{
	bool is_known = settle_version(req);

	return is_known && !has_bad_name(req) && has_host(req);
}

/* libevent answers in the version that it was asked in: let it be ours. */
static bool
settle_version(struct evhttp_request *req)
{
	bool is_known = req->major == 1 && (unsigned char)req->minor < 10;

	req->major = 1;
	if (!is_known)
		req->minor = 0;
	else if (req->minor > 1)
		req->minor = 1;
	return is_known;
}

/* A blank before the colon: some proxies read such a Content-Length. */
static bool
has_bad_name(struct evhttp_request *req)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789"
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const struct evkeyval *h =
	    evhttp_request_get_input_headers(req)->tqh_first;

	for (; h != NULL; h = h->next.tqe_next)
		if (*h->key == '\0' || h->key[strspn(h->key, token)] != '\0')
			return true;
	return false;
}

/* Has it as many as it must have (RFC 9112, 3.2)? */
static bool
has_host(struct evhttp_request *req)
{
	const struct evkeyval *h =
	    evhttp_request_get_input_headers(req)->tqh_first;
	size_t count = 0;

	for (; h != NULL; h = h->next.tqe_next)
		count += evutil_ascii_strcasecmp(h->key, "Host") == 0;
	return count == 1 || (count == 0 && req->minor == 0);
}

bool
request_has_body(struct evhttp_request *req)
{
	const struct evkeyval *h =
	    evhttp_request_get_input_headers(req)->tqh_first;

	for (; h != NULL; h = h->next.tqe_next)
		if (evutil_ascii_strcasecmp(h->key, "Transfer-Encoding") == 0 ||
		    (evutil_ascii_strcasecmp(h->key, "Content-Length") == 0 &&
		    strcmp(h->value, "0") != 0))
			return true;
	return false;
}
