/* SPDX-License-Identifier: MIT */

/*
 * Sessions are copied on the way in and on the way out: OpenSSL shares the
 * object with a connection, and marks it as not resumable when one of those
 * ends without a shutdown.
 */

#include "session.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	uint64_t	 hash;
	uint64_t	 used;		/* when, on the table's own clock */
	char		*key;
	SSL_SESSION	*session;
};

struct sessions {
	struct entry	*entries;
	size_t		 count;
	size_t		 room;
	uint64_t	 clock;
};

struct sessions *
sessions_new(void)
{
	return calloc(1, sizeof(struct sessions));
}

void
sessions_free(struct sessions *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		free(s->entries[i].key);
		SSL_SESSION_free(s->entries[i].session);
	}
	free(s->entries);
	free(s);
}

/* FNV-1a: it only saves comparing the keys. */
static uint64_t
hash(const char *key)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
	return h;
}

static struct entry *
find(const struct sessions *s, const char *key)
{
	uint64_t wanted = hash(key);
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->entries[i].hash == wanted &&
		    strcmp(s->entries[i].key, key) == 0)
			return &s->entries[i];
	return NULL;
}

/* The entry that was used least recently, without its key and session. */
static struct entry *
evict(struct sessions *s)
{
	struct entry *oldest = s->entries;
	size_t i;

	for (i = 1; i < s->count; i++)
		if (s->entries[i].used < oldest->used)
			oldest = &s->entries[i];
	free(oldest->key);
	SSL_SESSION_free(oldest->session);
	return oldest;
}

/* Room for one more entry; NULL without memory. */
static struct entry *
add(struct sessions *s)
{
	struct entry *entries;
	size_t room;

	if (s->count == SESSION_MAX)
		return evict(s);
	if (s->count == s->room) {
		room = s->room * 2 + 8;
		entries = realloc(s->entries, room * sizeof(*entries));
		if (entries == NULL)
			return NULL;
		s->entries = entries;
		s->room = room;
	}
	return &s->entries[s->count++];
}

void
sessions_put(struct sessions *s, const char *key, SSL_SESSION *session)
{
	SSL_SESSION *copy = SSL_SESSION_dup(session);
	struct entry *entry = find(s, key);
	char *own;

	if (copy == NULL)
		return;
	if (entry != NULL) {
		SSL_SESSION_free(entry->session);
	} else {
		own = strdup(key);
		entry = own != NULL ? add(s) : NULL;
		if (entry == NULL) {
			free(own);
			SSL_SESSION_free(copy);
			return;
		}
		entry->key = own;
		entry->hash = hash(key);
	}
	entry->session = copy;
	entry->used = ++s->clock;
}

SSL_SESSION *
sessions_get(struct sessions *s, const char *key)
{
	struct entry *entry = find(s, key);

	if (entry == NULL)
		return NULL;
	entry->used = ++s->clock;
	return SSL_SESSION_dup(entry->session);
}

void
sessions_drop(struct sessions *s, const char *key)
{
	struct entry *entry = find(s, key);

	if (entry == NULL)
		return;
	free(entry->key);
	SSL_SESSION_free(entry->session);
	*entry = s->entries[--s->count];
}
