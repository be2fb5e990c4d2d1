/* SPDX-License-Identifier: MIT */

/*
 * The table of pools, by peer; those that nobody uses, in the order in which
 * they came to rest.
 */

#include "pools.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096	/* a power of two */

struct entry {
	struct entry	*next;		/* in its bucket */
	struct ring	 resting;	/* while nobody uses it */
	struct ring	 kept;		/* and it has connections */
	struct ring	 verifying;	/* if it has a file of authorities */
	unsigned	 users;
	uint64_t	 hash;
	struct pool	*pool;
};

struct pools {
	struct entry		*buckets[BUCKETS];
	unsigned		 count;
	unsigned		 in_use;
	struct ring		 resting;
	struct ring		 kept;
	struct ring		 verifying;	/* in the order of their age */
	struct cm_client_stats	 stats;
	struct answers		 answers;
};

struct pools *
pools_new(void)
{
	struct pools *pools = calloc(1, sizeof(*pools));

	if (pools == NULL)
		return NULL;
	ring_init(&pools->resting);
	ring_init(&pools->kept);
	ring_init(&pools->verifying);
	answers_init(&pools->answers);
	return pools;
}

const struct cm_client_stats *
pools_stats(const struct pools *pools)
{
	return &pools->stats;
}

/* FNV-1a. */
static uint64_t
hash_text(uint64_t hash, const char *text)
{
	/* With its end, so that texts do not run into each other. */
	do
		hash = (hash ^ (unsigned char)*text) *
		    UINT64_C(0x100000001b3);
	while (*text++ != '\0');
	return hash;
}

static uint64_t
peer_hash(const struct peer *peer)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ peer->port;

	hash = hash_text(hash, peer->address);
	hash = hash_text(hash, peer->source);
	return hash_text(hash, peer->name);
}

static bool
policy_equals(const struct tls_policy *a, const struct tls_policy *b)
{
	return a->verify == b->verify && a->min_version == b->min_version &&
	    memcmp(a->fingerprint, b->fingerprint,
	    sizeof(a->fingerprint)) == 0 &&
	    strcmp(a->ca_file, b->ca_file) == 0 &&
	    cm_file_same(&a->ca_stamp, &b->ca_stamp);
}

static bool
peer_equals(const struct peer *a, const struct peer *b)
{
	return a->context == b->context && a->port == b->port &&
	    policy_equals(&a->policy, &b->policy) &&
	    strcmp(a->address, b->address) == 0 &&
	    strcmp(a->source, b->source) == 0 &&
	    strcmp(a->name, b->name) == 0 &&
	    strcmp(a->host, b->host) == 0;
}

static struct entry **
bucket(struct pools *pools, uint64_t hash)
{
	return &pools->buckets[hash & (BUCKETS - 1)];
}

static void
entry_free(struct pools *pools, struct entry *entry)
{
	struct entry **at = bucket(pools, entry->hash);

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	ring_remove(&entry->resting);
	ring_remove(&entry->kept);
	ring_remove(&entry->verifying);
	pool_free(entry->pool);
	free(entry);
	pools->count--;
}

void
pools_free(struct pools *pools)
{
	while (!ring_is_empty(&pools->resting))
		entry_free(pools, RING_OWNER(pools->resting.next,
		    struct entry, resting));
	free(pools);
}

/* Those of the last pool with the same file.  What was read before it was
 * changed is of no use to anyone. */
static X509_STORE *
find_authorities(struct pools *pools, const struct tls_policy *policy)
{
	struct ring *node, *older;
	const struct tls_policy *other;
	struct entry *entry;

	for (node = pools->verifying.previous; node != &pools->verifying;
	    node = older) {
		older = node->previous;
		entry = RING_OWNER(node, struct entry, verifying);
		other = &pool_peer(entry->pool)->policy;
		if (strcmp(other->ca_file, policy->ca_file) != 0)
			continue;
		if (cm_file_same(&other->ca_stamp, &policy->ca_stamp))
			return other->authorities;
		pool_forget_authorities(entry->pool);
		ring_remove(node);
	}
	return NULL;
}

static struct entry *
entry_new(struct pools *pools, const struct peer *peer, uint64_t hash)
{
	bool verifies = peer->policy.verify == CM_VERIFY_CA;
	struct entry *entry = calloc(1, sizeof(*entry));
	struct peer own = *peer;

	if (entry == NULL)
		return NULL;
	own.stats = &pools->stats;
	if (verifies)
		own.policy.authorities = find_authorities(pools,
		    &peer->policy);
	entry->pool = pool_new(&own, &pools->answers);
	if (entry->pool == NULL) {
		free(entry);
		return NULL;
	}
	ring_init(&entry->resting);
	ring_init(&entry->kept);
	ring_init(&entry->verifying);
	if (verifies)
		ring_append(&pools->verifying, &entry->verifying);
	entry->hash = hash;
	entry->next = *bucket(pools, hash);
	*bucket(pools, hash) = entry;
	pools->count++;
	return entry;
}

struct pool *
pools_get(struct pools *pools, const struct peer *peer)
{
	uint64_t hash = peer_hash(peer);
	struct entry *entry = *bucket(pools, hash);

	while (entry != NULL && (entry->hash != hash ||
	    !peer_equals(pool_peer(entry->pool), peer)))
		entry = entry->next;
	if (entry == NULL) {
		if (pools->count >= POOLS_MAX &&
		    !ring_is_empty(&pools->resting))
			entry_free(pools, RING_OWNER(pools->resting.next,
			    struct entry, resting));
		entry = entry_new(pools, peer, hash);
		if (entry == NULL)
			return NULL;
	}
	if (entry->users++ == 0)
		pools->in_use++;
	ring_remove(&entry->resting);
	ring_remove(&entry->kept);
	return entry->pool;
}

/* A few connections to each of many modems that are asked in turn are worth
 * more than all to those that were asked last. */
static unsigned
keep_share(struct pools *pools)
{
	struct ring *node, *next;
	unsigned n = pools->in_use;

	for (node = pools->kept.next; node != &pools->kept; node = next) {
		next = node->next;
		if (pool_kept(RING_OWNER(node, struct entry, kept)->pool) > 0)
			n++;
		else
			ring_remove(node);	/* they were closed since */
	}
	return n == 0 || n > POOLS_KEEP_MAX ? 1 : POOLS_KEEP_MAX / n;
}

void
pools_let_go(struct pools *pools, struct pool *pool)
{
	uint64_t hash = peer_hash(pool_peer(pool));
	struct entry *entry = *bucket(pools, hash);

	while (entry->pool != pool)
		entry = entry->next;
	if (--entry->users > 0)
		return;
	pools->in_use--;
	pool_rest(pool);
	ring_append(&pools->resting, &entry->resting);
	if (pool_kept(pool) > 0)
		ring_append(&pools->kept, &entry->kept);
	if (pool_all_links(pool) > POOLS_KEEP_MAX)
		pool_close_kept(pool, keep_share(pools));
	while (pools->stats.idle > POOLS_KEEP_MAX &&
	    !ring_is_empty(&pools->kept)) {
		entry = RING_OWNER(pools->kept.next, struct entry, kept);
		pool_close_kept(entry->pool, 0);
		ring_remove(&entry->kept);
	}
}
