/* SPDX-License-Identifier: MIT */

/*
 * The file of the web configuration.  One row is one key: its reader and where
 * that puts the value.
 *
 * What would be served less safely than the file asks for is refused; what
 * makes no difference here is taken with a warning.
 */

#include "web_config.h"

#include <openssl/ssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bcrypt.h"
#include "forms.h"
#include "log.h"
#include "parse.h"

#define BURST_MAX	10000
#define COST_SLOW	14	/* a check takes a second */
#define COST_MAX	16

static bool	read_tls(struct document *, const struct key *, yaml_node_t *,
		    void *);
static bool	read_file(struct document *, const struct key *,
		    yaml_node_t *, void *);
static bool	read_http2(struct document *, const struct key *,
		    yaml_node_t *, void *);
static bool	read_sans(struct document *, const struct key *,
		    yaml_node_t *, void *);
static bool	read_ciphers(struct document *, const struct key *,
		    yaml_node_t *, void *);
static bool	read_groups(struct document *, const struct key *,
		    yaml_node_t *, void *);
static bool	read_headers(struct document *, const struct key *,
		    yaml_node_t *, void *);
static bool	read_users(struct document *, const struct key *,
		    yaml_node_t *, void *);
static bool	read_burst(struct document *, const struct key *,
		    yaml_node_t *, void *);

/* Without writers: this configuration is never shown. */
static const struct form form_tls = { read_tls, NULL };
static const struct form form_file = { read_file, NULL };
static const struct form form_http2 = { read_http2, NULL };
static const struct form form_sans = { read_sans, NULL };
static const struct form form_ciphers = { read_ciphers, NULL };
static const struct form form_groups = { read_groups, NULL };
static const struct form form_headers = { read_headers, NULL };
static const struct form form_users = { read_users, NULL };
static const struct form form_burst = { read_burst, NULL };

static const char *const client_auths[] = {
	[WEB_NO_CLIENT_CERT] = "NoClientCert",
	[WEB_REQUEST_CLIENT_CERT] = "RequestClientCert",
	[WEB_REQUIRE_ANY_CLIENT_CERT] = "RequireAnyClientCert",
	[WEB_VERIFY_CLIENT_CERT_IF_GIVEN] = "VerifyClientCertIfGiven",
	[WEB_REQUIRE_AND_VERIFY_CLIENT_CERT] = "RequireAndVerifyClientCert",
	[WEB_REQUIRE_CLIENT_CERT] = "RequireClientCert",
	NULL
};
static const char *const versions[] = {
	"TLS10", "TLS11", "TLS12", "TLS13", NULL
};
/* Those that crypto/tls of Go calls secure, or did (CipherSuites()). */
static const struct {
	const char	*name;
	bool		 is_suite;	/* of TLS 1.3 */
} ciphers[] = {
	{ "TLS_AES_128_GCM_SHA256", true },
	{ "TLS_AES_256_GCM_SHA384", true },
	{ "TLS_CHACHA20_POLY1305_SHA256", true },
	{ "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", false },
	{ "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", false },
	{ "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", false },
	{ "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", false },
	{ "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", false },
	{ "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", false },
	{ "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", false },
	{ "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", false },
	{ "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", false },
	{ "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", false },
	{ "TLS_RSA_WITH_AES_128_GCM_SHA256", false },
	{ "TLS_RSA_WITH_AES_256_GCM_SHA384", false },
	{ "TLS_RSA_WITH_AES_128_CBC_SHA", false },
	{ "TLS_RSA_WITH_AES_256_CBC_SHA", false },
};
#define CIPHERS (sizeof(ciphers) / sizeof(ciphers[0]))
static const char *const curves[] = {
	"CurveP256", "CurveP384", "CurveP521", "X25519", NULL
};
static const char *const groups[] = {	/* the same to OpenSSL */
	"P-256", "P-384", "P-521", "X25519"
};

static const char *const frame_options[] = { "deny", "sameorigin", NULL };
static const char *const type_options[] = { "nosniff", NULL };
static const struct {
	const char		*name;
	const char *const	*words;	/* NULL: any text */
} headers[WEB_HEADER_MAX] = {
	{ "Content-Security-Policy", NULL },
	{ "Strict-Transport-Security", NULL },
	{ "X-Content-Type-Options", type_options },
	{ "X-Frame-Options", frame_options },
	{ "X-XSS-Protection", NULL },
};

#define TLS(member) offsetof(struct web_tls, member)
static const struct key tls_keys[] = {
	{ "cert", &form_text, .at = TLS(certificate.text) },
	{ "key", &form_text, .at = TLS(key.text) },
	{ "client_ca", &form_text, .at = TLS(client_ca.text) },
	{ "cert_file", &form_file, .at = TLS(certificate.file) },
	{ "key_file", &form_file, .at = TLS(key.file) },
	{ "client_ca_file", &form_file, .at = TLS(client_ca.file) },
	{ "client_auth_type", &form_word, .at = TLS(client_auth),
	    .words = client_auths },
	{ "client_allowed_sans", &form_sans, .at = 0 },
	{ "min_version", &form_word, .at = TLS(min_version),
	    .words = versions, .least = TLS1_VERSION },
	{ "max_version", &form_word, .at = TLS(max_version),
	    .words = versions, .least = TLS1_VERSION },
	{ "cipher_suites", &form_ciphers, .at = 0 },
	{ "prefer_server_cipher_suites", &form_bool,
	    .at = TLS(server_order) },
	{ "curve_preferences", &form_groups, .words = curves },
	{ .name = NULL }
};

static const struct key http_keys[] = {
	{ "http2", &form_http2, .at = 0 },
	{ "headers", &form_headers, .at = 0 },
	{ .name = NULL }
};

#define WEB(member) offsetof(struct web_config, member)
static const struct key rate_keys[] = {
	{ "interval", &form_time, .at = WEB(rate_interval) },
	{ "burst", &form_burst, .at = WEB(rate_burst) },
	{ .name = NULL }
};

static const struct key file_keys[] = {
	{ "tls_server_config", &form_tls, .keys = tls_keys },
	{ "http_server_config", &form_map, .keys = http_keys },
	{ "basic_auth_users", &form_users, .at = 0 },
	{ "rate_limit", &form_map, .keys = rate_keys },
	{ .name = NULL }
};

static const struct key whole = {
	"a web configuration", &form_map, .keys = file_keys
};

static bool	check_tls(struct document *, const yaml_node_t *,
		    struct web_tls *);

static struct web_config *
web_config_new(char *why, size_t whysize)
{
	struct web_config *config = calloc(1, sizeof(*config));
	struct document *d = calloc(1, sizeof(*d));

	if (config == NULL || d == NULL) {
		snprintf(why, whysize, "no memory for the web configuration");
		free(d);
		free(config);
		return NULL;
	}
	config->document = d;
	config->tls.min_version = TLS1_2_VERSION;
	config->tls.max_version = TLS1_3_VERSION;
	config->tls.server_order = true;
	return config;
}

/* What a document says; NULL with its complaint if it was not even read. */
static struct web_config *
read_document(struct web_config *config, bool done, char *why, size_t whysize)
{
	struct document *d = config->document;
	yaml_node_t *root = done ? document_root(d) : NULL;

	if (root != NULL)
		done = form_map.read(d, &whole, root, config);
	if (done && config->rate_interval > 0 && config->rate_burst == 0)
		done = document_fail(d, root, "rate_limit has no burst; how "
		    "many requests may come at once?");
	if (done)
		return config;
	snprintf(why, whysize, "%s", d->why);
	web_config_free(config);
	return NULL;
}

struct web_config *
web_config_read(const char *path, char *why, size_t whysize)
{
	struct web_config *config = web_config_new(why, whysize);

	return config == NULL ? NULL : read_document(config,
	    document_read(config->document, path), why, whysize);
}

struct web_config *
web_config_parse(const char *path, const char *text, size_t length, char *why,
    size_t whysize)
{
	struct web_config *config = web_config_new(why, whysize);

	return config == NULL ? NULL : read_document(config,
	    document_parse(config->document, path, text, length), why,
	    whysize);
}

void
web_config_free(struct web_config *config)
{
	if (config == NULL)
		return;
	if (config->document != NULL)
		document_free(config->document);
	free(config->document);
	free(config->tls.certificate.file);
	free(config->tls.key.file);
	free(config->tls.client_ca.file);
	free(config->tls.client_sans);
	free(config->users);
	free(config);
}

/* The items of a list, none if nothing stands there; false with a complaint if
 * it is no list. */
static bool
list_items(struct document *d, const struct key *key, const yaml_node_t *node,
    yaml_node_item_t **first, yaml_node_item_t **end)
{
	*first = *end = NULL;
	if (node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0)
		return true;
	if (node->type != YAML_SEQUENCE_NODE)
		return document_fail(d, node, "%s must be a list, lines of "
		    "- VALUE", key->name);
	*first = node->data.sequence.items.start;
	*end = node->data.sequence.items.top;
	return true;
}

/* A path is relative to where the web configuration is. */
static bool
read_file(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	const char *text, *slash = strrchr(d->path, '/');
	size_t n = slash != NULL ? (size_t)(slash - d->path) + 1 : 0;
	char *path;

	if (!form_text.read(d, key, node, &text))
		return false;
	if (*text == '\0')
		return true;
	if (*text == '/')
		n = 0;
	path = malloc(n + strlen(text) + 1);
	if (path == NULL)
		return document_fail(d, node, "no memory");
	memcpy(path, d->path, n);
	strcpy(path + n, text);
	*(char **)to = path;
	return true;
}

static bool
read_http2(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	bool wanted;

	(void)to;
	if (!form_bool.read(d, key, node, &wanted))
		return false;
	if (wanted)
		log_line(LEVEL_WARN, "HTTP/2 is not spoken; clients use "
		    "HTTP/1.1", "file", d->path, "key", key->name, NULL);
	return true;
}

static bool
read_tls(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	struct web_config *config = to;
	yaml_node_pair_t *first, *end;

	if (!form_pairs(d, key, node, &first, &end) ||
	    !form_map.read(d, key, node, &config->tls))
		return false;
	config->has_tls = first < end;
	return !config->has_tls || check_tls(d, node, &config->tls);
}

bool
web_pem_is_given(const struct web_pem *pem)
{
	return pem->file != NULL || (pem->text != NULL && *pem->text != '\0');
}

/* Something can be given as text or as a file, not as both; if it is needed,
 * one of them must be. */
static bool
check_pem(struct document *d, const yaml_node_t *node, const char *name,
    struct web_pem *pem, bool needed)
{
	if (pem->text != NULL && *pem->text == '\0')
		pem->text = NULL;
	if (pem->text != NULL && pem->file != NULL)
		return document_fail(d, node, "%s and %s_file cannot both be "
		    "given", name, name);
	return web_pem_is_given(pem) || !needed ||
	    document_fail(d, node, "tls_server_config needs %s_file", name);
}

/* What must hold between several keys. */
static bool
check_tls(struct document *d, const yaml_node_t *node, struct web_tls *tls)
{
	bool has_ca;

	if (!check_pem(d, node, "cert", &tls->certificate, true) ||
	    !check_pem(d, node, "key", &tls->key, true) ||
	    !check_pem(d, node, "client_ca", &tls->client_ca, false))
		return false;
	if (tls->client_auth == WEB_REQUIRE_CLIENT_CERT)
		tls->client_auth = WEB_REQUIRE_ANY_CLIENT_CERT;
	has_ca = web_pem_is_given(&tls->client_ca);
	if (has_ca && tls->client_auth == WEB_NO_CLIENT_CERT)
		return document_fail(d, node, "there is a client CA, but no "
		    "client_auth_type; RequireAndVerifyClientCert makes use "
		    "of it");
	if (!has_ca && (tls->client_auth == WEB_VERIFY_CLIENT_CERT_IF_GIVEN ||
	    tls->client_auth == WEB_REQUIRE_AND_VERIFY_CLIENT_CERT))
		log_line(LEVEL_WARN, "without client_ca_file any authority "
		    "that the system trusts may vouch for clients", "file",
		    d->path, NULL);
	if (tls->client_san_count > 0 &&
	    tls->client_auth != WEB_REQUIRE_ANY_CLIENT_CERT &&
	    tls->client_auth != WEB_REQUIRE_AND_VERIFY_CLIENT_CERT)
		return document_fail(d, node, "client_allowed_sans needs a "
		    "client_auth_type of RequireAndVerifyClientCert or "
		    "RequireAnyClientCert");
	if (tls->min_version > tls->max_version)
		return document_fail(d, node, "min_version is above "
		    "max_version");
	if (tls->ciphers[0] == '\0' && tls->suites[0] != '\0' &&
	    tls->max_version < TLS1_3_VERSION)
		return document_fail(d, node, "cipher_suites has only suites "
		    "of TLS 1.3, above max_version");
	return true;
}

static bool
read_sans(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	struct web_tls *tls = to;
	yaml_node_item_t *item, *end;

	if (!list_items(d, key, node, &item, &end))
		return false;
	if (item == end)
		return item == NULL || document_fail(d, node, "%s must not be "
		    "empty, or nobody could connect", key->name);
	tls->client_sans = calloc((size_t)(end - item),
	    sizeof(tls->client_sans[0]));
	if (tls->client_sans == NULL)
		return document_fail(d, node, "no memory");
	for (; item < end; item++)
		if (!form_text.read(d, key, document_node(d, *item),
		    &tls->client_sans[tls->client_san_count++]))
			return false;
	return true;
}

/* Add a name to a list as OpenSSL has it. */
static bool
add_name(struct document *d, const yaml_node_t *node, char *list, size_t size,
    const char *name)
{
	size_t n = strlen(list);

	if (n + strlen(name) + 2 > size)
		return document_fail(d, node, "the list is too long");
	snprintf(list + n, size - n, "%s%s", n > 0 ? ":" : "", name);
	return true;
}

static bool
read_ciphers(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	struct web_tls *tls = to;
	yaml_node_item_t *item, *end;
	yaml_node_t *one;
	const char *text, *name;
	bool added;
	size_t i;

	if (!list_items(d, key, node, &item, &end))
		return false;
	for (; item < end; item++) {
		one = document_node(d, *item);
		if (!form_text.read(d, key, one, &text))
			return false;
		for (i = 0; i < CIPHERS; i++)
			if (strcmp(ciphers[i].name, text) == 0)
				break;
		name = OPENSSL_cipher_name(text);
		if (i == CIPHERS || strcmp(name, "(NONE)") == 0)
			return document_fail(d, one, "unknown cipher suite "
			    "'%.100s'; there are those that Go calls secure, "
			    "such as %s", text, ciphers[3].name);
		if (ciphers[i].is_suite)
			added = add_name(d, one, tls->suites,
			    sizeof(tls->suites), name);
		else
			added = add_name(d, one, tls->ciphers,
			    sizeof(tls->ciphers), name);
		if (!added)
			return false;
	}
	return true;
}

static bool
read_groups(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	struct web_tls *tls = to;
	yaml_node_item_t *item, *end;
	yaml_node_t *one;
	int i;

	if (!list_items(d, key, node, &item, &end))
		return false;
	for (; item < end; item++) {
		one = document_node(d, *item);
		if (!form_word.read(d, key, one, &i) || !add_name(d, one,
		    tls->groups, sizeof(tls->groups), groups[i]))
			return false;
	}
	return true;
}

/* What a header must be, if it is not just any line. */
static bool
check_header(struct document *d, const yaml_node_t *node, size_t i,
    const char *text)
{
	const char *const *word = headers[i].words;
	const char *c;

	for (c = text; *c >= ' ' && *c <= '~'; c++)
		continue;
	if (*c != '\0')
		return document_fail(d, node, "%s must be one line of "
		    "printable ASCII", headers[i].name);
	for (; word != NULL && *word != NULL; word++)
		if (strcmp(*word, text) == 0)
			return true;
	return word == NULL || document_fail(d, node, "%s cannot be '%.100s'; "
	    "%s would do", headers[i].name, text, headers[i].words[0]);
}

static bool
read_headers(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	struct web_config *config = to;
	yaml_node_pair_t *pair, *end;
	yaml_node_t *value;
	const char *name, *text;
	size_t i;

	if (!form_pairs(d, key, node, &pair, &end))
		return false;
	for (; pair < end; pair++) {
		name = form_name(d, key, node, pair);
		value = document_node(d, pair->value);
		if (name == NULL || !form_text.read(d, key, value, &text))
			return false;
		for (i = 0; i < WEB_HEADER_MAX; i++)
			if (strcmp(headers[i].name, name) == 0)
				break;
		if (i == WEB_HEADER_MAX)
			return document_fail(d, document_node(d, pair->key),
			    "the header '%.100s' cannot be set", name);
		if (*text == '\0')
			continue;
		if (!check_header(d, value, i, text))
			return false;
		config->headers[config->header_count++] =
		    (struct web_header){ headers[i].name, text };
	}
	return true;
}

/* What is wrong with a password is said without showing it. */
static bool
read_users(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	struct web_config *config = to;
	yaml_node_pair_t *pair, *end;
	const char *name, *hash;
	yaml_node_t *value;
	unsigned cost;

	if (!form_pairs(d, key, node, &pair, &end))
		return false;
	config->users = calloc((size_t)(end - pair) + 1,
	    sizeof(config->users[0]));
	if (config->users == NULL)
		return document_fail(d, node, "no memory");
	for (; pair < end; pair++) {
		name = form_name(d, key, node, pair);
		value = document_node(d, pair->value);
		if (name == NULL || !form_text.read(d, key, value, &hash))
			return false;
		if (strchr(name, ':') != NULL)
			return document_fail(d, document_node(d, pair->key),
			    "the name of a user must have no colon");
		if (!bcrypt_parse(hash, &cost))
			return document_fail(d, value, "the password of "
			    "'%.100s' must be a bcrypt hash, as `htpasswd -nB "
			    "USER` writes it", name);
		if (cost > COST_MAX)
			return document_fail(d, value, "a cost of %d would "
			    "take minutes for each password; 10 is usual",
			    (int)cost);
		if (cost > COST_SLOW)
			log_line(LEVEL_WARN, "checking this user's password "
			    "takes seconds; a cost of 10 is usual", "file",
			    d->path, "user", name, NULL);
		config->users[config->user_count++] =
		    (struct web_user){ name, hash, cost };
	}
	return true;
}

static bool
read_burst(struct document *d, const struct key *key, yaml_node_t *node,
    void *to)
{
	const char *text;

	return form_text.read(d, key, node, &text) &&
	    (parse_number(text, 0, BURST_MAX, to) ||
	    document_fail(d, node, "%s must be a number up to %d, not "
	    "'%.100s'", key->name, BURST_MAX, text));
}
