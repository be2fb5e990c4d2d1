/* SPDX-License-Identifier: MIT */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>
#include <event2/util.h>

#include "behave.h"
#include "net.h"
#include "report.h"

struct answer;
struct conn;
struct control;
struct door;
struct tls;

/* The whole program. Every modem of it is a place of the report. */
struct sim {
	struct event_base *base;
	struct tls *tls;		/* NULL without an https listener */
	struct rules rules;
	struct report report;
	struct door *doors;
	struct conn *conns;
	struct control *control;
	bool still;
	double started;			/* of sim_clock() */
};

/* Monotonic seconds. */
double	 sim_clock(void);

/* door.c: the listeners of the modems */
struct door *door_new(struct sim *, struct address *, bool tls);
void	 doors_settle(struct sim *);	/* after a change of rules or conns */
void	 doors_free(struct sim *);

/* serve.c: their connections */
void	 conn_new(struct sim *, struct place *, evutil_socket_t, bool tls);
void	 conn_on_hello(void *conn, bool resumed);
void	 conns_free(struct sim *);

/* control.c: how tests talk to the program */
struct control *control_new(struct sim *, struct address *);
void	 control_free(struct control *);

#endif
