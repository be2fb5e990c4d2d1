/* SPDX-License-Identifier: MIT */
#ifndef SESSION_H
#define SESSION_H

#include <openssl/ssl.h>

#include <stdbool.h>

/* The TLS session that the next connection to a modem resumes, if any; begins
 * as zeros.  The DER is of the same one. */
struct session {
	SSL_SESSION	*parsed;	/* NULL also while it rests */
	unsigned char	*der;		/* NULL also until it rests */
	long		 length;
};

/* Keep a copy, in the place of any other; without memory, none. */
void	 session_keep(struct session *, const SSL_SESSION *);
void	 session_forget(struct session *);
bool	 session_is_known(const struct session *);
/* Have a connection offer the session; false if there is none. */
bool	 session_offer(struct session *, SSL *);
/* No connection is made for a while: take less memory. */
void	 session_rest(struct session *);

#endif
