/* SPDX-License-Identifier: MIT */

/*
 * TLS towards modems: the most tolerant client that OpenSSL can be.  What is
 * read is unauthenticated status data of a device on one's own network; the
 * certificate's fingerprint is reported, so that a change can be seen.
 */

#include "tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdio.h>
#include <string.h>

SSL_CTX *
tls_context_new(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_security_level(ctx, 0);
	/* The system's configuration may have asked for more. */
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, 0) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, "DEFAULT:@SECLEVEL=0") != 1) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	/* No renegotiation: the certificate is checked once, after the first
	 * handshake. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_LEGACY_SERVER_CONNECT);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	/* Sessions are kept with their peer: OpenSSL's own cache would not
	 * know which modem one belongs to. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	/* Else a read does not return to the event loop, and to its timers,
	 * for as long as messages come that are no data. */
	SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	ERR_clear_error();
	return ctx;
}

/* Whatever is in the file is trusted, be it a root or not. */
static bool
read_store(X509_STORE *store, FILE *file)
{
	static char none[1];	/* or OpenSSL would ask for a passphrase */
	STACK_OF(X509_INFO) *all = PEM_X509_INFO_read(file, NULL, NULL, none);
	bool good = X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1;
	int i, count = 0;
	X509 *x;

	for (i = 0; good && i < sk_X509_INFO_num(all); i++) {
		x = sk_X509_INFO_value(all, i)->x509;
		good = x == NULL || X509_STORE_add_cert(store, x) == 1;
		count += x != NULL;
	}
	sk_X509_INFO_pop_free(all, X509_INFO_free);
	return good && count > 0;
}

void
tls_read_authorities(struct tls_policy *policy)
{
	X509_STORE *store;
	FILE *file;

	if (policy->verify != CM_VERIFY_CA || policy->authorities != NULL)
		return;
	file = cm_file_open(policy->ca_file);
	if (file == NULL)
		return;
	store = X509_STORE_new();
	if (store != NULL && read_store(store, file)) {
		policy->authorities = store;
		store = NULL;
	}
	X509_STORE_free(store);
	fclose(file);
	ERR_clear_error();
}

/* Have OpenSSL verify but not end the handshake: tls_check() reads the result
 * afterwards. */
static bool
verify_later(SSL *ssl, struct tls_policy *policy, const char *name,
    const char *address)
{
	char ip[CM_HOST_SIZE];

	/* Certificates have addresses without the %zone. */
	snprintf(ip, sizeof(ip), "%.*s", (int)strcspn(address, "%"), address);
	if ((*name != '\0' ? SSL_set1_host(ssl, name) :
	    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), ip)) != 1)
		return false;
	tls_read_authorities(policy);
	/* Without one the context's store is used, which trusts nobody. */
	return policy->authorities == NULL ||
	    SSL_set1_verify_cert_store(ssl, policy->authorities) == 1;
}

SSL *
tls_new(SSL_CTX *ctx, struct tls_policy *policy, const char *name,
    const char *address)
{
	SSL *ssl = SSL_new(ctx);

	if (ssl == NULL)
		return NULL;
	if ((*name != '\0' && SSL_set_tlsext_host_name(ssl, name) != 1) ||
	    SSL_set_min_proto_version(ssl, policy->min_version) != 1 ||
	    (policy->verify == CM_VERIFY_CA &&
	    !verify_later(ssl, policy, name, address))) {
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}

enum cm_reason
tls_check(SSL *ssl, const struct tls_policy *policy, char *why, size_t whysize)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	X509 *certificate;
	unsigned n = 0;
	bool equal;

	switch (policy->verify) {
	case CM_VERIFY_NONE:
		break;
	case CM_VERIFY_FINGERPRINT:
		certificate = SSL_get1_peer_certificate(ssl);
		equal = certificate != NULL &&
		    X509_digest(certificate, EVP_sha256(), digest, &n) &&
		    n == sizeof(policy->fingerprint) &&
		    memcmp(digest, policy->fingerprint, n) == 0;
		X509_free(certificate);
		if (equal)
			break;
		snprintf(why, whysize, "the certificate is not the pinned one");
		return CM_TLS_FINGERPRINT_MISMATCH;
	case CM_VERIFY_CA:
		if (SSL_get_verify_result(ssl) == X509_V_OK)
			break;
		snprintf(why, whysize, "the certificate is not trusted: %s; "
		    "ca_file%s: %s",
		    X509_verify_cert_error_string(SSL_get_verify_result(ssl)),
		    policy->authorities != NULL ? "" :
		    ", of which no certificate can be read", policy->ca_file);
		return CM_TLS_VERIFICATION_FAILED;
	}
	return CM_OK;
}

/* The time of a certificate in unix time, without the machine's zone. */
static void
format_time(const ASN1_TIME *time, char *text)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days, seconds;

	text[0] = '\0';
	if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time))
		cm_number_integer(text, (int64_t)days * 86400 + seconds);
	ASN1_TIME_free(epoch);
}

void
tls_describe(SSL *ssl, struct tls_facts *facts)
{
	X509 *certificate = SSL_get1_peer_certificate(ssl);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned i, n = 0;

	memset(facts, 0, sizeof(*facts));
	snprintf(facts->version, sizeof(facts->version), "%s",
	    SSL_get_version(ssl));
	snprintf(facts->cipher, sizeof(facts->cipher), "%s",
	    SSL_get_cipher_name(ssl));
	if (certificate == NULL)
		return;
	if (X509_digest(certificate, EVP_sha256(), digest, &n))
		for (i = 0; i < n && i < 32; i++)
			snprintf(facts->fingerprint + 2 * i, 3, "%02x",
			    (unsigned)digest[i]);
	format_time(X509_get0_notAfter(certificate), facts->not_after);
	X509_free(certificate);
	ERR_clear_error();
}
