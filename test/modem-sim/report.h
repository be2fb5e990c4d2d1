/* SPDX-License-Identifier: MIT */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"
#include "net.h"
#include "pages.h"

struct evbuffer;

/* What is counted for one address and for all of them. */
struct tally {
	uint64_t connections;
	uint64_t connections_open;
	uint64_t connections_highest;
	uint64_t requests;
	uint64_t requests_open;
	uint64_t requests_highest;
};

/* One local address is one simulated modem. */
struct place {
	char text[ADDRESS_SIZE];
	struct tally tally;
	struct place *next;
};

struct report {
	struct tally tally;
	struct place *places;
	uint64_t handshakes_full;
	uint64_t handshakes_resumed;
	uint64_t handshakes_failed;
	uint64_t requests[PAGE_NONE];
	uint64_t unknown_paths;
	uint64_t bad_requests;
	struct http_head last;
	char server_name[256];		/* of the last TLS handshake, or "" */
	char client[ADDRESS_SIZE];	/* of the last connection */
};

/* The place of that address, made if need be; lives as long as the report. */
struct place	*report_place(struct report *, const char *address);

void	report_connection(struct report *, struct place *);
void	report_connection_over(struct report *, struct place *);
void	report_request(struct report *, struct place *, enum page,
	    const struct http_head *);
void	report_request_over(struct report *, struct place *);

/* Zeroes what is counted; what is open stays open. */
void	report_reset(struct report *);
void	report_write(const struct report *, struct evbuffer *);
void	report_free(struct report *);

#endif
