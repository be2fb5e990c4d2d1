/* SPDX-License-Identifier: MIT */

/*
 * An icon of 16 times 16 pixels: four bars, as of a signal's strength, on
 * nothing.  An ICO file is a directory, a bitmap's header, its two colours,
 * and then, from the lowest row up, the pixels and the mask of what is not
 * drawn (https://learn.microsoft.com/en-us/previous-versions/ms997538).
 */

#include "favicon.h"

/* Four rows alike; a row is a multiple of four bytes. */
#define ROWS(left, right) \
	left, right, 0, 0, left, right, 0, 0, \
	left, right, 0, 0, left, right, 0, 0

const unsigned char favicon[198] = {
	0, 0, 1, 0, 1, 0,		/* reserved, an icon, one of them: */
	16, 16, 2, 0, 1, 0, 1, 0,	/* size, colours, planes, bits */
	176, 0, 0, 0, 22, 0, 0, 0,	/* bytes that follow, after these */

	40, 0, 0, 0,			/* bytes of this header */
	16, 0, 0, 0, 32, 0, 0, 0,	/* width, height of pixels and mask */
	1, 0, 1, 0,			/* planes, bits */
	0, 0, 0, 0, 128, 0, 0, 0,	/* not compressed, bytes of rows */
	0, 0, 0, 0, 0, 0, 0, 0,		/* pixels per metre: any */
	2, 0, 0, 0, 0, 0, 0, 0,		/* colours, important ones: all */

	0, 0, 0, 0,			/* black: where nothing is drawn */
	0x8c, 0x7a, 0x00, 0,		/* the bars; blue, green, red */

	ROWS(0xee, 0xee),
	ROWS(0x0e, 0xee),
	ROWS(0x00, 0xee),
	ROWS(0x00, 0x0e),

	ROWS(0x11, 0x11),
	ROWS(0xf1, 0x11),
	ROWS(0xff, 0x11),
	ROWS(0xff, 0xf1),
};
