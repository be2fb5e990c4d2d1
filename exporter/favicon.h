/* SPDX-License-Identifier: MIT */
#ifndef FAVICON_H
#define FAVICON_H

/* The icon that browsers ask for, of the type image/x-icon. */
extern const unsigned char favicon[198];

#endif
