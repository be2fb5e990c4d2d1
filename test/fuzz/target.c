/* SPDX-License-Identifier: MIT */

/*
 * Exercises lib/target.c.  The first byte says whether a target follows, and
 * which scheme and port it has if it names none, or a network.
 */

#include "target.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "fuzz.h"

static bool
is_same(const struct cm_target *a, const struct cm_target *b)
{
	return a->scheme == b->scheme && a->port == b->port &&
	    a->family == b->family && strcmp(a->host, b->host) == 0;
}

/* A literal address is the same as an address, and as text again. */
static void
check_address(const struct cm_target *target)
{
	struct sockaddr_storage ss;
	char host[CM_HOST_SIZE];

	if (target->family == AF_UNSPEC || strchr(target->host, '%') != NULL)
		return;
	CHECK(target_address(target, &ss));
	CHECK(ss.ss_family == target->family);
	address_format(&ss, host);
	CHECK(strcmp(host, target->host) == 0);
}

static void
check_target(const char *text, enum cm_scheme scheme, uint16_t port)
{
	struct cm_target target, again;
	char *url = fuzz_memory(CM_TARGET_SIZE), second[CM_TARGET_SIZE];
	char why[128] = "";

	if (!cm_target_parse(&target, text, scheme, port, why, sizeof(why))) {
		CHECK(fuzz_is_sentence(why, sizeof(why)));
		free(url);
		return;
	}
	CHECK(target.scheme == CM_HTTP || target.scheme == CM_HTTPS);
	CHECK(target.port != 0);
	CHECK(target.family == AF_INET || target.family == AF_INET6 ||
	    target.family == AF_UNSPEC);
	CHECK(fuzz_is_sentence(target.host, sizeof(target.host)));
	CHECK(target.host[strcspn(target.host, " /?#@[]")] == '\0');
	CHECK((strchr(target.host, ':') != NULL) ==
	    (target.family == AF_INET6));
	cm_target_format(&target, url);
	CHECK(fuzz_is_sentence(url, CM_TARGET_SIZE));
	/* The canonical text leaves nothing to what is given. */
	CHECK(cm_target_parse(&again, url, CM_HTTP, 1, why, sizeof(why)));
	CHECK(is_same(&target, &again));
	cm_target_format(&again, second);
	CHECK(strcmp(url, second) == 0);
	check_address(&target);
	free(url);
}

static bool
allows(const struct cm_network *network, const unsigned char *address,
    bool deny)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct cm_policy policy = { network, 1, network, deny };
	bool four = network->family == AF_INET;

	memcpy(&sin.sin_addr, address, sizeof(sin.sin_addr));
	memcpy(&sin6.sin6_addr, address, sizeof(sin6.sin6_addr));
	return cm_policy_allows(&policy, four ? (struct sockaddr *)&sin :
	    (struct sockaddr *)&sin6);
}

static void
check_network(const char *text)
{
	struct cm_network network, again;
	unsigned char address[16];
	char why[128] = "", plain[INET6_ADDRSTRLEN], cidr[sizeof(plain) + 8];
	unsigned longest;

	if (!cm_network_parse(&network, text, why, sizeof(why))) {
		CHECK(fuzz_is_sentence(why, sizeof(why)));
		return;
	}
	CHECK(network.family == AF_INET || network.family == AF_INET6);
	longest = network.family == AF_INET ? 32 : 128;
	CHECK(network.bits <= longest);
	CHECK(inet_ntop(network.family, network.address, plain,
	    sizeof(plain)) != NULL);
	snprintf(cidr, sizeof(cidr), "%s/%u", plain, network.bits);
	CHECK(cm_network_parse(&again, cidr, why, sizeof(why)));
	CHECK(memcmp(&network, &again, sizeof(network)) == 0);

	memcpy(address, network.address, sizeof(address));
	CHECK(allows(&network, address, false));
	CHECK(!allows(&network, address, true));
	/* The last bit, of a host if there is room for one, and the first. */
	address[longest / 8 - 1] ^= 1;
	CHECK(allows(&network, address, false) == (network.bits < longest));
	address[longest / 8 - 1] ^= 1;
	address[0] ^= 0x80;
	CHECK(allows(&network, address, false) == (network.bits == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = fuzz_text(data + 1, size - 1);
	switch (data[0] % 3) {
	case 0:		/* '0' */
		check_target(text, CM_HTTP, 80);
		break;
	case 1:
		check_target(text, CM_HTTPS, 8443);
		break;
	case 2:
		check_network(text);
		break;
	}
	free(text);
	return 0;
}
