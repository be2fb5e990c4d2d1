/* SPDX-License-Identifier: MIT */
/* A fresh key and a self-signed certificate in the manner of a modem, or both
 * from a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tls.h"

#define COMMON_NAME	"00:00:5E:00:53:01"

struct tls {
	SSL_CTX *resuming;
	SSL_CTX *forgetful;
	tls_hello_fn *on_hello;
};

static void	 read_file(const char *, EVP_PKEY **, X509 **);
static EVP_PKEY	*key_new(enum tls_key);
static X509	*certificate_new(EVP_PKEY *);
static bool	 name_certificate(X509 *);
static SSL_CTX	*context_new(struct tls *, EVP_PKEY *, X509 *, int version,
		    bool resumable);
static void	 on_info(const SSL *, int where, int ret);

enum tls_key
tls_key_by_name(const char *name)
{
	static const char *const names[] = {
		[TLS_KEY_EC256] = "ec256",
		[TLS_KEY_RSA1024] = "rsa1024",
		[TLS_KEY_RSA2048] = "rsa2048",
	};
	enum tls_key key;

	for (key = 0; key < TLS_KEY_NONE; key++) {
		if (strcmp(names[key], name) == 0)
			break;
	}
	return key;
}

int
tls_version_by_name(const char *name)
{
	static const struct {
		const char *name;
		int version;
	} versions[] = {
		{ "1.0", TLS1_VERSION },
		{ "1.1", TLS1_1_VERSION },
		{ "1.2", TLS1_2_VERSION },
		{ "1.3", TLS1_3_VERSION },
	};
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (strcmp(versions[i].name, name) == 0)
			return versions[i].version;
	}
	return -1;
}

struct tls *
tls_new(enum tls_key kind, const char *file, int version,
    tls_hello_fn *on_hello)
{
	struct tls *tls = calloc(1, sizeof(*tls));
	EVP_PKEY *key = NULL;
	X509 *certificate = NULL;

	if (file != NULL)
		read_file(file, &key, &certificate);
	else if ((key = key_new(kind)) != NULL)
		certificate = certificate_new(key);
	if (tls != NULL && certificate != NULL) {
		tls->on_hello = on_hello;
		tls->resuming = context_new(tls, key, certificate, version,
		    true);
		tls->forgetful = context_new(tls, key, certificate, version,
		    false);
	}
	EVP_PKEY_free(key);
	X509_free(certificate);
	if (tls == NULL || tls->resuming == NULL || tls->forgetful == NULL) {
		ERR_print_errors_fp(stderr);
		tls_free(tls);
		return NULL;
	}
	return tls;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->resuming);
	SSL_CTX_free(tls->forgetful);
	free(tls);
}

static void
read_file(const char *name, EVP_PKEY **key, X509 **certificate)
{
	FILE *file = fopen(name, "r");

	if (file == NULL) {
		perror(name);
		return;
	}
	*key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	rewind(file);
	*certificate = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
}

static EVP_PKEY *
key_new(enum tls_key kind)
{
	switch (kind) {
	case TLS_KEY_RSA1024:
		return EVP_RSA_gen(1024);
	case TLS_KEY_RSA2048:
		return EVP_RSA_gen(2048);
	case TLS_KEY_EC256:
	case TLS_KEY_NONE:
		break;
	}
	return EVP_EC_gen("P-256");
}

static X509 *
certificate_new(EVP_PKEY *key)
{
	X509 *x = X509_new();

	if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 &&
	    name_certificate(x) &&
	    X509_time_adj_ex(X509_getm_notBefore(x), -1, 0, NULL) != NULL &&
	    X509_time_adj_ex(X509_getm_notAfter(x), 3652, 0, NULL) != NULL &&
	    X509_set_pubkey(x, key) == 1 &&
	    X509_sign(x, key, EVP_sha256()) != 0)
		return x;
	X509_free(x);
	return NULL;
}

static bool
name_certificate(X509 *x)
{
	X509_NAME *name = X509_get_subject_name(x);
	BIGNUM *serial = BN_new();
	bool ok;

	ok = serial != NULL &&
	    BN_rand(serial, 120, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
	    BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x)) != NULL &&
	    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
	    (const unsigned char *)"Simulated Cable Modem", -1, -1, 0) == 1 &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)COMMON_NAME, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, name) == 1;
	BN_free(serial);
	return ok;
}

static SSL_CTX *
context_new(struct tls *tls, EVP_PKEY *key, X509 *certificate, int version,
    bool resumable)
{
	static const unsigned char id[] = "modem-sim";
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL)
		return NULL;
	/* Old modems: short keys, old versions, SHA-1 in TLS 1.0 and 1.1. */
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_info_callback(ctx, on_info);
	SSL_CTX_set_app_data(ctx, tls);
	if (!resumable) {
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
		SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	}
	if (SSL_CTX_set_cipher_list(ctx, "DEFAULT:@SECLEVEL=0") == 1 &&
	    SSL_CTX_set_min_proto_version(ctx,
	    version == 0 ? TLS1_2_VERSION : version) == 1 &&
	    SSL_CTX_set_max_proto_version(ctx,
	    version == 0 ? TLS1_3_VERSION : version) == 1 &&
	    SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1) == 1 &&
	    SSL_CTX_set_num_tickets(ctx, resumable ? 2 : 0) == 1 &&
	    SSL_CTX_use_certificate(ctx, certificate) == 1 &&
	    SSL_CTX_use_PrivateKey(ctx, key) == 1)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

SSL *
tls_accept(struct tls *tls, bool resumable, void *arg)
{
	SSL *ssl = SSL_new(resumable ? tls->resuming : tls->forgetful);

	if (ssl != NULL)
		SSL_set_app_data(ssl, arg);
	return ssl;
}

bool
tls_send(SSL *ssl, enum tls_message what)
{
	bool sent = true;

	ERR_clear_error();
	/* What did not fit the last time comes first. */
	if (!SSL_in_init(ssl)) {
		if (what == TLS_TICKET)
			sent = SSL_new_session_ticket(ssl) == 1;
		else if (what == TLS_KEY_UPDATE)
			sent = SSL_key_update(ssl,
			    SSL_KEY_UPDATE_NOT_REQUESTED) == 1;
		else {
			SSL_clear_options(ssl, SSL_OP_NO_RENEGOTIATION);
			sent = SSL_renegotiate(ssl) == 1;
		}
	}
	sent = sent && SSL_do_handshake(ssl) == 1;
	ERR_clear_error();
	return sent;
}

bool
tls_shut(SSL *ssl, bool quietly)
{
	bool full;
	int r;

	SSL_set_quiet_shutdown(ssl, quietly);
	ERR_clear_error();
	r = SSL_shutdown(ssl);
	full = r < 0 && SSL_get_error(ssl, r) == SSL_ERROR_WANT_WRITE;
	ERR_clear_error();
	return !full;
}

void
tls_forget(SSL *ssl)
{
	SSL_set_app_data(ssl, NULL);
}

static void
on_info(const SSL *ssl, int where, int ret)
{
	struct tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	void *arg = SSL_get_app_data(ssl);

	(void)ret;
	/* Told of the state it leaves; nothing of the flight has left yet. */
	if (where == SSL_CB_ACCEPT_LOOP && arg != NULL &&
	    SSL_get_state(ssl) == TLS_ST_SW_SRVR_HELLO)
		tls->on_hello(arg, SSL_session_reused(ssl) == 1);
}
