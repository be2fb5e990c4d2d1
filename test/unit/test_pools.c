/* SPDX-License-Identifier: MIT */

/* Which targets share what is known of a modem, and who is forgotten. */

#include "unit.h"

#include <event2/event.h>
#include <openssl/pem.h>

#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "pools.h"
#include "tls.h"

struct fixture {
	struct event_base	*base;
	SSL_CTX			*tls;
	struct pools		*pools;
};

static int
setup(void **state)
{
	static struct fixture f;

	f.base = event_base_new();
	f.tls = tls_context_new();
	f.pools = pools_new();
	*state = &f;
	return f.base == NULL || f.tls == NULL || f.pools == NULL;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	pools_free(f->pools);
	SSL_CTX_free(f->tls);
	event_base_free(f->base);
	return 0;
}

static struct peer
make_peer(struct fixture *f, char *address)
{
	static char none[] = "";

	return (struct peer){ .base = f->base, .name = none,
	    .policy = { .ca_file = none }, .address = address,
	    .port = 443, .source = none, .host = none };
}

static struct pool *
get(struct fixture *f, const struct peer *peer)
{
	struct pool *pool = pools_get(f->pools, peer);

	assert_non_null(pool);
	return pool;
}

/* Gets and lets go; only to be compared while it is there. */
static struct pool *
touch(struct fixture *f, const struct peer *peer)
{
	struct pool *pool = get(f, peer);

	pools_let_go(f->pools, pool);
	return pool;
}

static void
test_who_is_the_same_peer(void **state)
{
	static char address[] = "192.0.2.1", other[] = "192.0.2.2";
	char copy[] = "192.0.2.1";
	struct fixture *f = *state;
	struct peer peer = make_peer(f, address), same = peer, differs[10];
	struct pool *pool, *pools[COUNT(differs)];
	size_t i, j;

	same.address = copy;
	for (i = 0; i < COUNT(differs); i++)
		differs[i] = peer;
	differs[0].context = f->tls;
	differs[1].address = other;
	differs[2].port = 80;
	differs[3].source = other;
	differs[4].name = other;
	differs[5].host = other;
	differs[6].policy.verify = CM_VERIFY_CA;
	differs[7].policy.fingerprint[31] = 1;
	differs[8].policy.ca_file = other;
	differs[9].policy.min_version = TLS1_3_VERSION;

	pool = get(f, &peer);
	assert_ptr_equal(get(f, &same), pool);
	for (i = 0; i < COUNT(differs); i++) {
		pools[i] = get(f, &differs[i]);
		assert_ptr_not_equal(pools[i], pool);
		for (j = 0; j < i; j++)
			assert_ptr_not_equal(pools[i], pools[j]);
	}
	/* It has texts of its own. */
	copy[0] = '0';
	peer.address = address;
	for (i = 0; i < COUNT(differs); i++) {
		assert_ptr_equal(get(f, &differs[i]), pools[i]);
		pools_let_go(f->pools, pools[i]);
		pools_let_go(f->pools, pools[i]);
		assert_ptr_equal(touch(f, &differs[i]), pools[i]);
	}
	pools_let_go(f->pools, pool);
	assert_ptr_equal(touch(f, &peer), pool);
	pools_let_go(f->pools, pool);
	assert_ptr_equal(touch(f, &peer), pool);
}

static char *
write_certificate(void)
{
	static char path[32];
	FILE *file = fdopen(mkstemp(strcpy(path, "/tmp/test_pools.XXXXXX")),
	    "w");
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();

	assert_non_null(file);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 60);
	assert_int_equal(X509_set_pubkey(x, key), 1);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_X509(file, x), 1);
	fclose(file);
	X509_free(x);
	EVP_PKEY_free(key);
	return path;
}

/* Within one second. */
static void
set_time(const char *path, long nanoseconds)
{
	struct timespec times[] = { { 1000, 0 }, { 1000, nanoseconds } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static const X509_STORE *
authorities(const struct pool *pool)
{
	return pool_peer(pool)->policy.authorities;
}

/* It takes long to read the bundle of a system, and much memory to have it. */
static void
test_a_file_of_authorities_is_read_once_for_all(void **state)
{
	static char address[] = "192.0.2.1", other[] = "192.0.2.2";
	struct fixture *f = *state;
	struct peer peer = make_peer(f, address);
	struct pool *first, *second, *changed;
	char *file = write_certificate();
	struct tls_policy policy;
	X509_STORE *store;
	SSL *ssl;

	peer.policy.verify = CM_VERIFY_CA;
	peer.policy.ca_file = file;
	set_time(peer.policy.ca_file, 0);
	cm_file_stamp(&peer.policy.ca_stamp, peer.policy.ca_file);
	first = touch(f, &peer);
	assert_non_null(authorities(first));
	peer.address = other;
	second = touch(f, &peer);
	assert_ptr_not_equal(second, first);
	assert_ptr_equal(authorities(second), authorities(first));
	/* A connection does with what is there. */
	policy = pool_peer(second)->policy;
	ssl = tls_new(f->tls, &policy, "", address);
	assert_int_equal(SSL_get0_verify_cert_store(ssl, &store), 1);
	assert_ptr_equal(store, authorities(second));
	SSL_free(ssl);
	/* Also when there is another file in between. */
	peer.policy.ca_file = other;
	touch(f, &peer);
	peer.policy.ca_file = file;
	peer.port = 444;
	assert_ptr_equal(authorities(touch(f, &peer)), authorities(first));
	/* Of the file that was changed, none has the former contents. */
	set_time(peer.policy.ca_file, 1);
	cm_file_stamp(&peer.policy.ca_stamp, peer.policy.ca_file);
	changed = touch(f, &peer);
	assert_non_null(authorities(changed));
	assert_null(authorities(first));
	assert_null(authorities(second));
	unlink(peer.policy.ca_file);
}

static void
test_what_could_not_be_read_is_read_later(void **state)
{
	static char nowhere[] = "/nonexistent";
	struct fixture *f = *state;
	struct tls_policy policy = { .verify = CM_VERIFY_CA,
	    .ca_file = nowhere };
	SSL *ssl = tls_new(f->tls, &policy, "", "192.0.2.1");

	assert_non_null(ssl);
	assert_null(policy.authorities);
	SSL_free(ssl);
	policy.ca_file = write_certificate();
	ssl = tls_new(f->tls, &policy, "", "192.0.2.1");
	assert_non_null(ssl);
	assert_non_null(policy.authorities);
	SSL_free(ssl);
	unlink(policy.ca_file);
	X509_STORE_free(policy.authorities);
}

/* A long list of peers, by number, that would share a file of authorities. */
static struct pool *
number(struct fixture *f, unsigned n, bool hold)
{
	char address[32];
	struct peer peer;

	snprintf(address, sizeof(address), "10.%u.%u.%u", n >> 16 & 255,
	    n >> 8 & 255, n & 255);
	peer = make_peer(f, address);
	peer.policy.verify = CM_VERIFY_CA;
	return hold ? get(f, &peer) : touch(f, &peer);
}

/* A mark that a pool has only for as long as it is not forgotten. */
static bool
is_marked(const struct pool *pool)
{
	return pool_peer(pool)->resumes_none;
}

static void
mark(struct pool *pool)
{
	struct peer *peer = (struct peer *)(uintptr_t)pool_peer(pool);

	peer->resumes_none = true;
}

static void
test_who_was_not_asked_for_longest_is_forgotten(void **state)
{
	static char address[] = "192.0.2.1", other[] = "/nonexistent";
	struct fixture *f = *state;
	struct pool *held = number(f, 0, true);
	struct peer peer = make_peer(f, address);
	unsigned i;

	mark(held);
	for (i = 1; i < POOLS_MAX; i++)
		mark(number(f, i, false));
	/* All are there; 1 comes to be the youngest. */
	assert_true(is_marked(number(f, 1, false)));
	/* Two more, and 2 and 3 are gone. */
	assert_false(is_marked(number(f, POOLS_MAX, false)));
	assert_false(is_marked(number(f, POOLS_MAX + 1, false)));
	assert_true(is_marked(number(f, 1, false)));
	assert_true(is_marked(number(f, 4, false)));
	assert_false(is_marked(number(f, 2, false)));
	assert_false(is_marked(number(f, 3, false)));
	/* Who is in use stays, however long ago that was. */
	assert_ptr_equal(number(f, 0, true), held);
	assert_true(is_marked(held));
	pools_let_go(f->pools, held);
	pools_let_go(f->pools, held);
	/* 2 and 3 took the places of 5 and 6. */
	assert_true(is_marked(number(f, 7, false)));
	assert_false(is_marked(number(f, 5, false)));
	/* Nobody looks for a file's authorities at who is gone. */
	peer.policy.verify = CM_VERIFY_CA;
	peer.policy.ca_file = other;
	assert_null(authorities(touch(f, &peer)));
}

static void
test_who_is_in_use_is_not_forgotten(void **state)
{
	static struct pool *held[POOLS_MAX + 2];
	struct fixture *f = *state;
	unsigned i;

	for (i = 0; i < COUNT(held); i++) {
		mark(number(f, i, false));
		held[i] = number(f, i, true);
	}
	for (i = 0; i < COUNT(held); i++) {
		assert_true(is_marked(number(f, i, false)));
		pools_let_go(f->pools, held[i]);
	}
	assert_true(is_marked(number(f, 1, false)));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_who_is_the_same_peer,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_file_of_authorities_is_read_once_for_all,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_could_not_be_read_is_read_later,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_who_was_not_asked_for_longest_is_forgotten,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_who_is_in_use_is_not_forgotten, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
