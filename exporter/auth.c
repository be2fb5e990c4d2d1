/* SPDX-License-Identifier: MIT */

/*
 * Basic authentication.
 *
 * bcrypt takes tens of milliseconds, so that a thread computes it.  Who comes
 * with credentials that are being checked already waits for that check.  What
 * was right is remembered by a keyed hash, so that a steady scraper costs
 * nothing, however many wrong passwords wait to be checked.
 *
 * The checks are done by turns, one of each network in a turn, and when there
 * are too many the last is given up: a crowd of wrong passwords from one place
 * delays a right one from elsewhere by a check or two, and never keeps it out.
 * A network may fill all the room that no other wants, as that of a reverse
 * proxy is the only one there is; its users wait in the order they come in.
 *
 * The thread has `todo`, `turn`, `finished` and `stop`, under the lock, and the
 * check that it took; all else is the event loop's.
 */

#include "auth.h"

#include <sys/socket.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bcrypt.h"
#include "credentials.h"
#include "log.h"

#define CHECKS_MAX	32	/* two seconds at a cost of 10 */
#define KNOWN_MAX	256
#define DIGEST_SIZE	32	/* SHA-256 */

struct asker {
	struct asker		*next;
	struct evhttp_request	*req;
};

/* A password that is to be checked. */
struct check {
	struct check	*next;		/* of all, whatever their state */
	struct check	*follower;	/* in todo or finished */
	struct asker	*askers;
	uint64_t	 network;	/* whose turn */
	uint64_t	 turn;		/* todo is sorted by it */
	unsigned char	 digest[DIGEST_SIZE];
	bool		 is_user;	/* else only time is to pass */
	bool		 granted;
	char		 hash[BCRYPT_LENGTH + 1];
	size_t		 length;
	char		 password[];
};

struct auth {
	struct event_base	*base;
	auth_callback		*callback;
	void			*arg;
	unsigned char		 key[DIGEST_SIZE];
	/* Of right credentials; the oldest makes room. */
	unsigned char		 known[KNOWN_MAX][DIGEST_SIZE];
	size_t			 known_count;
	struct check		*checks;
	size_t			 check_count;
	struct event		*on_pipe;
	int			 pipe[2];	/* the thread says: look */
	bool			 has_thread;
	pthread_t		 thread;
	pthread_mutex_t		 lock;
	pthread_cond_t		 wake;
	struct check		*todo;
	uint64_t		 turn;		/* of the check taken last */
	struct check		*finished;
	bool			 stop;
};

static bool		 digest(const struct auth *,
			    const struct credentials *, const char *hash,
			    unsigned char *);
static bool		 is_known(const struct auth *, const unsigned char *);
static enum auth_answer	 queue_check(struct auth *, const struct credentials *,
			    const struct web_user *, const unsigned char *,
			    struct evhttp_request *);
static uint64_t		 network_of(struct evhttp_request *);
static struct check	*enqueue(struct auth *, struct check *);
static bool		 start_thread(struct auth *);
static void		*run_thread(void *);
static void		 on_finished(evutil_socket_t, short, void *);
static void		 conclude(struct auth *, struct check *,
			    enum auth_answer);
static void		 check_free(struct check *);

struct auth *
auth_new(struct event_base *base, auth_callback *callback, void *arg)
{
	struct auth *a = calloc(1, sizeof(*a));
	int i;

	if (a == NULL)
		return NULL;
	a->base = base;
	a->callback = callback;
	a->arg = arg;
	a->pipe[0] = a->pipe[1] = -1;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->wake, NULL);
	if (RAND_bytes(a->key, sizeof(a->key)) != 1 || pipe(a->pipe) != 0)
		goto fail;
	for (i = 0; i < 2; i++)
		if (evutil_make_socket_nonblocking(a->pipe[i]) != 0 ||
		    evutil_make_socket_closeonexec(a->pipe[i]) != 0)
			goto fail;
	a->on_pipe = event_new(base, a->pipe[0], EV_READ | EV_PERSIST,
	    on_finished, a);
	if (a->on_pipe != NULL && event_add(a->on_pipe, NULL) == 0)
		return a;
fail:
	auth_free(a);
	return NULL;
}

void
auth_free(struct auth *a)
{
	struct check *check;
	int i;

	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->wake);
	pthread_mutex_unlock(&a->lock);
	if (a->has_thread)
		pthread_join(a->thread, NULL);
	while ((check = a->checks) != NULL) {
		a->checks = check->next;
		check_free(check);
	}
	if (a->on_pipe != NULL)
		event_free(a->on_pipe);
	for (i = 0; i < 2; i++)
		if (a->pipe[i] != -1)
			close(a->pipe[i]);
	pthread_cond_destroy(&a->wake);
	pthread_mutex_destroy(&a->lock);
	OPENSSL_cleanse(a->key, sizeof(a->key));
	free(a);
}

enum auth_answer
auth_check(struct auth *a, const struct web_config *config,
    const char *header, struct evhttp_request *req)
{
	const struct web_user *known = NULL, *costliest = config->users;
	struct web_user user;
	enum auth_answer answer = AUTH_FULL;
	unsigned char hashed[DIGEST_SIZE];
	struct credentials credentials;
	size_t i;

	if (header == NULL || !credentials_parse(&credentials, header))
		return AUTH_REFUSED;
	for (i = 0; i < config->user_count; i++) {
		if (config->users[i].cost > costliest->cost)
			costliest = &config->users[i];
		if (strcmp(config->users[i].name, credentials.user) == 0)
			known = &config->users[i];
	}
	/* Who is unknown is refused after as much work as anybody. */
	user = known != NULL ? *known :
	    (struct web_user){ .hash = costliest->hash };
	if (digest(a, &credentials, user.hash, hashed))
		answer = user.name != NULL && is_known(a, hashed) ?
		    AUTH_GRANTED : queue_check(a, &credentials, &user, hashed,
		    req);
	OPENSSL_cleanse(&credentials, sizeof(credentials));
	return answer;
}

/* A keyed hash of user, password and stored hash: passwords are not kept. */
static bool
digest(const struct auth *a, const struct credentials *c, const char *hash,
    unsigned char *out)
{
	unsigned char text[CREDENTIALS_MAX + 1 + BCRYPT_LENGTH];
	/* Both parts with their NUL; a hash has one length. */
	size_t length = (size_t)(c->password - c->user) +
	    strlen(c->password) + 1;
	bool done;

	memcpy(text, c->user, length);
	memcpy(text + length, hash, BCRYPT_LENGTH);
	done = HMAC(EVP_sha256(), a->key, sizeof(a->key), text,
	    length + BCRYPT_LENGTH, out, NULL) != NULL;
	OPENSSL_cleanse(text, sizeof(text));
	return done;
}

static bool
is_known(const struct auth *a, const unsigned char *hashed)
{
	size_t i, count = a->known_count;

	if (count > KNOWN_MAX)
		count = KNOWN_MAX;
	for (i = 0; i < count; i++)
		if (CRYPTO_memcmp(a->known[i], hashed, DIGEST_SIZE) == 0)
			return true;
	return false;
}

static struct check *
check_new(struct auth *a, const struct credentials *c,
    const struct web_user *user, const unsigned char *hashed,
    uint64_t network)
{
	size_t length = strlen(c->password);
	struct check *check = calloc(1, sizeof(*check) + length + 1);

	if (check == NULL)
		return NULL;
	memcpy(check->digest, hashed, DIGEST_SIZE);
	memcpy(check->hash, user->hash, BCRYPT_LENGTH);
	memcpy(check->password, c->password, length);
	check->length = length;
	check->is_user = user->name != NULL;
	check->network = network;
	check->next = a->checks;
	a->checks = check;
	a->check_count++;
	return check;
}

static enum auth_answer
queue_check(struct auth *a, const struct credentials *c,
    const struct web_user *user, const unsigned char *hashed,
    struct evhttp_request *req)
{
	uint64_t network = network_of(req);
	struct check *check, *last = NULL;
	struct asker *asker;
	bool full;

	for (check = a->checks; check != NULL; check = check->next)
		if (check->network == network &&
		    check->is_user == (user->name != NULL) &&
		    memcmp(check->digest, hashed, DIGEST_SIZE) == 0)
			break;
	asker = calloc(1, sizeof(*asker));
	if (asker != NULL && check == NULL && start_thread(a)) {
		check = check_new(a, c, user, hashed, network);
		if (check != NULL)
			last = enqueue(a, check);
	}
	full = asker == NULL || check == NULL || check == last;
	if (last != NULL)
		conclude(a, last, AUTH_FULL);
	if (full) {
		free(asker);
		return AUTH_FULL;
	}
	asker->req = req;
	asker->next = check->askers;
	check->askers = asker;
	return AUTH_PENDING;
}

/* The peer's address of IPv4, or the 64 bits of one of IPv6 that are given to
 * one site; 0: unknown. */
static uint64_t
network_of(struct evhttp_request *req)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(
	    evhttp_request_get_connection(req));
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	const struct sockaddr_in *ipv4 = (const void *)&ss;
	const struct sockaddr_in6 *ipv6 = (const void *)&ss;
	socklen_t length = sizeof(ss);
	uint64_t network = 0;

	getpeername(bufferevent_getfd(bev), (struct sockaddr *)&ss, &length);
	if (ss.ss_family == AF_INET)
		network = ipv4->sin_addr.s_addr;
	else if (ss.ss_family == AF_INET6)
		/* One that stands for IPv4 differs at its end. */
		memcpy(&network, ipv6->sin6_addr.s6_addr +
		    (IN6_IS_ADDR_V4MAPPED(&ipv6->sin6_addr) ? 8 : 0),
		    sizeof(network));
	return network;
}

/* Put a check where its turn is.  Gives the one that is now too many, or
 * NULL. */
static struct check *
enqueue(struct auth *a, struct check *check)
{
	struct check **link = &a->todo, *other, *last = NULL;

	pthread_mutex_lock(&a->lock);
	/* Not the one that runs: who comes again and again would keep it from
	 * ending. */
	check->turn = a->turn + 1;
	for (other = check->next; other != NULL; other = other->next)
		if (other->network == check->network &&
		    other->turn >= check->turn)
			check->turn = other->turn + 1;
	while (*link != NULL && (*link)->turn <= check->turn)
		link = &(*link)->follower;
	check->follower = *link;
	*link = check;
	if (a->check_count > CHECKS_MAX) {
		while ((*link)->follower != NULL)
			link = &(*link)->follower;
		last = *link;
		*link = NULL;
	}
	pthread_cond_signal(&a->wake);
	pthread_mutex_unlock(&a->lock);
	return last;
}

/* When the first password comes.  It takes no signals: they are for the event
 * loop. */
static bool
start_thread(struct auth *a)
{
	sigset_t sent, old;

	if (a->has_thread)
		return true;
	sigemptyset(&sent);
	sigaddset(&sent, SIGTERM);
	sigaddset(&sent, SIGINT);
	sigaddset(&sent, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &sent, &old);
	a->has_thread = pthread_create(&a->thread, NULL, run_thread, a) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!a->has_thread)
		log_line(LEVEL_ERROR, "no thread to check passwords", NULL);
	return a->has_thread;
}

static void *
run_thread(void *arg)
{
	struct auth *a = arg;
	struct check *check;

	pthread_mutex_lock(&a->lock);
	while (!a->stop) {
		check = a->todo;
		if (check == NULL) {
			pthread_cond_wait(&a->wake, &a->lock);
			continue;
		}
		a->todo = check->follower;
		a->turn = check->turn;
		pthread_mutex_unlock(&a->lock);
		check->granted = bcrypt_matches(check->hash,
		    check->password) && check->is_user;
		pthread_mutex_lock(&a->lock);
		check->follower = a->finished;
		a->finished = check;
		/* If the pipe is full, a wake-up is pending already. */
		if (write(a->pipe[1], "", 1) == -1)
			continue;
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static void
conclude(struct auth *a, struct check *check, enum auth_answer answer)
{
	struct check **link = &a->checks;
	struct asker *asker;

	while (*link != check)
		link = &(*link)->next;
	*link = check->next;
	a->check_count--;
	if (answer == AUTH_GRANTED)
		memcpy(a->known[a->known_count++ % KNOWN_MAX], check->digest,
		    DIGEST_SIZE);
	for (asker = check->askers; asker != NULL; asker = asker->next)
		a->callback(asker->req, answer, a->arg);
	check_free(check);
}

static void
on_finished(evutil_socket_t fd, short what, void *arg)
{
	struct auth *a = arg;
	struct check *check, *next;
	char scrap[CHECKS_MAX];

	(void)what;
	while (read(fd, scrap, sizeof(scrap)) > 0)
		continue;
	pthread_mutex_lock(&a->lock);
	check = a->finished;
	a->finished = NULL;
	pthread_mutex_unlock(&a->lock);
	for (; check != NULL; check = next) {
		next = check->follower;
		conclude(a, check, check->granted ? AUTH_GRANTED :
		    AUTH_REFUSED);
	}
}

static void
check_free(struct check *check)
{
	struct asker *asker;

	while ((asker = check->askers) != NULL) {
		check->askers = asker->next;
		free(asker);
	}
	OPENSSL_cleanse(check->password, check->length);
	free(check);
}
