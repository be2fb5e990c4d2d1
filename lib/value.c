/* SPDX-License-Identifier: MIT */

/*
 * The modem's texts as values: every text is trimmed, checked for being a
 * placeholder, and then read by the function of its kind.
 *
 * Numbers stay text from the modem to the page: a decimal is copied digit by
 * digit, so that nothing is rounded and no locale has a say.
 */

#include "value.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct span {
	const char	*p;
	size_t		 n;
};

static struct span	 span_trim(struct span);
static bool		 span_is(struct span, const char *);
static bool		 is_placeholder(struct span);

static bool	read_text(struct span, char *);
static bool	read_decimal(struct span, char *);
static bool	read_megahertz(struct span, char *);
static bool	read_counter(struct span, char *);
static bool	read_duration(struct span, char *);
static bool	read_time(struct span, char *);
static bool	read_modulation(struct span, char *);

static bool	(*const readers[])(struct span, char *) = {
	[KIND_TEXT] = read_text,
	[KIND_ID] = read_text,
	[KIND_PORT] = read_text,
	[KIND_DECIMAL] = read_decimal,
	[KIND_HERTZ] = read_decimal,
	[KIND_MEGAHERTZ] = read_megahertz,
	[KIND_COUNTER] = read_counter,
	[KIND_DURATION] = read_duration,
	[KIND_TIME] = read_time,
	[KIND_MODULATION] = read_modulation,
};

/* What firmware prints where it has no value, in lower case. */
static const char *const placeholders[] = {
	"", "-", "--", "---", "n/a", "na", "secret", "todo",
	"d: -- h: -- m: -- s: --",
};

enum value_result
value_read(enum kind kind, const char *word, const char *text, size_t length,
    char *out)
{
	struct span s = span_trim((struct span){ text, length });

	if (is_placeholder(s))
		return VALUE_NONE;
	if (kind == KIND_IS) {
		strcpy(out, span_is(s, word) ? "1" : "0");
		return VALUE_OK;
	}
	if (s.n > VALUE_MAX || !readers[kind](s, out))
		return VALUE_BAD;
	return VALUE_OK;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Not isdigit(): the answer must not depend on a locale. */
static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* Not strncasecmp(), for the same reason; 0 if the texts are equal. */
static int
compare_words(const char *a, const char *b, size_t n)
{
	while (n > 0 && lower(*a) == lower(*b)) {
		a++;
		b++;
		n--;
	}
	return n > 0;
}

static struct span
span_trim(struct span s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool
span_is(struct span s, const char *word)
{
	return s.n == strlen(word) && compare_words(s.p, word, s.n) == 0;
}

static bool
is_placeholder(struct span s)
{
	size_t i;

	for (i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]); i++)
		if (span_is(s, placeholders[i]))
			return true;
	return false;
}

/* Cut the run of digits that `s` begins with off it, and give it. */
static struct span
span_digits(struct span *s)
{
	struct span digits = { s->p, 0 };

	while (s->n > 0 && is_digit(s->p[0])) {
		s->p++;
		s->n--;
		digits.n++;
	}
	return digits;
}

static bool
span_u64(struct span digits, uint64_t *number)
{
	uint64_t n = 0, digit;
	size_t i;

	for (i = 0; i < digits.n; i++) {
		digit = (uint64_t)(digits.p[i] - '0');
		if (n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*number = n;
	return digits.n > 0;
}

static bool
read_text(struct span s, char *out)
{
	memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return true;
}

/* Whether whole digits, the first not 0, are below what a double rounds to
 * infinity, 1.7976931348623158079e308. */
static bool
is_finite(struct span whole)
{
	static const char limit[] = "1797693134862315807";

	return whole.n <= DBL_MAX_10_EXP || (whole.n == DBL_MAX_10_EXP + 1 &&
	    memcmp(whole.p, limit, sizeof(limit) - 1) <= 0);
}

/* Write whole and fraction digits as a decimal without padding; false if it
 * is not finite to those who read it. */
static bool
write_decimal(bool negative, struct span whole, struct span fraction,
    char *out)
{
	while (whole.n > 0 && whole.p[0] == '0') {
		whole.p++;
		whole.n--;
	}
	while (fraction.n > 0 && fraction.p[fraction.n - 1] == '0')
		fraction.n--;
	if (!is_finite(whole))
		return false;
	if (negative && whole.n + fraction.n > 0)
		*out++ = '-';
	if (whole.n == 0)
		*out++ = '0';
	memcpy(out, whole.p, whole.n);
	out += whole.n;
	if (fraction.n > 0) {
		*out++ = '.';
		memcpy(out, fraction.p, fraction.n);
		out += fraction.n;
	}
	*out = '\0';
	return true;
}

/* `[+-]?(digits[.digits*] | .digits)`: no exponent, no hexadecimal. */
static bool
split_decimal(struct span s, bool *negative, struct span *whole,
    struct span *fraction)
{
	*negative = s.n > 0 && s.p[0] == '-';
	if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+')) {
		s.p++;
		s.n--;
	}
	*whole = span_digits(&s);
	*fraction = (struct span){ s.p, 0 };
	if (s.n > 0 && s.p[0] == '.') {
		s.p++;
		s.n--;
		*fraction = span_digits(&s);
	}
	return s.n == 0 && whole->n + fraction->n > 0;
}

static bool
read_decimal(struct span s, char *out)
{
	struct span whole, fraction;
	bool negative;

	return split_decimal(s, &negative, &whole, &fraction) &&
	    write_decimal(negative, whole, fraction, out);
}

/* The point moves six digits: 39.2 MHz are 39200000 Hz, exactly. */
static bool
read_megahertz(struct span s, char *out)
{
	struct span whole, fraction;
	char digits[VALUE_SIZE];
	bool negative;
	size_t moved;

	if (!split_decimal(s, &negative, &whole, &fraction))
		return false;
	moved = fraction.n < 6 ? fraction.n : 6;
	memcpy(digits, whole.p, whole.n);
	memcpy(digits + whole.n, fraction.p, moved);
	memset(digits + whole.n + moved, '0', 6 - moved);
	fraction.p += moved;
	fraction.n -= moved;
	whole = (struct span){ digits, whole.n + 6 };
	return write_decimal(negative, whole, fraction, out);
}

/*
 * Digits, or `H * 2e32 + L` as the firmware prints a counter that has passed
 * 32 bits.  It means 2^32: the counter goes on without a jump.
 */
static bool
read_counter(struct span s, char *out)
{
	static const char times[] = " * 2e32 + ";
	uint64_t high = 0, low;

	if (s.n > 0 && s.p[0] == '+') {
		s.p++;
		s.n--;
	}
	if (!span_u64(span_digits(&s), &low))
		return false;
	if (s.n >= sizeof(times) - 1 &&
	    memcmp(s.p, times, sizeof(times) - 1) == 0) {
		s.p += sizeof(times) - 1;
		s.n -= sizeof(times) - 1;
		high = low;
		if (!span_u64(span_digits(&s), &low) ||
		    high > UINT32_MAX || low > UINT64_MAX - (high << 32))
			return false;
	}
	if (s.n > 0)
		return false;
	snprintf(out, VALUE_SIZE, "%llu",
	    (unsigned long long)((high << 32) + low));
	return true;
}

/*
 * Match `s` with a pattern: `#` is a number, a blank one or more blanks, `~`
 * the plural's s or nothing, any other character itself without case.  Gives
 * how many numbers were read, as many as the pattern has, or 0.
 */
static size_t
match_numbers(struct span s, const char *pattern, uint64_t *numbers)
{
	size_t count = 0;

	for (; *pattern != '\0'; pattern++) {
		if (*pattern == '#') {
			if (!span_u64(span_digits(&s), &numbers[count++]))
				return 0;
			continue;
		}
		if (*pattern == '~' && (s.n == 0 || (*s.p | 0x20) != 's'))
			continue;
		if (s.n == 0)
			return 0;
		if (*pattern == ' ' && !is_blank(*s.p))
			return 0;
		if (*pattern != ' ' && *pattern != '~' &&
		    compare_words(s.p, pattern, 1) != 0)
			return 0;
		do {
			s.p++;
			s.n--;
		} while (*pattern == ' ' && s.n > 0 && is_blank(*s.p));
	}
	return s.n == 0 ? count : 0;
}

/* All durations that firmware prints: of hours, minutes and seconds, or of
 * days and those.  Minutes and seconds are not held to 59. */
static bool
read_duration(struct span s, char *out)
{
	static const char *const patterns[] = {
		"#h:#m:#s",
		"#d #h:#m:#s",
		"# day~ #h:#m:#s",
		"# day~,# hour~,# minute~,# second~",
		"D: # H: # M: # S: #",
	};
	static const uint64_t seconds[] = { 86400, 3600, 60, 1 };
	uint64_t numbers[4], total = 0, factor;
	size_t i, j, count;

	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		count = match_numbers(s, patterns[i], numbers);
		if (count == 0)
			continue;
		for (j = 0; j < count; j++) {
			factor = seconds[4 - count + j];
			if (numbers[j] > (UINT64_MAX - total) / factor)
				return false;
			total += numbers[j] * factor;
		}
		snprintf(out, VALUE_SIZE, "%llu", (unsigned long long)total);
		return true;
	}
	return false;
}

static bool
is_leap(uint64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* `Thu Aug 01, 2024, 03:54:46`, taken as UTC: the modem names no zone.  Not
 * strptime(), which follows the locale and takes the 31st of June. */
static bool
read_time(struct span s, char *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static const unsigned days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	uint64_t n[5], day, y;	/* day of the month, year, hours, ... */
	size_t i, month;

	for (i = 0; i < 3 && s.n > 0 && !is_blank(*s.p); i++) {
		s.p++;		/* the weekday says nothing new */
		s.n--;
	}
	if (i != 3 || s.n < 5 || s.p[0] != ' ')
		return false;
	for (month = 0; month < 12; month++)
		if (compare_words(s.p + 1, months + 3 * month, 3) == 0)
			break;
	s.p += 4;
	s.n -= 4;
	if (month == 12 || match_numbers(s, " #, #, #:#:#", n) != 5)
		return false;
	if (n[0] < 1 || n[0] > days[month] + (month == 1 && is_leap(n[1])) ||
	    n[1] < 1970 || n[1] > 9999 ||
	    n[2] > 23 || n[3] > 59 || n[4] > 59)
		return false;
	y = n[1] - 1;		/* years, and their leap days, before this */
	day = (n[1] - 1970) * 365 + (y / 4 - y / 100 + y / 400) -
	    (1969 / 4 - 1969 / 100 + 1969 / 400) + n[0] - 1;
	for (i = 0; i < month; i++)
		day += days[i] + (i == 1 && is_leap(n[1]));
	snprintf(out, VALUE_SIZE, "%llu", (unsigned long long)
	    (((day * 24 + n[2]) * 60 + n[3]) * 60 + n[4]));
	return true;
}

static bool
read_modulation(struct span s, char *out)
{
	static const char *const names[] = {
		"16QAM", "64QAM", "256QAM", "1024QAM", "32QAM", "128QAM",
		"QPSK",
	};

	if (s.n == 1 && s.p[0] >= '0' && s.p[0] <= '6') {
		strcpy(out, names[s.p[0] - '0']);
		return true;
	}
	return read_text(s, out);
}

bool
value_is_positive(const char *decimal)
{
	return decimal[0] != '-' && strcmp(decimal, "0") != 0;
}

/* Place the decimal point in `digits`, which stand for 0.DIGITS * 10^point. */
static bool
place_point(bool negative, const char *digits, int point, char *out)
{
	char whole[DBL_MAX_10_EXP + 2], fraction[VALUE_MAX];
	size_t n = strlen(digits), whole_n = 0, fraction_n = 0;

	if (point <= 0) {
		fraction_n = (size_t)-point;
		memset(fraction, '0', fraction_n);
		memcpy(fraction + fraction_n, digits, n);
		fraction_n += n;
	} else if ((size_t)point >= n) {
		whole_n = (size_t)point;
		memset(whole, '0', whole_n);
		memcpy(whole, digits, n);
	} else {
		whole_n = (size_t)point;
		memcpy(whole, digits, whole_n);
		fraction_n = n - whole_n;
		memcpy(fraction, digits + whole_n, fraction_n);
	}
	return write_decimal(negative, (struct span){ whole, whole_n },
	    (struct span){ fraction, fraction_n }, out);
}

bool
value_from_double(double number, char *out)
{
	char text[64], digits[DBL_DECIMAL_DIG + 1], *p;
	size_t n = 0;
	int precision;

	if (!isfinite(number))
		return false;
	for (precision = 0; precision < DBL_DECIMAL_DIG; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, number);
		if (strtod(text, NULL) == number)
			break;
	}
	/* The locale's decimal point, whatever it is, is not a digit. */
	for (p = text; *p != 'e'; p++)
		if (is_digit(*p))
			digits[n++] = *p;
	digits[n] = '\0';
	return place_point(text[0] == '-', digits, atoi(p + 1) + 1, out);
}
