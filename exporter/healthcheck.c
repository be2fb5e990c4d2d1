/* SPDX-License-Identifier: MIT */

/*
 * The smallest HTTP client there can be, over OpenSSL's BIOs.
 */

#include "healthcheck.h"

#include <event2/http.h>
#include <openssl/ssl.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 5	/* seconds */

/* Process 1 of a container does not die of a signal without a handler. */
static void
on_alarm(int number)
{
	static const char text[] = "coda56-exporter: no answer in time\n";

	(void)number;
	_exit(write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ? 2 : 1);
}

/* Certificates are not verified: the question is whether it answers. */
static BIO *
open_connection(const char *where, SSL_CTX *tls)
{
	BIO *bio = tls != NULL ? BIO_new_ssl_connect(tls) :
	    BIO_new(BIO_s_connect());

	if (bio != NULL)
		BIO_set_conn_hostname(bio, where);
	return bio;
}

/* The status of an answer; 0 if there is none. */
static int
ask(BIO *bio, const char *where, const char *path)
{
	char answer[sizeof("HTTP/1.1 200")] = "";
	int n, length = 0;

	if (BIO_printf(bio, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", path,
	    where) <= 0)
		return 0;
	while (length < (int)sizeof(answer) - 1 && (n = BIO_read(bio,
	    answer + length, (int)sizeof(answer) - 1 - length)) > 0)
		length += n;
	return strncmp(answer, "HTTP/1.", 7) == 0 ? atoi(answer + 8) : 0;
}

int
healthcheck(const char *url)
{
	struct evhttp_uri *uri = evhttp_uri_parse(url);
	const char *scheme = uri != NULL ? evhttp_uri_get_scheme(uri) : NULL;
	const char *host = uri != NULL ? evhttp_uri_get_host(uri) : NULL;
	const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;
	bool https = scheme != NULL && strcmp(scheme, "https") == 0;
	SSL_CTX *tls = https ? SSL_CTX_new(TLS_client_method()) : NULL;
	BIO *bio = NULL;
	char where[128];
	int status = 2, answer, port;

	if (host == NULL || *host == '\0' ||
	    evhttp_uri_get_query(uri) != NULL ||
	    (!https && (scheme == NULL || strcmp(scheme, "http") != 0))) {
		fprintf(stderr, "coda56-exporter: healthcheck takes a URL such "
		    "as %s\n", HEALTHCHECK_URL);
		goto out;
	}
	port = evhttp_uri_get_port(uri);
	snprintf(where, sizeof(where), "%s:%d", host,
	    port != -1 ? port : https ? 443 : 80);
	signal(SIGALRM, on_alarm);
	alarm(PATIENCE);
	bio = open_connection(where, tls);
	answer = bio == NULL ? 0 : ask(bio, where, *path == '\0' ||
	    strcmp(path, "/") == 0 ? "/-/healthy" : path);
	/* An exporter that asks for a password is up. */
	status = answer == 200 || answer == 401 ? 0 : 1;
	if (answer == 0)
		fprintf(stderr, "coda56-exporter: nobody answers %s at %s; "
		    "`healthcheck URL` asks elsewhere\n",
		    https ? "HTTPS" : "HTTP", where);
	else if (status != 0)
		fprintf(stderr, "coda56-exporter: the answer at %s has the "
		    "status %d\n", where, answer);
out:
	BIO_free_all(bio);
	SSL_CTX_free(tls);
	if (uri != NULL)
		evhttp_uri_free(uri);
	return status;
}
