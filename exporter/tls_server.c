/* SPDX-License-Identifier: MIT */

/*
 * TLS towards those who ask the exporter: TLS 1.2 and 1.3 with forward
 * secrecy, unless the web configuration says otherwise.
 */

#include "tls_server.h"

#include <sys/socket.h>

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cablemodem_file.h"
#include "log.h"

static const unsigned char session_context[] = "coda56-exporter";

/* Whom a context lets in; it is freed with the context. */
struct policy {
	bool	 verify;
	size_t	 san_count;
	char	*sans[];
};

struct why {
	char	*text;
	size_t	 size;
};

static bool	set_parameters(SSL_CTX *, const struct web_tls *, struct why *);
static bool	set_identity(SSL_CTX *, const struct web_tls *, struct why *);
static bool	set_clients(SSL_CTX *, const struct web_tls *, struct why *);
static bool	fail(const struct why *, const char *what);
static bool	fail_pem(const struct why *, const char *what,
		    const struct web_pem *);
static int	on_alpn(SSL *, const unsigned char **, unsigned char *,
		    const unsigned char *, unsigned, void *);
static int	on_verify(X509_STORE_CTX *, void *);

SSL_CTX *
tls_server_context(const struct web_tls *tls, char *text, size_t size)
{
	struct why why = { text, size };
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	bool good;

	ERR_clear_error();
	if (ctx == NULL) {
		snprintf(text, size, "no memory for TLS");
		return NULL;
	}
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	/* Else a client that sends key updates without end stops the loop. */
	SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	/* Clients keep their sessions in tickets, which take no memory here. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
	good = SSL_CTX_set_session_id_context(ctx, session_context,
	    sizeof(session_context) - 1) == 1 &&
	    set_parameters(ctx, tls, &why) &&
	    set_identity(ctx, tls, &why) &&
	    set_clients(ctx, tls, &why);
	if (!good) {
		SSL_CTX_free(ctx);
		ctx = NULL;
	}
	ERR_clear_error();
	return ctx;
}

static bool
set_parameters(SSL_CTX *ctx, const struct web_tls *tls, struct why *why)
{
	const char *ciphers = tls->ciphers;
	int min_version = tls->min_version;

	/* At its default level OpenSSL refuses the signatures of TLS 1.0 and
	 * 1.1. */
	if (min_version < TLS1_2_VERSION)
		SSL_CTX_set_security_level(ctx, 0);
	/* Who names only suites of TLS 1.3 wants no other. */
	if (*ciphers == '\0' && tls->suites[0] != '\0')
		min_version = TLS1_3_VERSION;
	if (*ciphers == '\0')
		ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:!AESCCM";
	if (tls->server_order)
		SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
	if (SSL_CTX_set_min_proto_version(ctx, min_version) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, tls->max_version) != 1)
		return fail(why, "TLS versions");
	if (SSL_CTX_set_cipher_list(ctx, ciphers) != 1 ||
	    (tls->suites[0] != '\0' &&
	    SSL_CTX_set_ciphersuites(ctx, tls->suites) != 1))
		return fail(why, "cipher_suites");
	if (tls->groups[0] != '\0' &&
	    SSL_CTX_set1_groups_list(ctx, tls->groups) != 1)
		return fail(why, "curve_preferences");
	return true;
}

/* What went wrong: the system's own words where it was the system, else the
 * last of OpenSSL's errors. */
static const char *
last_error(void)
{
	const char *reason = "refused by OpenSSL", *found;
	unsigned long error;

	while ((error = ERR_get_error()) != 0) {
		if (ERR_SYSTEM_ERROR(error))
			return strerror(ERR_GET_REASON(error));
		found = ERR_reason_error_string(error);
		if (found != NULL)
			reason = found;
	}
	return reason;
}

/* Always false. */
static bool
fail(const struct why *why, const char *what)
{
	snprintf(why->text, why->size, "%s: %s", what, last_error());
	return false;
}

/* Complain about a file, in which `what` should be.  Always false. */
static bool
fail_pem(const struct why *why, const char *what, const struct web_pem *pem)
{
	snprintf(why->text, why->size, "%s: %s; it must be %s in PEM",
	    pem->file != NULL ? pem->file : "tls_server_config",
	    last_error(), what);
	return false;
}

static BIO *
open_pem(const struct web_pem *pem)
{
	FILE *file;
	BIO *bio;

	if (pem->file == NULL)
		return BIO_new_mem_buf(pem->text, -1);
	file = cm_file_open(pem->file);
	if (file == NULL) {
		ERR_raise(ERR_LIB_SYS, errno);
		return NULL;
	}
	bio = BIO_new_fp(file, BIO_CLOSE);
	if (bio == NULL)
		fclose(file);
	return bio;
}

/* The passphrase of a key: none, else OpenSSL would ask at the terminal. */
static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

/* The next certificate of a file; NULL at its end, or at an error, which stays
 * in OpenSSL's queue. */
static X509 *
read_certificate(BIO *bio)
{
	ERR_clear_error();
	return PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
}

/* Was the error in OpenSSL's queue just the end of the file? */
static bool
at_end(void)
{
	unsigned long error = ERR_peek_last_error();

	return ERR_GET_LIB(error) == ERR_LIB_PEM &&
	    ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

/* The server's own certificate, then perhaps those that lead to its root. */
static bool
use_chain(SSL_CTX *ctx, BIO *bio)
{
	X509 *x = read_certificate(bio);
	bool good = x != NULL && SSL_CTX_use_certificate(ctx, x) == 1;

	X509_free(x);
	while (good && (x = read_certificate(bio)) != NULL)
		if (SSL_CTX_add0_chain_cert(ctx, x) != 1) {
			X509_free(x);
			return false;
		}
	return good && at_end();
}

static bool
set_identity(SSL_CTX *ctx, const struct web_tls *tls, struct why *why)
{
	BIO *bio = open_pem(&tls->certificate);
	bool good = bio != NULL && use_chain(ctx, bio);
	EVP_PKEY *key;

	BIO_free(bio);
	if (!good)
		return fail_pem(why, "the server's certificate",
		    &tls->certificate);
	bio = open_pem(&tls->key);
	key = bio == NULL ? NULL :
	    PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	good = key != NULL && SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
	    SSL_CTX_check_private_key(ctx) == 1;
	EVP_PKEY_free(key);
	BIO_free(bio);
	return good || fail_pem(why, "the certificate's key, without a "
	    "passphrase,", &tls->key);
}

static bool
trust(SSL_CTX *ctx, BIO *bio)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	size_t count = 0;
	bool good = true;
	X509 *x;

	while (good && (x = read_certificate(bio)) != NULL) {
		good = X509_STORE_add_cert(store, x) == 1 &&
		    SSL_CTX_add_client_CA(ctx, x) == 1;
		X509_free(x);
		count++;
	}
	/* Whatever is in the file is trusted, be it a root or not. */
	return good && at_end() && count > 0 &&
	    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1;
}

static void
policy_free(void *parent, void *arg, CRYPTO_EX_DATA *data, int index,
    long argl, void *argp)
{
	struct policy *policy = arg;
	size_t i;

	(void)parent;
	(void)data;
	(void)index;
	(void)argl;
	(void)argp;
	if (policy == NULL)
		return;
	for (i = 0; i < policy->san_count; i++)
		free(policy->sans[i]);
	free(policy);
}

/* Connections may outlive the configuration, but not their context. */
static struct policy *
policy_new(SSL_CTX *ctx, const struct web_tls *tls)
{
	static int place = -1;
	struct policy *policy = calloc(1, sizeof(*policy) +
	    tls->client_san_count * sizeof(policy->sans[0]));
	bool good = policy != NULL;
	size_t i;

	for (i = 0; good && i < tls->client_san_count; i++) {
		policy->sans[i] = strdup(tls->client_sans[i]);
		policy->san_count++;
		good = policy->sans[i] != NULL;
	}
	if (place == -1)
		place = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL,
		    policy_free);
	if (!good || place == -1 ||
	    SSL_CTX_set_ex_data(ctx, place, policy) != 1) {
		policy_free(NULL, policy, NULL, 0, 0, NULL);
		return NULL;
	}
	return policy;
}

static bool
set_clients(SSL_CTX *ctx, const struct web_tls *tls, struct why *why)
{
	static const int modes[] = {
		[WEB_NO_CLIENT_CERT] = SSL_VERIFY_NONE,
		[WEB_REQUEST_CLIENT_CERT] = SSL_VERIFY_PEER,
		[WEB_REQUIRE_ANY_CLIENT_CERT] = SSL_VERIFY_PEER |
		    SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
		[WEB_VERIFY_CLIENT_CERT_IF_GIVEN] = SSL_VERIFY_PEER,
		[WEB_REQUIRE_AND_VERIFY_CLIENT_CERT] = SSL_VERIFY_PEER |
		    SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
	};
	const struct web_pem *ca = &tls->client_ca;
	struct policy *policy = policy_new(ctx, tls);
	BIO *bio = NULL;
	bool good;

	if (policy == NULL) {
		snprintf(why->text, why->size, "no memory for TLS");
		return false;
	}
	policy->verify = tls->client_auth == WEB_VERIFY_CLIENT_CERT_IF_GIVEN ||
	    tls->client_auth == WEB_REQUIRE_AND_VERIFY_CLIENT_CERT;
	SSL_CTX_set_verify(ctx, modes[tls->client_auth], NULL);
	SSL_CTX_set_cert_verify_callback(ctx, on_verify, policy);
	if (!web_pem_is_given(ca))
		return !policy->verify ||
		    SSL_CTX_set_default_verify_paths(ctx) == 1 ||
		    fail(why, "the system's certificate authorities");
	bio = open_pem(ca);
	good = bio != NULL && trust(ctx, bio);
	BIO_free(bio);
	return good || fail_pem(why, "the certificates of authorities", ca);
}

/* Only HTTP/1.1 is spoken (RFC 7301; the list has a length before each). */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *length,
    const unsigned char *in, unsigned size, void *arg)
{
	static const char name[] = "http/1.1";
	unsigned i;

	(void)ssl;
	(void)arg;
	for (i = 0; i < size; i += in[i] + 1U)
		if (in[i] == sizeof(name) - 1 && size - i > in[i] &&
		    memcmp(in + i + 1, name, in[i]) == 0) {
			*out = in + i + 1;
			*length = in[i];
			return SSL_TLSEXT_ERR_OK;
		}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool
is_text(const ASN1_STRING *name, const char *san)
{
	size_t length = (size_t)ASN1_STRING_length(name);

	return strlen(san) == length &&
	    memcmp(ASN1_STRING_get0_data(name), san, length) == 0;
}

static bool
is_address(const ASN1_STRING *name, const char *san)
{
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(san);
	bool same = address != NULL && ASN1_STRING_cmp(address, name) == 0;

	ASN1_OCTET_STRING_free(address);
	return same;
}

/* One name of a certificate and one that is allowed, of whatever kind. */
static bool
names_match(const GENERAL_NAME *name, const char *san)
{
	switch (name->type) {
	case GEN_DNS:
	case GEN_EMAIL:
	case GEN_URI:
		return is_text(name->d.ia5, san);
	case GEN_IPADD:
		return is_address(name->d.iPAddress, san);
	default:
		return false;
	}
}

static bool
is_allowed(const struct policy *policy, X509 *certificate)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate,
	    NID_subject_alt_name, NULL, NULL);
	bool allowed = policy->san_count == 0;
	size_t j;
	int i;

	for (i = 0; !allowed && i < sk_GENERAL_NAME_num(names); i++)
		for (j = 0; !allowed && j < policy->san_count; j++)
			allowed = names_match(sk_GENERAL_NAME_value(names, i),
			    policy->sans[j]);
	GENERAL_NAMES_free(names);
	return allowed;
}

static int
on_verify(X509_STORE_CTX *store, void *arg)
{
	const struct policy *policy = arg;

	if (policy->verify && X509_verify_cert(store) != 1) {
		/* The store's context has the code; see below. */
	} else if (!is_allowed(policy, X509_STORE_CTX_get0_cert(store)))
		X509_STORE_CTX_set_error(store,
		    X509_V_ERR_APPLICATION_VERIFICATION);
	else {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	log_line(LEVEL_DEBUG, "client certificate refused", "error",
	    X509_STORE_CTX_get_error(store) ==
	    X509_V_ERR_APPLICATION_VERIFICATION ?
	    "none of its names is in client_allowed_sans" :
	    X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)),
	    NULL);
	return 0;
}

struct bufferevent *
tls_server_accept(struct event_base *base, SSL_CTX *ctx)
{
	SSL *ssl = SSL_new(ctx);

	/* The bufferevent frees the SSL, even if it cannot be made. */
	return ssl == NULL ? NULL : bufferevent_openssl_socket_new(base, -1,
	    ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
}

bool
tls_server_is_on(struct bufferevent *bev)
{
	return bufferevent_openssl_get_ssl(bev) != NULL;
}

void
tls_server_goodbye(struct bufferevent *bev)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	if (ssl != NULL && SSL_is_init_finished(ssl)) {
		SSL_shutdown(ssl);
		ERR_clear_error();
	}
}
