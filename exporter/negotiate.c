/* SPDX-License-Identifier: MIT */

/*
 * Accept headers, as Prometheus, browsers and curl send them.  An offer is
 * `name;parameter=value;q=0.5`; offers are separated by commas.
 */

#include "negotiate.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* A part of a header, without the blanks around it. */
struct part {
	const char	*p;
	size_t		 n;
};

struct offer {
	struct part	name;
	struct part	version;	/* n is 0 if there is none */
	int		quality;	/* 0 to 1000 */
};

static bool	 next_offer(const char **, struct offer *);
static struct part cut(const char **, const char *);
static bool	 part_is(struct part, const char *);
static int	 read_quality(struct part);

enum cm_format
negotiate_format(const char *accept)
{
	enum cm_format best = CM_PROMETHEUS, format;
	struct offer offer;
	int quality = 0;

	while (accept != NULL && next_offer(&accept, &offer)) {
		if (part_is(offer.name, "application/openmetrics-text") &&
		    (offer.version.n == 0 || part_is(offer.version, "1.0.0") ||
		    part_is(offer.version, "0.0.1")))
			format = CM_OPENMETRICS;
		else if (part_is(offer.name, "text/plain") ||
		    part_is(offer.name, "text/*") ||
		    part_is(offer.name, "*/*"))
			format = CM_PROMETHEUS;
		else
			continue;
		/* Of equals the first: only a better one replaces it. */
		if (offer.quality > quality) {
			quality = offer.quality;
			best = format;
		}
	}
	return best;
}

bool
negotiate_gzip(const char *accept_encoding)
{
	struct offer offer;
	int quality = -1, any = 0;

	while (accept_encoding != NULL && next_offer(&accept_encoding, &offer))
		if (part_is(offer.name, "gzip") ||
		    part_is(offer.name, "x-gzip"))
			quality = offer.quality;
		else if (part_is(offer.name, "*"))
			any = offer.quality;
	return (quality >= 0 ? quality : any) > 0;
}

/* Cut the next offer off the header; false at its end. */
static bool
next_offer(const char **header, struct offer *offer)
{
	struct part parameter, value;
	const char *p = *header, *inner;

	if (*p == '\0')
		return false;
	*offer = (struct offer){ .quality = 1000 };
	offer->name = cut(&p, ";,");
	while (*p == ';') {
		p++;
		parameter = cut(&p, ";,");
		inner = memchr(parameter.p, '=', parameter.n);
		if (inner == NULL)
			continue;
		value = (struct part){ inner + 1,
		    parameter.n - (size_t)(inner + 1 - parameter.p) };
		parameter.n = (size_t)(inner - parameter.p);
		if (value.n > 1 && value.p[0] == '"' &&
		    value.p[value.n - 1] == '"') {
			value.p++;
			value.n -= 2;
		}
		if (part_is(parameter, "q"))
			offer->quality = read_quality(value);
		else if (part_is(parameter, "version"))
			offer->version = value;
	}
	*header = p + (*p == ',');
	return true;
}

/* The text up to one of the characters of `ends`, without blanks around. */
static struct part
cut(const char **p, const char *ends)
{
	struct part part;

	*p += strspn(*p, " \t");
	part.p = *p;
	part.n = strcspn(*p, ends);
	*p += part.n;
	while (part.n > 0 && (part.p[part.n - 1] == ' ' ||
	    part.p[part.n - 1] == '\t'))
		part.n--;
	return part;
}

static bool
part_is(struct part part, const char *text)
{
	return part.n == strlen(text) &&
	    strncasecmp(part.p, text, part.n) == 0;
}

/* A weight (RFC 9110, 12.4.2) in thousandths; what is none weighs nothing. */
static int
read_quality(struct part text)
{
	int quality = 0, unit = 100;
	size_t i;

	if (text.n == 0 || (text.p[0] != '0' && text.p[0] != '1') ||
	    (text.n > 1 && text.p[1] != '.') || text.n > 5)
		return 0;
	quality = (text.p[0] - '0') * 1000;
	for (i = 2; i < text.n; i++, unit /= 10) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return 0;
		quality += (text.p[i] - '0') * unit;
	}
	return quality <= 1000 ? quality : 0;
}
