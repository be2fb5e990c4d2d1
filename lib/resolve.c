/* SPDX-License-Identifier: MIT */

/*
 * Resolution.  The address that was checked is the one that is connected to:
 * a name that means something else a moment later gets nowhere.
 */

#include "resolve.h"

#include <event2/dns.h>
#include <event2/util.h>

#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "target.h"

/*
 * A question to the resolver.  evdns calls back even if the question was
 * cancelled, and may do so after the probe has been freed.  So the callback
 * frees the question, unless it runs within resolve_start().
 */
struct lookup {
	const struct cm_policy		*policy;
	enum cm_ip_protocol		 protocol;
	char				 host[CM_HOST_SIZE];
	resolve_cb			*cb;	/* NULL: cancelled */
	void				*arg;
	struct evdns_getaddrinfo_request *request;
	bool				 starting;
	bool				 answered;
};

static bool	is_invalid(const char *);
static void	on_resolved(int, struct evutil_addrinfo *, void *);
static void	choose(const struct evutil_addrinfo *,
		    const struct cm_policy *, enum cm_ip_protocol,
		    struct resolution *);

struct lookup *
resolve_start(struct evdns_base *dns, const struct cm_target *target,
    const struct cm_policy *policy, enum cm_ip_protocol protocol,
    resolve_cb *cb, void *arg)
{
	struct evutil_addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
	};
	struct evutil_addrinfo literal = { .ai_family = target->family };
	struct sockaddr_storage address;
	struct resolution r = { 0 };
	struct lookup *lookup;

	if (target->family != AF_UNSPEC) {
		literal.ai_addr = (struct sockaddr *)&address;
		literal.ai_addrlen = sizeof(address);
		if (target_address(target, &address))
			choose(&literal, policy, protocol, &r);
		else
			error_set(&r.error, CM_RESOLVE_FAILED, "%s: this "
			    "machine has no such interface", target->host);
		cb(&r, arg);
		return NULL;
	}
	if (is_invalid(target->host)) {
		error_set(&r.error, CM_RESOLVE_FAILED, "%s: names under "
		    ".invalid do not exist", target->host);
		cb(&r, arg);
		return NULL;
	}
	lookup = calloc(1, sizeof(*lookup));
	if (lookup == NULL) {
		error_set(&r.error, CM_EXPORTER_LIMIT, "%s: no memory for the "
		    "question", target->host);
		cb(&r, arg);
		return NULL;
	}
	lookup->policy = policy;
	lookup->protocol = protocol;
	strcpy(lookup->host, target->host);
	lookup->cb = cb;
	lookup->arg = arg;
	lookup->starting = true;
	lookup->request = evdns_getaddrinfo(dns, lookup->host, NULL, &hints,
	    on_resolved, lookup);
	lookup->starting = false;
	/* The callback may have run already, e.g. for a name of the hosts
	 * file. */
	if (lookup->answered) {
		free(lookup);
		return NULL;
	}
	return lookup;
}

void
resolve_cancel(struct lookup *lookup)
{
	lookup->cb = NULL;
	evdns_getaddrinfo_cancel(lookup->request);
}

/* RFC 2606, 2: names under .invalid never exist; no server is asked. */
static bool
is_invalid(const char *host)
{
	const char *end = host + strlen(host);

	if (end > host && end[-1] == '.')
		end--;
	return end - host >= 7 && strncmp(end - 7, "invalid", 7) == 0 &&
	    (end - host == 7 || end[-8] == '.');
}

static void
on_resolved(int result, struct evutil_addrinfo *list, void *arg)
{
	struct lookup *lookup = arg;
	struct resolution r = { 0 };

	lookup->answered = true;
	if (lookup->cb != NULL) {
		if (result == 0 && list != NULL)
			choose(list, lookup->policy, lookup->protocol, &r);
		else
			/* evdns knows no more than these two. */
			error_set(&r.error, CM_RESOLVE_FAILED, "%s: %s",
			    lookup->host, result == EVUTIL_EAI_NONAME ?
			    "there is no such name, or it has no address" :
			    "no DNS server gave an address of it");
		lookup->cb(&r, lookup->arg);
	}
	if (list != NULL)
		evutil_freeaddrinfo(list);
	if (!lookup->starting)
		free(lookup);
}

/* Take the first address that may be asked, of the preferred family if there
 * is one. */
static void
choose(const struct evutil_addrinfo *list, const struct cm_policy *policy,
    enum cm_ip_protocol protocol, struct resolution *r)
{
	static const int families[] = {
		[CM_IP_ANY] = AF_UNSPEC,
		[CM_IP4] = AF_INET,
		[CM_IP6] = AF_INET6,
	};
	int preferred = families[protocol];
	const struct evutil_addrinfo *ai;
	struct sockaddr_storage address;
	char text[CM_HOST_SIZE];
	bool found = false;

	for (ai = list; ai != NULL; ai = ai->ai_next) {
		if (ai->ai_addrlen > sizeof(address))
			continue;
		memset(&address, 0, sizeof(address));
		memcpy(&address, ai->ai_addr, ai->ai_addrlen);
		address_unmap(&address);
		if (r->address.ss_family == AF_UNSPEC)
			r->address = address;	/* also if it is denied */
		if (!cm_policy_allows(policy, (struct sockaddr *)&address))
			continue;
		if (!found || (address.ss_family == preferred &&
		    r->address.ss_family != preferred))
			r->address = address;
		found = true;
	}
	if (found)
		return;
	address_format(&r->address, text);
	error_set(&r->error, CM_DENIED,
	    "%s: this address is in no allowed network", text);
}
