/* SPDX-License-Identifier: MIT */

/*
 * A page is cut up in a copy of its own, line by line: a cursor moves over
 * the text, and what it has passed is ended with a NUL where it lies.
 */

#include "exposition.h"

#include <stdlib.h>
#include <string.h>

#define LETTERS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS	"0123456789"

/* The lines of a family, in the order that the format wants. */
enum line {
	LINE_HELP,
	LINE_TYPE,
	LINE_UNIT,
	LINE_SAMPLE
};

struct reader {
	struct exposition	*page;
	enum exposition_format	 format;
	enum line		 last;
	bool			 ended;		/* # EOF was there */
};

static void	read_line(struct reader *, char *);
static void	read_metadata(struct reader *, char *);
static void	read_sample(struct reader *, char *);
static char	*read_labels(struct reader *, struct exposition_sample *,
		    char *);
static void	begin_family(struct reader *, const char *);
static void	end_family(struct reader *);
static bool	is_sample_of(const struct reader *, const char *,
		    const struct exposition_family *);
static void	check_names(struct reader *);
static void	check_series(struct reader *);

/* Remember the first error. */
static void
fail(struct reader *r, const char *error)
{
	if (r->page->error == NULL)
		r->page->error = error;
}

bool
exposition_parse(struct exposition *page, enum exposition_format format,
    const char *text, size_t length)
{
	struct reader r = { .page = page, .format = format };
	char *line, *next, *end;
	size_t lines = 1, i;

	memset(page, 0, sizeof(*page));
	for (i = 0; i < length; i++)
		lines += text[i] == '\n';
	page->text = malloc(length + 1);
	page->families = calloc(lines, sizeof(*page->families));
	page->samples = calloc(lines, sizeof(*page->samples));
	page->labels = calloc(length / 4 + 1, sizeof(*page->labels));
	if (page->text == NULL || page->families == NULL ||
	    page->samples == NULL || page->labels == NULL) {
		fail(&r, "no memory");
		return false;
	}
	memcpy(page->text, text, length);
	page->text[length] = '\0';
	if (strlen(page->text) != length)
		fail(&r, "a NUL in the page");
	if (!exposition_is_utf8(text, length))
		fail(&r, "not UTF-8");
	if (length > 0 && text[length - 1] != '\n')
		fail(&r, "the last line has no end");
	end = page->text + length;
	for (line = page->text; line < end && page->error == NULL;
	    line = next) {
		page->line++;
		next = strchr(line, '\n');
		*next++ = '\0';
		read_line(&r, line);
	}
	if (page->error == NULL)
		end_family(&r);
	if (r.ended != (format == EXPOSITION_OPENMETRICS))
		fail(&r, "the end is not marked as the format wants");
	if (page->error == NULL)
		check_names(&r);
	if (page->error == NULL)
		check_series(&r);
	return page->error == NULL;
}

void
exposition_free(struct exposition *page)
{
	free(page->families);
	free(page->samples);
	free(page->labels);
	free(page->text);
}

static void
read_line(struct reader *r, char *line)
{
	if (r->ended)
		fail(r, "text after the end");
	else if (r->format == EXPOSITION_OPENMETRICS &&
	    strcmp(line, "# EOF") == 0)
		r->ended = true;
	else if (line[0] == '#')
		read_metadata(r, line);
	else
		read_sample(r, line);
}

/* Cut off what ends in `mark`; NULL if it is not there. */
static char *
cut(char **text, char mark)
{
	char *part = *text, *end = strchr(part, mark);

	if (end == NULL)
		return NULL;
	*end = '\0';
	*text = end + 1;
	return part;
}

/* Undo the escapes of a text in its place: `allowed` are the characters that
 * come escaped, and only so, `n` standing for a line's end. */
static bool
unescape(char *text, const char *allowed)
{
	char *out = text;

	for (; *text != '\0'; text++) {
		if (*text == '\\') {
			text++;
			if (*text == '\0' || strchr(allowed, *text) == NULL)
				return false;
			*out++ = *text == 'n' ? '\n' : *text;
		} else if (*text != 'n' && strchr(allowed, *text) != NULL)
			return false;
		else
			*out++ = *text;
	}
	*out = '\0';
	return true;
}

static bool
is_name(const char *text, const char *characters)
{
	return *text != '\0' && strchr(DIGITS, *text) == NULL &&
	    text[strspn(text, characters)] == '\0';
}

static void
read_metadata(struct reader *r, char *line)
{
	bool open = r->format == EXPOSITION_OPENMETRICS;
	struct exposition_family *family;
	char *hash, *what, *name;
	enum line now;

	hash = cut(&line, ' ');
	what = hash != NULL ? cut(&line, ' ') : NULL;
	name = what != NULL ? cut(&line, ' ') : NULL;
	if (name == NULL || strcmp(hash, "#") != 0 || *line == '\0') {
		fail(r, "neither metadata nor a sample");
		return;
	}
	now = strcmp(what, "HELP") == 0 ? LINE_HELP :
	    strcmp(what, "TYPE") == 0 ? LINE_TYPE :
	    strcmp(what, "UNIT") == 0 ? LINE_UNIT : LINE_SAMPLE;
	if (now == (open ? LINE_TYPE : LINE_HELP))
		begin_family(r, name);
	else if (r->page->family_count == 0 || strcmp(name,
	    r->page->families[r->page->family_count - 1].name) != 0)
		fail(r, "metadata outside of its family");
	else if (open ? !(now == LINE_UNIT && r->last == LINE_TYPE) &&
	    !(now == LINE_HELP && (r->last == LINE_TYPE ||
	    r->last == LINE_UNIT)) : now != LINE_TYPE || r->last != LINE_HELP)
		fail(r, "metadata out of order, twice or unknown");
	if (r->page->error != NULL)
		return;
	r->last = now;
	family = &r->page->families[r->page->family_count - 1];
	if (now == LINE_TYPE)
		family->type = line;
	else if (now == LINE_UNIT)
		family->unit = line;
	else {
		family->help = line;
		if (!unescape(line, open ? "\\n\"" : "\\n"))
			fail(r, "a bad escape in a HELP");
	}
}

static void
begin_family(struct reader *r, const char *name)
{
	size_t i;

	end_family(r);
	if (!is_name(name, LETTERS DIGITS ":"))
		fail(r, "a bad name of a family");
	for (i = 0; i < r->page->family_count; i++)
		if (strcmp(r->page->families[i].name, name) == 0)
			fail(r, "a family twice");
	r->page->families[r->page->family_count++].name = name;
}

static bool
ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && strcmp(text + n - m, end) == 0;
}

/* The unit that a family's name asks for, NULL if none. */
static const char *
unit_of(const struct exposition_family *family)
{
	return strcmp(family->type, "info") == 0 ? NULL :
	    ends_in(family->name, "_seconds") ? "seconds" :
	    ends_in(family->name, "_bytes") ? "bytes" :
	    ends_in(family->name, "_hertz") ? "hertz" : NULL;
}

/* What can be said only when all of a family was seen. */
static void
end_family(struct reader *r)
{
	const struct exposition_family *family;
	bool open = r->format == EXPOSITION_OPENMETRICS;
	const char *unit;

	if (r->page->family_count == 0)
		return;
	family = &r->page->families[r->page->family_count - 1];
	if (family->samples == 0 || family->type == NULL ||
	    family->help == NULL) {
		fail(r, "a family without samples, TYPE or HELP");
		return;
	}
	if (strcmp(family->type, "gauge") != 0 &&
	    strcmp(family->type, "counter") != 0 &&
	    (!open || strcmp(family->type, "info") != 0))
		fail(r, "an unknown type");
	if (ends_in(family->name, "_total") !=
	    (!open && strcmp(family->type, "counter") == 0))
		fail(r, "_total on what is no counter, or the reverse");
	if (open && ends_in(family->name, "_info"))
		fail(r, "_info in the name of a family");
	unit = open ? unit_of(family) : NULL;
	if ((unit == NULL) != (family->unit == NULL) ||
	    (unit != NULL && strcmp(unit, family->unit) != 0))
		fail(r, "not the UNIT that the name asks for");
}

static void
read_sample(struct reader *r, char *line)
{
	struct exposition_sample *sample;
	struct exposition_family *family;
	size_t n = strcspn(line, "{ ");
	char mark = line[n];

	if (r->page->family_count == 0 || (r->last != LINE_SAMPLE &&
	    r->last != (r->format == EXPOSITION_OPENMETRICS ? LINE_HELP :
	    LINE_TYPE))) {
		fail(r, "a sample before its metadata");
		return;
	}
	r->last = LINE_SAMPLE;
	family = &r->page->families[r->page->family_count - 1];
	family->samples++;
	sample = &r->page->samples[r->page->sample_count++];
	sample->family = r->page->family_count - 1;
	sample->name = line;
	sample->first = r->page->label_count;
	line[n] = '\0';
	line += n + 1;
	if (mark == '\0' || !is_sample_of(r, sample->name, family)) {
		fail(r, "a sample of no or another family");
		return;
	}
	if (mark == '{')
		line = read_labels(r, sample, line);
	if (line == NULL)
		return;
	sample->value = line;
	if (!exposition_is_number(line))
		fail(r, "not a plain decimal");
	else if (strcmp(family->type, "counter") == 0 && line[0] == '-')
		fail(r, "a negative counter");
	else if (ends_in(sample->name, "_info") && strcmp(line, "1") != 0)
		fail(r, "an info that is not 1");
}

static bool
is_sample_of(const struct reader *r, const char *name,
    const struct exposition_family *family)
{
	const char *suffix = "";
	size_t n = strlen(family->name);

	if (r->format == EXPOSITION_OPENMETRICS)
		suffix = strcmp(family->type, "counter") == 0 ? "_total" :
		    strcmp(family->type, "info") == 0 ? "_info" : "";
	return strncmp(name, family->name, n) == 0 &&
	    strcmp(name + n, suffix) == 0;
}

/* FNV-1a, the NUL included. */
static unsigned long long
hash_text(unsigned long long hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 1099511628211ULL;
	while (*text++ != '\0');
	return hash;
}

/* Labels up to `} `, after which the value stands; NULL on an error. */
static char *
read_labels(struct reader *r, struct exposition_sample *sample, char *text)
{
	struct exposition_label *label;
	char *name, *value;
	size_t i;

	for (;;) {
		name = cut(&text, '=');
		if (name == NULL || !is_name(name, LETTERS DIGITS) ||
		    strncmp(name, "__", 2) == 0 || *text++ != '"') {
			fail(r, "a bad name of a label");
			return NULL;
		}
		value = text;
		while (*text != '\0' && *text != '"')
			text += *text == '\\' && text[1] != '\0' ? 2 : 1;
		if (*text == '\0') {
			fail(r, "a label's value without an end");
			return NULL;
		}
		*text++ = '\0';
		if (!unescape(value, "\\\"n")) {
			fail(r, "a bad escape in a label");
			return NULL;
		}
		for (i = sample->first; i < r->page->label_count; i++)
			if (strcmp(r->page->labels[i].name, name) == 0)
				fail(r, "a label twice");
		label = &r->page->labels[r->page->label_count++];
		*label = (struct exposition_label){ name, value };
		sample->count++;
		/* A sum: labels are a set, their order says nothing. */
		sample->hash += hash_text(hash_text(14695981039346656037ULL,
		    name), value);
		if (*text != ',')
			break;
		text++;
	}
	if (strncmp(text, "} ", 2) != 0) {
		fail(r, "labels without an end");
		return NULL;
	}
	return text + 2;
}

bool
exposition_is_number(const char *text)
{
	const char *start = text;
	size_t n;

	text += *text == '-';
	n = strspn(text, DIGITS);
	if (n == 0 || (n > 1 && *text == '0'))
		return false;
	text += n;
	if (*text == '.') {
		n = strspn(++text, DIGITS);
		if (n == 0 || text[n - 1] == '0')
			return false;
		text += n;
	}
	return *text == '\0' && strcmp(start, "-0") != 0;
}

bool
exposition_is_utf8(const char *text, size_t length)
{
	static const unsigned long smallest[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text, *end = p + length;
	unsigned long code;
	int more, i;

	while (p < end) {
		more = *p < 0x80 ? 0 : (*p & 0xe0) == 0xc0 ? 1 :
		    (*p & 0xf0) == 0xe0 ? 2 : (*p & 0xf8) == 0xf0 ? 3 : -1;
		if (more < 0 || end - p <= more)
			return false;
		code = more == 0 ? *p : *p & (0x3fu >> more);
		for (p++, i = 0; i < more; i++, p++) {
			if ((*p & 0xc0) != 0x80)
				return false;
			code = code << 6 | (*p & 0x3f);
		}
		if (code < smallest[more] || code > 0x10ffff ||
		    (code >= 0xd800 && code <= 0xdfff))
			return false;
	}
	return true;
}

/* No name may be another's with a suffix that a type adds. */
static void
check_names(struct reader *r)
{
	const struct exposition_family *f = r->page->families;
	size_t i, j, n;

	for (i = 0; i < r->page->family_count; i++)
		for (j = 0; j < r->page->family_count; j++) {
			n = strlen(f[i].name);
			if (strncmp(f[i].name, f[j].name, n) == 0 &&
			    (strcmp(f[j].name + n, "_total") == 0 ||
			    strcmp(f[j].name + n, "_info") == 0))
				fail(r, "a family beside a suffixed one");
		}
}

bool
exposition_same_series(const struct exposition *page_a,
    const struct exposition_sample *a, const struct exposition *page_b,
    const struct exposition_sample *b)
{
	const struct exposition_label *la = page_a->labels + a->first;
	const struct exposition_label *lb = page_b->labels + b->first;
	size_t i, j;

	if (a->count != b->count || strcmp(a->name, b->name) != 0)
		return false;
	for (i = 0; i < a->count; i++) {
		for (j = 0; j < b->count; j++)
			if (strcmp(la[i].name, lb[j].name) == 0 &&
			    strcmp(la[i].value, lb[j].value) == 0)
				break;
		if (j == b->count)
			return false;
	}
	return true;
}

static int
compare_samples(const void *one, const void *other)
{
	const struct exposition_sample *a = *(struct exposition_sample *const *)
	    one, *b = *(struct exposition_sample *const *)other;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return a->hash < b->hash ? -1 : a->hash > b->hash;
}

/* Equal series have equal hashes: sorted by them, they are neighbours. */
static void
check_series(struct reader *r)
{
	struct exposition *page = r->page;
	struct exposition_sample **sorted;
	size_t i, j, n = page->sample_count;

	sorted = malloc((n + 1) * sizeof(struct exposition_sample *));
	if (sorted == NULL) {
		fail(r, "no memory");
		return;
	}
	for (i = 0; i < n; i++)
		sorted[i] = &page->samples[i];
	qsort(sorted, n, sizeof(struct exposition_sample *), compare_samples);
	for (i = 0; i < n; i++)
		for (j = i + 1; j < n && compare_samples(&sorted[i],
		    &sorted[j]) == 0; j++)
			if (exposition_same_series(page, sorted[i], page,
			    sorted[j]))
				fail(r, "a series twice");
	free(sorted);
}
