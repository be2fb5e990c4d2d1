/* SPDX-License-Identifier: MIT */
#ifndef STYLE_H
#define STYLE_H

/* The style sheet of all pages in parts, as no literal may be longer; NULL
 * after the last. */
extern const char *const style[];

#endif
