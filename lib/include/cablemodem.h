/* SPDX-License-Identifier: MIT */
#ifndef CABLEMODEM_H
#define CABLEMODEM_H

/*
 * libcablemodem: ask a Hitron CODA cable modem for its status pages, decode
 * them into a snapshot, and write the snapshot as Prometheus text.
 *
 * Everything runs on the event_base given to cm_client_new(), in the thread
 * that runs it.  No function exits, prints or blocks, and none needs a
 * locale.  A pointer that is taken is read during the call only, unless its
 * function says otherwise.  Times are microseconds of a monotonic clock
 * unless a name says seconds.
 */

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cablemodem_fields.h"
#include "cablemodem_text.h"

struct event_base;

#if defined(__GNUC__)
#define CM_MUSTCHECK __attribute__((warn_unused_result))
#define CM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define CM_MUSTCHECK
#define CM_PRINTF(fmt, args)
#endif

/*
 * Why a fetch or a probe failed: the closed list, the word that stands in the
 * label `reason` and in logs, and what a person can do about it.
 */
#define CM_REASONS(X) \
	X(RESOLVE_FAILED, "resolve_failed", \
	    "check the name and the DNS server, or use the modem's address") \
	X(DENIED, "denied", \
	    "allow its network if it is a modem of yours") \
	X(CONNECT_REFUSED, "connect_refused", \
	    "check port and scheme; a modem refuses while it boots") \
	X(UNREACHABLE, "unreachable", \
	    "check the cable, the route and the firewall") \
	X(CONNECT_TIMEOUT, "connect_timeout", \
	    "check the address; a modem is silent while it boots") \
	X(TLS_HANDSHAKE_FAILED, "tls_handshake_failed", \
	    "older firmware speaks plain HTTP: try http:// before the target") \
	X(TLS_FINGERPRINT_MISMATCH, "tls_fingerprint_mismatch", \
	    "compare with probe_tls_info and pin the new certificate") \
	X(TLS_VERIFICATION_FAILED, "tls_verification_failed", \
	    "pin the fingerprint; modems sign their own certificates") \
	X(TIMEOUT, "timeout", \
	    "allow more time, or fetch fewer pages at once") \
	X(CONNECTION_RESET, "connection_reset", \
	    "the modem's web server is busy: probe less often") \
	X(TRUNCATED, "truncated", \
	    "the modem's web server is busy: probe less often") \
	X(REDIRECT, "redirect", \
	    "the page is elsewhere or wants a login: is this a CODA-56?") \
	X(HTTP_STATUS, "http_status", \
	    "this firmware may not have the page") \
	X(HTTP_PROTOCOL, "http_protocol", \
	    "the port may serve something else: check scheme and port") \
	X(TOO_LARGE, "too_large", \
	    "no modem sends that much: check the target") \
	X(NOT_JSON, "not_json", \
	    "the page may want a login, or another device answered") \
	X(WRONG_SHAPE, "wrong_shape", \
	    "the modem may still be booting") \
	X(EXPORTER_LIMIT, "exporter_limit", \
	    "raise the exporter's limits of descriptors and memory")

enum cm_reason {
	CM_OK,			/* nothing failed */
#define X(name, word, hint) CM_##name,
	CM_REASONS(X)
#undef X
	CM_REASON_COUNT
};

/* The word for the label, "success" for CM_OK. */
const char	*cm_reason_word(enum cm_reason);
/* What would help, a clause without a full stop; "" for CM_OK. */
const char	*cm_reason_hint(enum cm_reason);

/* Escape a text into a buffer of `size`, at least 1: printable ASCII as it is,
 * any other byte as \xNN; cut where an escape and the NUL would not fit.  Gives
 * the length. */
size_t		 cm_escape(char *out, size_t size, const char *text);

/* Targets: lib/target.c. */

enum cm_scheme {
	CM_HTTP,
	CM_HTTPS
};

#define CM_HOST_SIZE	256	/* RFC 1035 allows 253 characters */
#define CM_TARGET_SIZE	(CM_HOST_SIZE + 32)

/* Whom to ask, in one spelling: equal modems compare equal. */
struct cm_target {
	enum cm_scheme	 scheme;
	uint16_t	 port;
	int		 family;	/* AF_UNSPEC, unless it is an
					 * address */
	char		 host[CM_HOST_SIZE]; /* lower case, without brackets */
};

/*
 * Parse `[http://|https://]host[:port][/]`, host being a name, an IPv4 dotted
 * quad or an IPv6 address (RFC 4291, perhaps with a %zone, RFC 4007) in
 * brackets.  Scheme and port given are those of a target that names none.
 * A host that could pass for an IPv4 address in an odd spelling (octal,
 * hexadecimal, fewer than four parts) is refused.  On false, `why` says what
 * is wrong and what would be right, in printable ASCII.
 */
bool	cm_target_parse(struct cm_target *, const char *text,
	    enum cm_scheme scheme, uint16_t port, char *why, size_t whysize)
	    CM_MUSTCHECK;

/* The target as a URL, `https://[fe80::1%eth0]:443`, into a buffer of
 * CM_TARGET_SIZE; the same text for every spelling of one modem. */
void	cm_target_format(const struct cm_target *, char *);

/* A network in CIDR notation (RFC 4632). */
struct cm_network {
	int		 family;	/* AF_INET or AF_INET6 */
	unsigned	 bits;
	unsigned char	 address[16];	/* network order, host bits zero */
};

/* Who may be asked: a network of the first list and none of the second. */
struct cm_policy {
	const struct cm_network	*allow;
	size_t			 allow_count;
	const struct cm_network	*deny;
	size_t			 deny_count;
};

/* Parse `10.0.0.0/8`, `fc00::/7` or a lone address.  False: `why` says why. */
bool	cm_network_parse(struct cm_network *, const char *text, char *why,
	    size_t whysize) CM_MUSTCHECK;
/* Whether an address, AF_INET or AF_INET6, may be asked; its port is nothing.
 * IPv4-mapped IPv6 addresses (RFC 4291, 2.5.5.2) count as IPv4.  0.0.0.0 and
 * ::, which reach this machine, are denied also where 127.0.0.1 or ::1 is. */
bool	cm_policy_allows(const struct cm_policy *, const struct sockaddr *);

/* Modules: how to ask. */

enum cm_ip_protocol {
	CM_IP_ANY,
	CM_IP4,
	CM_IP6
};

/*
 * The pages that are asked for, in output order: file, the record that it
 * fills, and whether a probe without it has failed.
 */
#define CM_ENDPOINTS(X) \
	X(DSINFO, "dsinfo", DOWNSTREAM, true) \
	X(USINFO, "usinfo", UPSTREAM, true) \
	X(DSOFDMINFO, "dsofdminfo", OFDM, true) \
	X(USOFDMINFO, "usofdminfo", OFDMA, true) \
	X(GETCMDOCSISWAN, "getCmDocsisWan", WAN, true) \
	X(GETSYSINFO, "getSysInfo", SYSTEM, false) \
	X(GETCMINIT, "getCMInit", INIT, false) \
	X(GETLINKSTATUS, "getLinkStatus", LINK, false) \
	X(SYSTEM_MODEL, "system_model", SYSTEM, false) \
	X(STATUS_LOG, "status_log", EVENT, false)

enum cm_endpoint {
#define X(NAME, file, record, required) CM_##NAME,
	CM_ENDPOINTS(X)
#undef X
	CM_ENDPOINT_COUNT
};

/* The page's file without .asp, as in the label `endpoint`. */
const char	*cm_endpoint_name(enum cm_endpoint);

enum cm_verify {
	CM_VERIFY_NONE,
	CM_VERIFY_FINGERPRINT,
	CM_VERIFY_CA
};

/* How a modem's certificate is looked at. */
struct cm_tls {
	enum cm_verify		 verify;
	unsigned char		 fingerprint[32]; /* the certificate's
						 * SHA-256 */
	const char		*ca_file;	/* PEM, for CM_VERIFY_CA */
	const char		*server_name;	/* SNI; "": the target's name */
	int			 min_version;	/* as on the wire: 0x0301 is
						 * TLS 1.0 (RFC 8446, 4.2.1) */
};

struct cm_module {
	const char		*name;
	enum cm_scheme		 scheme;	/* of targets that name none */
	uint16_t		 port;
	int64_t			 timeout_us;	/* above 0 */
	unsigned		 endpoints;	/* 1u << CM_DSINFO, ... */
	unsigned		 max_concurrent_fetches; /* at least 1 */
	/* A page younger than this is not asked for again; 0: always ask. */
	int64_t			 min_interval_us[CM_ENDPOINT_COUNT];
	int64_t			 keepalive_us;	/* of idle connections */
	enum cm_ip_protocol	 ip_protocol;	/* preferred, not required */
	const char		*source_address; /* numeric; "": the system's */
	bool			 expose_identifiers; /* serial number, MAC */
	struct cm_tls		 tls;
	const struct cm_policy	*policy;	/* whom it may ask */
};

/* Snapshots: what one probe found. */

/*
 * Rows of every record of cablemodem_fields.h, read with
 * cm_snapshot_downstream(snapshot, i) and its sisters.  A row's members are
 * texts that live as long as the snapshot, NULL where the modem gave no
 * usable value.  Texts of numbers are decimals without exponent or padding.
 */
struct cm_snapshot;

enum cm_record {
#define X(NAME, name, label, single, prefix) CM_RECORD_##NAME,
	CM_RECORDS(X)
#undef X
	CM_RECORD_COUNT
};

unsigned	 cm_snapshot_count(const struct cm_snapshot *, enum cm_record);
/* A row, of the record's struct; NULL beyond the last.  Rows live as long as
 * the snapshot. */
const void	*cm_snapshot_row(const struct cm_snapshot *, enum cm_record,
		    unsigned);

/* A member of a row by its offset, for tables of members. */
static inline const char *
cm_row_text(const void *row, size_t offset)
{
	return *(const char *const *)(const void *)
	    ((const char *)row + offset);
}

#define X(NAME, name, label, single, prefix) \
static inline const struct cm_##name * \
cm_snapshot_##name(const struct cm_snapshot *s, unsigned i) \
{ \
	return cm_snapshot_row(s, CM_RECORD_##NAME, i); \
}
CM_RECORDS(X)
#undef X

/* The probe's outcome: CM_OK, or why the first required endpoint failed. */
enum cm_reason	 cm_snapshot_reason(const struct cm_snapshot *);
/* What failed, a sentence without a full stop; "" if nothing did. */
const char	*cm_snapshot_text(const struct cm_snapshot *);

/* How long the probe took, in microseconds. */
int64_t		 cm_snapshot_duration(const struct cm_snapshot *);

/* A page that the probe asked for itself, rather than take the answer of an
 * earlier one; of the page records, but as numbers. */
struct cm_fetched {
	enum cm_endpoint	 endpoint;
	enum cm_reason		 reason;
	uint64_t		 bytes;		/* of its body, if cut too */
};

/* The first with place 0; NULL beyond the last.  Lives as long as the
 * snapshot. */
const struct cm_fetched	*cm_snapshot_fetched(const struct cm_snapshot *,
			    unsigned place);

/* The probe's log: lines of printable ASCII, each with the seconds since the
 * probe began, 8 KiB at the most; lives as long as the probe. */
const char	*cm_snapshot_log(const struct cm_snapshot *);

/* Write every family of the snapshot that has samples, in fixed order. */
void		 cm_snapshot_encode(const struct cm_snapshot *,
		    struct cm_text *);

/*
 * The snapshot as one JSON object, for free(); NULL without memory.  The
 * target, the module and the time of the probe are the caller's to say; then
 * come success, the endpoints, and an array for each record, with the last
 * parts of the metrics' names as keys and JSON numbers, every digit kept.
 */
char		*cm_snapshot_encode_json(const struct cm_snapshot *,
		    const char *target, const char *module, const char *time)
		    CM_MUSTCHECK;

/* Every metric that a snapshot may have, as a Markdown table, for free(); NULL
 * without memory. */
char		*cm_list_metrics(void) CM_MUSTCHECK;

/* The version of the JSON library that pages are read with. */
const char	*cm_jansson_version(void);

/* Clients and probes. */

struct cm_client_config {
	const char		*user_agent;	/* header of every request */
	const char		*resolv_conf;	/* path; need not exist */
};

/*
 * What probes share: the resolver, the TLS context.  The configuration, with
 * everything that it points to, must outlive the client.  NULL on failure,
 * with a sentence in `why`.
 */
struct cm_client	*cm_client_new(struct event_base *,
			    const struct cm_client_config *, char *why,
			    size_t whysize) CM_MUSTCHECK;
/* No probe may be running.  Not from within the loop: it lets the loop turn
 * without waiting, so that what was cancelled is let go, and other events of
 * the base that are ready run too. */
void			 cm_client_free(struct cm_client *);

/* A client's connections at the moment, and TLS handshakes so far. */
struct cm_client_stats {
	unsigned	 connecting;
	unsigned	 busy;
	unsigned	 idle;		/* kept open between fetches */
	uint64_t	 handshakes_full;
	uint64_t	 handshakes_resumed;
};

/* Lives as long as the client, and changes while the loop runs. */
const struct cm_client_stats *cm_client_stats(const struct cm_client *);

/* The snapshot is lent for the call. */
typedef void cm_probe_cb(const struct cm_snapshot *, void *arg);

/*
 * Ask the target for the module's pages, at most `timeout_us` (above 0; the
 * module's own timeout wins if it is shorter).  The module, with all that it
 * points to, must stay until the callback, which may free it, or the end of a
 * cancel.  The callback runs exactly once, from the event loop and never from
 * within this call, unless the probe is cancelled first; the probe is gone
 * after it.  NULL only without memory.
 */
struct cm_probe	*cm_probe_start(struct cm_client *, const struct cm_target *,
		    const struct cm_module *, int64_t timeout_us,
		    cm_probe_cb *, void *arg) CM_MUSTCHECK;
/* Let the probe run until `timeout_us` from now, at most the module's
 * timeout, if that is later than its deadline; never shortens it. */
void		 cm_probe_extend(struct cm_probe *, int64_t timeout_us);
/* Call back at once, once, with what the snapshot would be if the deadline
 * were now; the probe goes on.  False without memory. */
bool		 cm_probe_peek(const struct cm_probe *, cm_probe_cb *,
		    void *arg) CM_MUSTCHECK;
/* Let the probe end now as at its deadline: the callback comes soon, with
 * what there is. */
void		 cm_probe_expire(struct cm_probe *);
/* Not from within the probe's own callback. */
void		 cm_probe_cancel(struct cm_probe *);

#endif
