/* SPDX-License-Identifier: MIT */
#ifndef SIM_BEHAVE_H
#define SIM_BEHAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "net.h"
#include "pages.h"

enum behaviour {
	/* at the door: STAGE_DOOR */
	BEHAVE_SILENT,
	BEHAVE_REFUSE,
	BEHAVE_ONE_CONNECTION,
	BEHAVE_ONE_CONNECTION_RESET,
	/* STAGE_TLS */
	BEHAVE_HANDSHAKE_COST,
	BEHAVE_NO_RESUME,
	BEHAVE_NO_CLOSE_NOTIFY,
	BEHAVE_CHOKE_RESUMED,
	/* STAGE_HELLO */
	BEHAVE_HANDSHAKE_HANG,
	BEHAVE_HANDSHAKE_GARBAGE,
	BEHAVE_HANDSHAKE_CLOSE,
	BEHAVE_HANDSHAKE_RESET,
	/* STAGE_UP */
	BEHAVE_TICKET_FLOOD,
	BEHAVE_KEY_UPDATE_FLOOD,
	BEHAVE_HELLO_REQUEST,
	/* STAGE_PACE */
	BEHAVE_DELAY,
	BEHAVE_DRIP,
	/* STAGE_INSTEAD */
	BEHAVE_HANG,
	BEHAVE_HANG_SECOND,
	BEHAVE_CLOSE,
	BEHAVE_RESET,
	BEHAVE_RESET_SECOND,
	BEHAVE_NOT_HTTP,
	BEHAVE_ENDLESS_STATUS,
	BEHAVE_ENDLESS_CONTINUE,
	BEHAVE_ENDLESS_TRAILERS,
	BEHAVE_ENDLESS_CHUNK,
	BEHAVE_ENDLESS_TINY_CHUNKS,
	BEHAVE_ENDLESS_CHUNK_NOTES,
	/* STAGE_CONTENT */
	BEHAVE_STATUS,
	BEHAVE_REDIRECT,
	BEHAVE_LOGIN,
	BEHAVE_EMPTY,
	BEHAVE_EMPTY_ARRAY,
	BEHAVE_NOT_JSON,
	BEHAVE_DEEP,
	BEHAVE_HUGE_BODY,
	BEHAVE_ENDLESS,
	BEHAVE_BODY,
	/* STAGE_CHANGE */
	BEHAVE_BOM,
	BEHAVE_INVALID_UTF8,
	BEHAVE_TRAILING,
	BEHAVE_GZIP,
	/* STAGE_FRAME */
	BEHAVE_LENGTH,
	BEHAVE_LENGTH_1_0,
	BEHAVE_LENGTH_SILENT,
	BEHAVE_EXTRA,
	BEHAVE_CHUNKED,
	BEHAVE_BAD_CHUNK,
	BEHAVE_HUGE_CHUNK_LINE,
	BEHAVE_TWO_LENGTHS,
	BEHAVE_LIE_KEEPALIVE,
	BEHAVE_KEEPALIVE_NO_LENGTH,
	/* STAGE_HEAD */
	BEHAVE_CONTINUE,
	BEHAVE_OBS_FOLD,
	BEHAVE_HUGE_HEADER,
	BEHAVE_MANY_HEADERS,
	/* STAGE_CUT */
	BEHAVE_CUT,
	BEHAVE_CUT_UNLENGTHED,
	BEHAVE_CUT_HEAD,
	BEHAVE_HANG_HEAD,
	BEHAVE_HANG_BODY,
	BEHAVE_RESET_BODY,
	BEHAVE_COUNT
};

/*
 * Stages follow each other in the life of a connection. In an exclusive stage
 * the last rule that matches acts alone, in the others every name acts.
 */
enum stage {
	STAGE_DOOR,	/* a listener */
	STAGE_TLS,	/* a handshake and the end of a TLS connection */
	STAGE_HELLO,	/* instead of a handshake; exclusive */
	STAGE_UP,	/* after a handshake, instead of all else; exclusive */
	STAGE_PACE,	/* when bytes leave */
	STAGE_INSTEAD,	/* instead of an answer; exclusive */
	STAGE_CONTENT,	/* what is answered; exclusive */
	STAGE_CHANGE,	/* what becomes of the body */
	STAGE_FRAME,	/* how its end is marked; exclusive */
	STAGE_HEAD,	/* what is added to the head */
	STAGE_CUT	/* how it ends early; exclusive */
};

struct rule {
	enum behaviour what;
	char address[ADDRESS_SIZE];	/* "" for all */
	enum page page;			/* PAGE_NONE for all */
	int ms;
	char *text;			/* of =VALUE, or NULL */
};

struct rules {
	struct rule *row;
	size_t count;
};

const char	*behave_name(enum behaviour);
void		 behave_help(FILE *);

/* Adds one rule; false leaves the rules as they were and says why. */
bool		 rules_add(struct rules *, const char *text, char *error,
		    size_t size);
void		 rules_clear(struct rules *);

/* The last rule that matches, by name or by stage. Not to be kept. */
const struct rule *rules_find(const struct rules *, const char *address,
		    enum page, enum behaviour);
const struct rule *rules_last(const struct rules *, const char *address,
		    enum page, enum stage);

#endif
