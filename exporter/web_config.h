/* SPDX-License-Identifier: MIT */
#ifndef WEB_CONFIG_H
#define WEB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cablemodem.h"

/*
 * The web configuration: TLS, headers and users, in the file format that
 * Prometheus's exporters share
 * (https://github.com/prometheus/exporter-toolkit,
 * docs/web-configuration.md).
 */

/* Something in PEM: `text`, or what the file has, or neither. */
struct web_pem {
	const char	*text;
	char		*file;
};

/* What is asked of clients' certificates, as crypto/tls of Go calls it. */
enum web_client_auth {
	WEB_NO_CLIENT_CERT,
	WEB_REQUEST_CLIENT_CERT,
	WEB_REQUIRE_ANY_CLIENT_CERT,
	WEB_VERIFY_CLIENT_CERT_IF_GIVEN,
	WEB_REQUIRE_AND_VERIFY_CLIENT_CERT,
	WEB_REQUIRE_CLIENT_CERT		/* an old name; never kept */
};

struct web_tls {
	struct web_pem		 certificate;
	struct web_pem		 key;
	struct web_pem		 client_ca;
	int			 client_auth;	/* enum web_client_auth */
	const char		**client_sans;	/* empty: anybody */
	size_t			 client_san_count;
	int			 min_version;	/* TLS1_2_VERSION ... */
	int			 max_version;
	/* In OpenSSL's words; empty: its defaults. */
	char			 ciphers[1024];	/* until TLS 1.2 */
	char			 suites[128];	/* since TLS 1.3 */
	char			 groups[128];
	bool			 server_order;	/* of ciphers: as listed */
};

struct web_user {
	const char	*name;
	const char	*hash;		/* bcrypt_parse() takes it */
	unsigned	 cost;		/* and says what it costs */
};

struct web_header {
	const char	*name;
	const char	*value;
};

#define WEB_HEADER_MAX 5

struct web_config {
	struct document		*document;	/* has all texts; or NULL */
	bool			 has_tls;
	struct web_tls		 tls;
	struct web_header	 headers[WEB_HEADER_MAX];
	size_t			 header_count;
	struct web_user		*users;		/* empty: no authentication */
	size_t			 user_count;
	int64_t			 rate_interval;	/* microseconds; 0: no limit */
	unsigned long		 rate_burst;
};

/* Read a file; `path` must outlive it.  NULL with a sentence in `why` that
 * says where it is wrong. */
struct web_config	*web_config_read(const char *path, char *why,
			    size_t whysize) CM_MUSTCHECK;
/* The same from a text in memory. */
struct web_config	*web_config_parse(const char *path, const char *text,
			    size_t length, char *why, size_t whysize)
			    CM_MUSTCHECK;
void			 web_config_free(struct web_config *);
bool			 web_pem_is_given(const struct web_pem *);

#endif
