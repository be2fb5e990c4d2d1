/* SPDX-License-Identifier: MIT */

/*
 * Targets: whom to ask, in one canonical spelling, and who may be asked.
 *
 * The grammar is deliberately narrow.  getaddrinfo() and inet_aton() read
 * `0x7f000001`, `0177.0.0.1` and `2130706433` as addresses, and a policy that
 * was checked on another reading is no policy; so a host that could be read
 * like that must be a plain dotted quad.
 */

#include "target.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct why {
	char	*text;
	size_t	 size;
};

static bool	fail(struct why, const char *, ...) CM_PRINTF(2, 3);
static bool	host_parse(struct cm_target *, char *, struct why);
static bool	ipv4_parse(struct cm_target *, const char *, struct why);
static bool	ipv6_parse(struct cm_target *, char *, struct why);
static bool	name_parse(struct cm_target *, const char *, struct why);
static bool	port_parse(struct cm_target *, const char *, struct why);

bool
cm_target_parse(struct cm_target *target, const char *text,
    enum cm_scheme scheme, uint16_t port, char *why_text, size_t why_size)
{
	struct why why = { why_text, why_size };
	char copy[CM_TARGET_SIZE], *host = copy, *end;

	memset(target, 0, sizeof(*target));
	target->scheme = scheme;
	target->port = port;
	if (strlen(text) >= sizeof(copy))
		return fail(why, "the target is too long for a host's name");
	strcpy(copy, text);
	/* People paste them along, and telephones add them: unseen. */
	if (strchr(copy, ' ') != NULL)
		return fail(why, "a target has no blanks, also not at its "
		    "ends");

	if (strncasecmp(copy, "http://", 7) == 0) {
		target->scheme = CM_HTTP;
		target->port = 80;
		host = copy + 7;
	} else if (strncasecmp(copy, "https://", 8) == 0) {
		target->scheme = CM_HTTPS;
		target->port = 443;
		host = copy + 8;
	} else if (strstr(copy, "://") != NULL)
		return fail(why, "the target's scheme must be http or https");

	if (strchr(host, '@') != NULL)
		return fail(why, "a target has no user name or password");
	end = host + strcspn(host, "/?#");
	if (*end == '?' || *end == '#')
		return fail(why, "a target has no query and no fragment");
	if (*end == '/' && end[1] != '\0')
		return fail(why, "a target has no path, only a host and "
		    "perhaps a port");
	*end = '\0';

	if (*host == '[') {
		end = strchr(++host, ']');
		if (end == NULL)
			return fail(why, "the target's [ has no matching ]");
		*end++ = '\0';
		if (*end != '\0' && *end != ':')
			return fail(why, "after the target's ] only a port "
			    "may come, as in [fd00::1]:443");
		if (!ipv6_parse(target, host, why))
			return false;
	} else {
		end = host + strcspn(host, ":");
		if (*end == ':' && strchr(end + 1, ':') != NULL)
			return fail(why, "an IPv6 address goes in brackets, "
			    "as in [fd00::1]");
		if (*end == ':' && !port_parse(target, end + 1, why))
			return false;
		*end = '\0';
		return host_parse(target, host, why);
	}
	return *end == '\0' || port_parse(target, end + 1, why);
}

/* Always false, so that a check can end in `return fail(...)`. */
static bool
fail(struct why why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why.text, why.size, fmt, ap);
	va_end(ap);
	return false;
}

static bool
port_parse(struct cm_target *target, const char *text, struct why why)
{
	size_t n = strspn(text, "0123456789");
	long port = n > 0 && n <= 5 && text[n] == '\0' ? atol(text) : 0;

	if (port < 1 || port > UINT16_MAX)
		return fail(why, "a target's port must be 1 to 65535");
	target->port = (uint16_t)port;
	return true;
}

static bool
host_parse(struct cm_target *target, char *host, struct why why)
{
	char *p, *last = host;

	for (p = host; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p | 0x20);
		/* A final dot ends no label: `1.2.3.4.` is an address too. */
		if (*p == '.' && p[1] != '\0')
			last = p + 1;
	}
	p = last + strspn(last, "0123456789");
	if ((p > last && (*p == '\0' || *p == '.')) ||
	    strncmp(last, "0x", 2) == 0)
		return ipv4_parse(target, host, why);
	return name_parse(target, host, why);
}

static bool
ipv4_parse(struct cm_target *target, const char *host, struct why why)
{
	struct in_addr address;
	char plain[INET_ADDRSTRLEN];

	/* Not every inet_pton() refuses a leading zero. */
	if (inet_pton(AF_INET, host, &address) != 1 ||
	    inet_ntop(AF_INET, &address, plain, sizeof(plain)) == NULL ||
	    strcmp(plain, host) != 0)
		return fail(why, "an IPv4 address is four plain decimal "
		    "numbers, as in 192.168.100.1");
	target->family = AF_INET;
	strcpy(target->host, plain);
	return true;
}

/* `host` may end in %zone; the zone is kept as given. */
static bool
ipv6_parse(struct cm_target *target, char *host, struct why why)
{
	struct sockaddr_storage ss = { .ss_family = AF_INET6 };
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&ss;
	char *zone = strchr(host, '%');
	size_t n;

	if (zone != NULL) {
		*zone++ = '\0';
		n = strspn(zone, "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:_-");
		if (n == 0 || n >= IF_NAMESIZE || zone[n] != '\0')
			return fail(why, "what comes after an IPv6 address's "
			    "%% must be the name of an interface");
	}
	if (inet_pton(AF_INET6, host, &sin6->sin6_addr) != 1)
		return fail(why, "what stands in brackets must be an IPv6 "
		    "address, as in [fd00::1]");
	address_unmap(&ss);
	if (ss.ss_family == AF_INET && zone != NULL)
		return fail(why, "an IPv4 address has no zone");
	target->family = ss.ss_family;
	address_format(&ss, target->host);
	if (zone != NULL) {
		strcat(target->host, "%");
		strcat(target->host, zone);
	}
	return true;
}

/* Letters, digits, hyphens (RFC 1123, 2.1), and the underscores that people
 * use; labels of at most 63 and names of at most 253 (RFC 1035, 2.3.4). */
static bool
name_parse(struct cm_target *target, const char *host, struct why why)
{
	const char *label = host;
	size_t n;

	if (*host == '\0')
		return fail(why, "the target names no host");
	if (strlen(host) > 253)
		return fail(why, "a host's name has at most 253 characters");
	while (*label != '\0') {
		n = strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-_");
		if (n == 0 || n > 63 || (label[n] != '.' && label[n] != '\0'))
			return fail(why, "a host's name has labels of 1 to 63 "
			    "letters, digits and hyphens, separated by dots");
		label += n + (label[n] == '.');
	}
	target->family = AF_UNSPEC;
	strcpy(target->host, host);
	return true;
}

void
cm_target_format(const struct cm_target *target, char *text)
{
	bool brackets = target->family == AF_INET6;

	snprintf(text, CM_TARGET_SIZE, "%s://%s%s%s:%u",
	    target->scheme == CM_HTTPS ? "https" : "http",
	    brackets ? "[" : "", target->host, brackets ? "]" : "",
	    (unsigned)target->port);
}

bool
target_address(const struct cm_target *target, struct sockaddr_storage *ss)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	char host[CM_HOST_SIZE], *zone;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)target->family;
	if (target->family == AF_INET)
		return inet_pton(AF_INET, target->host, &sin->sin_addr) == 1;
	strcpy(host, target->host);
	zone = strchr(host, '%');
	if (zone != NULL) {
		*zone++ = '\0';
		sin6->sin6_scope_id = if_nametoindex(zone);
		if (sin6->sin6_scope_id == 0)
			return false;
	}
	return inet_pton(AF_INET6, host, &sin6->sin6_addr) == 1;
}

void
address_unmap(struct sockaddr_storage *ss)
{
	const struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in sin = { .sin_family = AF_INET };

	if (ss->ss_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr))
		return;
	sin.sin_port = sin6->sin6_port;
	memcpy(&sin.sin_addr, sin6->sin6_addr.s6_addr + 12, 4);
	memset(ss, 0, sizeof(*ss));
	memcpy(ss, &sin, sizeof(sin));
}

void
address_format(const struct sockaddr_storage *ss, char *text)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)ss;
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)ss;
	char zone[IF_NAMESIZE];

	if (ss->ss_family == AF_INET) {
		inet_ntop(AF_INET, &sin->sin_addr, text, CM_HOST_SIZE);
		return;
	}
	inet_ntop(AF_INET6, &sin6->sin6_addr, text, CM_HOST_SIZE);
	if (sin6->sin6_scope_id != 0 &&
	    if_indextoname(sin6->sin6_scope_id, zone) != NULL) {
		strcat(text, "%");
		strcat(text, zone);
	}
}

/* The bytes of an address that a network is compared with. */
static const unsigned char *
address_bytes(const struct sockaddr_storage *ss)
{
	if (ss->ss_family == AF_INET6)
		return ((const struct sockaddr_in6 *)ss)->sin6_addr.s6_addr;
	return (const unsigned char *)
	    &((const struct sockaddr_in *)ss)->sin_addr;
}

/* Whether the first `bits` bits of two addresses are equal. */
static bool
prefix_equals(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned rest = bits % 8, bytes = bits / 8;

	return memcmp(a, b, bytes) == 0 &&
	    (rest == 0 || ((a[bytes] ^ b[bytes]) >> (8 - rest)) == 0);
}

bool
cm_network_parse(struct cm_network *network, const char *text,
    char *why_text, size_t why_size)
{
	struct why why = { why_text, why_size };
	char copy[INET6_ADDRSTRLEN + 4], *slash;
	unsigned long longest, bits;
	unsigned i;
	size_t n;

	memset(network, 0, sizeof(*network));
	if (strlen(text) >= sizeof(copy))
		return fail(why, "a network is an address, / and a number of "
		    "bits, as in 10.0.0.0/8");
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (slash != NULL)
		*slash++ = '\0';
	network->family = strchr(copy, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(network->family, copy, network->address) != 1)
		return fail(why, "a network is an address, / and a number of "
		    "bits, as in 10.0.0.0/8");
	if (network->family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(
	    (const struct in6_addr *)(const void *)network->address))
		return fail(why, "an IPv4 network is written as such: "
		    "addresses are compared as IPv4");
	bits = longest = network->family == AF_INET6 ? 128 : 32;
	if (slash != NULL) {
		n = strspn(slash, "0123456789");
		bits = n > 0 && n <= 3 && slash[n] == '\0' ?
		    strtoul(slash, NULL, 10) : longest + 1;
	}
	if (bits > longest)
		return fail(why, "the network's number of bits must be 0 to "
		    "%lu", longest);
	network->bits = (unsigned)bits;
	for (i = network->bits; i < longest; i++)
		if (network->address[i / 8] & (0x80 >> i % 8))
			return fail(why, "the network has bits set beyond its "
			    "first %u", network->bits);
	return true;
}

static bool
networks_contain(const struct cm_network *networks, size_t count,
    const struct sockaddr_storage *ss)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (networks[i].family == ss->ss_family &&
		    prefix_equals(networks[i].address, address_bytes(ss),
		    networks[i].bits))
			return true;
	return false;
}

/* 0.0.0.0 and :: are where connect() means this machine, on Linux. */
static bool
unspecified_to_loopback(struct sockaddr_storage *ss)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;

	if (ss->ss_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&sin6->sin6_addr))
		sin6->sin6_addr = in6addr_loopback;
	else if (ss->ss_family == AF_INET &&
	    sin->sin_addr.s_addr == htonl(INADDR_ANY))
		sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		return false;
	return true;
}

bool
cm_policy_allows(const struct cm_policy *policy, const struct sockaddr *sa)
{
	struct sockaddr_storage ss;

	memset(&ss, 0, sizeof(ss));
	memcpy(&ss, sa, sa->sa_family == AF_INET6 ?
	    sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
	address_unmap(&ss);
	if (!networks_contain(policy->allow, policy->allow_count, &ss) ||
	    networks_contain(policy->deny, policy->deny_count, &ss))
		return false;
	return !unspecified_to_loopback(&ss) ||
	    !networks_contain(policy->deny, policy->deny_count, &ss);
}
