/* SPDX-License-Identifier: MIT */

/*
 * Real firmware sends bytes that are not UTF-8 and unescaped control bytes,
 * for each of which a JSON parser would refuse the whole page.
 */

#include "repair.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Text that is copied only from the first replacement on. */
struct repair {
	const char	*body;
	size_t		 kept;		/* bytes of body that are done */
	char		*copy;
	size_t		 length;	/* of copy */
	bool		 failed;
};

static size_t	utf8_length(const char *, size_t, bool *);
static size_t	escape_length(const char *, size_t, bool *);
static bool	is_long_integer(const char *, size_t);
static bool	is_infinite(const char *, size_t);
static void	replace(struct repair *, size_t, size_t, const char *, size_t);

const char *
repair_json(const char *body, size_t *length, char **copy)
{
	struct repair r = { .body = body };
	bool in_string = false, valid;
	size_t i, n, end = *length, used;
	int depth = 0;

	*copy = NULL;
	if (end >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0)
		r.kept = 3;
	for (i = r.kept; i < end && !r.failed; i += used) {
		unsigned char c = (unsigned char)body[i];

		used = 1;
		if (c >= 0x80) {
			used = utf8_length(body + i, end - i, &valid);
			if (!valid)
				replace(&r, i, used, "\xef\xbf\xbd",
				    end);
		} else if (c == '"') {
			in_string = !in_string;
		} else if (in_string && c == '\\') {
			used = escape_length(body + i, end - i, &valid);
			if (!valid)
				replace(&r, i, used, "\\ufffd", end);
		} else if (in_string && c < 0x20) {
			replace(&r, i, 1, "\xef\xbf\xbd", end);
		} else if (!in_string && (c == '[' || c == '{')) {
			if (++depth > REPAIR_DEPTH)
				r.failed = true;
		} else if (!in_string && (c == ']' || c == '}')) {
			depth--;
		} else if (!in_string && (c == '-' ||
		    (c >= '0' && c <= '9'))) {
			n = strspn(body + i, "0123456789+-.eE");
			used = n < end - i ? n : end - i;
			if (is_long_integer(body + i, used)) {
				replace(&r, i, 0, "\"", end);
				replace(&r, i + used, 0, "\"", end);
			} else if (is_infinite(body + i, used))
				replace(&r, i, used, "null", end);
		}
	}
	if (r.failed) {
		free(r.copy);
		return NULL;
	}
	if (r.copy == NULL) {
		*length -= r.kept;
		return body + r.kept;
	}
	memcpy(r.copy + r.length, body + r.kept, end - r.kept);
	*length = r.length + end - r.kept;
	*copy = r.copy;
	return r.copy;
}

/* Put `text` in place of `used` bytes at `at`. */
static void
replace(struct repair *r, size_t at, size_t used, const char *text, size_t end)
{
	size_t n = strlen(text);

	/* The worst is one byte that becomes the three of U+FFFD; quotation
	 * marks come only around 19 digits and more. */
	if (r->copy == NULL && (r->copy = malloc(3 * end)) == NULL) {
		r->failed = true;
		return;
	}
	memcpy(r->copy + r->length, r->body + r->kept, at - r->kept);
	r->length += at - r->kept;
	memcpy(r->copy + r->length, text, n);
	r->length += n;
	r->kept = at + used;
}

/*
 * The length of the UTF-8 sequence (RFC 3629) that `p` begins with or, where
 * it is not valid, of the longest part of it that could have become one
 * (Unicode 15, 3.9, U+FFFD Substitution of Maximal Subparts).
 */
static size_t
utf8_length(const char *p, size_t n, bool *valid)
{
	const unsigned char *u = (const unsigned char *)p;
	unsigned char low = 0x80, high = 0xbf;	/* of the second byte */
	size_t length, i;

	*valid = false;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 1;
	length = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (u[0] == 0xe0)
		low = 0xa0;	/* shorter forms exist */
	else if (u[0] == 0xed)
		high = 0x9f;	/* surrogates */
	else if (u[0] == 0xf0)
		low = 0x90;
	else if (u[0] == 0xf4)
		high = 0x8f;	/* beyond U+10FFFF */
	for (i = 1; i < length; i++) {
		if (i == n || u[i] < low || u[i] > high)
			return i;
		low = 0x80;
		high = 0xbf;
	}
	*valid = true;
	return length;
}

/* The number of a \uXXXX that `p` begins with, -1 if it is none. */
static long
escape_number(const char *p, size_t n)
{
	char digits[5];

	if (n < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	memcpy(digits, p + 2, 4);
	digits[4] = '\0';
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return -1;
	return strtol(digits, NULL, 16);
}

/* The length of the escape sequence that `p` begins with; \u0000 and half a
 * surrogate pair (RFC 8259, 7) are not valid.  Escapes that JSON does not
 * know are left for the parser to refuse. */
static size_t
escape_length(const char *p, size_t n, bool *valid)
{
	long number = escape_number(p, n), second;

	*valid = true;
	if (number < 0)		/* \" and \\ must not be taken apart */
		return n > 1 && (p[1] == '"' || p[1] == '\\') ? 2 : 1;
	if (number >= 0xd800 && number <= 0xdbff) {
		second = escape_number(p + 6, n - 6);
		if (second >= 0xdc00 && second <= 0xdfff)
			return 12;
	}
	*valid = number != 0 && (number < 0xd800 || number > 0xdfff);
	return 6;
}

/* Whether a JSON number is an integer that may not fit 63 bits. */
static bool
is_long_integer(const char *p, size_t n)
{
	size_t digits = n - (*p == '-');

	p += *p == '-';
	return digits >= 19 && *p != '0' &&
	    strspn(p, "0123456789") == digits;
}

/*
 * Whether a JSON number (RFC 8259, 6) is too large for a double.  What is no
 * number is left for the parser to refuse.  The exponents that hardly differ
 * from the limit are left to strtod(), whatever the locale's decimal point.
 */
static bool
is_infinite(const char *p, size_t n)
{
	const char *start = p, *end = p + n;
	long magnitude, exponent = 0;	/* the number is 0.d... * 10^them */
	size_t whole, zeros = 0, fraction = 0;
	bool negative;

	p += *p == '-';
	whole = *p == '0' ? 0 : strspn(p, "0123456789");
	p += *p == '0' ? 1 : whole;
	if (*p == '.') {
		fraction = strspn(++p, "0123456789");
		zeros = strspn(p, "0");
		p += fraction;
	}
	if (*p == 'e' || *p == 'E') {
		negative = *++p == '-';
		p += *p == '-' || *p == '+';
		for (; *p >= '0' && *p <= '9'; p++)
			if (exponent < INT16_MAX)
				exponent = exponent * 10 + *p - '0';
		if (negative)
			exponent = -exponent;
	}
	if (p != end || (whole == 0 && zeros == fraction))
		return false;
	magnitude = exponent + (whole > 0 ? (long)whole : -(long)zeros);
	return magnitude > DBL_MAX_10_EXP + 1 ||
	    (magnitude == DBL_MAX_10_EXP + 1 && isinf(strtod(start, NULL)));
}
