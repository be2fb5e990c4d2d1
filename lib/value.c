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
static bool	read_id(struct span, char *);
static bool	read_decimal(struct span, char *);
static bool	read_megahertz(struct span, char *);
static bool	read_counter(struct span, char *);
static bool	read_duration(struct span, char *);
static bool	read_time(struct span, char *);
static bool	read_modulation(struct span, char *);
static bool	read_speed(struct span, char *);
static bool	read_auth(struct span, char *);
static bool	read_tek(struct span, char *);
static bool	read_bpi(struct span, char *);
static bool	read_log_time(struct span, char *);
static bool	read_log_priority(struct span, char *);
static bool	read_log_text(struct span, char *);

static bool	(*const readers[])(struct span, char *) = {
	[KIND_TEXT] = read_text,
	[KIND_ID] = read_id,
	[KIND_PORT] = read_id,
	[KIND_DECIMAL] = read_decimal,
	[KIND_HERTZ] = read_decimal,
	[KIND_MEGAHERTZ] = read_megahertz,
	[KIND_COUNTER] = read_counter,
	[KIND_DURATION] = read_duration,
	[KIND_TIME] = read_time,
	[KIND_MODULATION] = read_modulation,
	[KIND_SPEED] = read_speed,
	[KIND_AUTH] = read_auth,
	[KIND_TEK] = read_tek,
	[KIND_BPI] = read_bpi,
	[KIND_LOG_TIME] = read_log_time,
	[KIND_LOG_PRIORITY] = read_log_priority,
	[KIND_LOG_TEXT] = read_log_text,
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
	while (s.n > 0 && *word != '\0' && lower(*s.p) == lower(*word)) {
		s.p++;
		s.n--;
		word++;
	}
	return s.n == 0 && *word == '\0';
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

/* Not snprintf(), which takes ten times as long: most values are counters. */
static void
write_u64(uint64_t number, char *out)
{
	char digits[20], *p = digits + sizeof(digits);
	size_t n;

	do
		*--p = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	n = (size_t)(digits + sizeof(digits) - p);
	memcpy(out, p, n);
	out[n] = '\0';
}

static bool
read_text(struct span s, char *out)
{
	memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return true;
}

static bool
read_id(struct span s, char *out)
{
	return s.n <= ID_MAX && read_text(s, out);
}

/* Whether whole digits, the first not 0, are below what a double rounds to
 * infinity, 1.797693134862315807937e308; those closest to it do not pass. */
static bool
is_finite(struct span whole)
{
	static const char limit[] = "1797693134862315807";

	return whole.n <= DBL_MAX_10_EXP || (whole.n == DBL_MAX_10_EXP + 1 &&
	    memcmp(whole.p, limit, sizeof(limit) - 1) < 0);
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
	bool plus;

	plus = s.n > 0 && s.p[0] == '+';
	if (plus) {
		s.p++;
		s.n--;
	}
	if (!span_u64(span_digits(&s), &low))
		return false;
	if (!plus && s.n >= sizeof(times) - 1 &&
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
	write_u64((high << 32) + low, out);
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
		write_u64(total, out);
		return true;
	}
	return false;
}

/* A moment of the Gregorian calendar; the modem names no zone, so all are
 * taken as UTC. */
struct moment {
	uint64_t	year;		/* 1970 to 9999 */
	uint64_t	month;		/* 1 to 12 */
	uint64_t	day;
	uint64_t	hour;
	uint64_t	minute;
	uint64_t	second;
};

/* Write a moment as unix time; false if there is no such.  Not timegm(),
 * which is not everywhere and takes the 31st of June. */
static bool
write_moment(const struct moment *m, char *out)
{
	static const unsigned days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	bool leap = m->year % 4 == 0 &&
	    (m->year % 100 != 0 || m->year % 400 == 0);
	uint64_t past = m->year - 1, day, i;

	if (m->year < 1970 || m->year > 9999 || m->month < 1 ||
	    m->month > 12 || m->day < 1 ||
	    m->day > days[m->month - 1] + (m->month == 2 && leap) ||
	    m->hour > 23 || m->minute > 59 || m->second > 59)
		return false;
	/* Years since, and the leap days of all years before this one. */
	day = (m->year - 1970) * 365 + (past / 4 - past / 100 + past / 400) -
	    (1969 / 4 - 1969 / 100 + 1969 / 400) + m->day - 1;
	for (i = 1; i < m->month; i++)
		day += days[i - 1] + (i == 2 && leap);
	write_u64(((day * 24 + m->hour) * 60 + m->minute) * 60 + m->second,
	    out);
	return true;
}

/* `Thu Aug 01, 2024, 03:54:46`.  Not strptime(), which follows the locale. */
static bool
read_time(struct span s, char *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	uint64_t n[5];
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
	return write_moment(&(struct moment){ n[1], month + 1, n[0], n[2],
	    n[3], n[4] }, out);
}

/* `11/03/25 18:41:57`, month first; siblings write the year in full. */
static bool
read_log_time(struct span s, char *out)
{
	uint64_t n[6], year;

	if (match_numbers(s, "#/#/# #:#:#", n) != 6)
		return false;
	year = n[2];
	if (year < 100)
		year += year < 70 ? 2000 : 1900;
	return write_moment(&(struct moment){ year, n[0], n[1], n[3], n[4],
	    n[5] }, out);
}

/* The words of the log that siblings number (DOCS-EVENT: 1 to 8). */
static bool
read_log_priority(struct span s, char *out)
{
	static const char *const names[] = {
		"emergency", "alert", "critical", "error", "warning",
		"notice", "information", "debug",
	};
	size_t i;

	if (s.n == 1 && s.p[0] >= '1' && s.p[0] <= '8') {
		strcpy(out, names[s.p[0] - '1']);
		return true;
	}
	read_text(s, out);
	for (i = 0; i < s.n; i++)
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] = (char)(out[i] | 0x20);
	return true;
}

/* From `;CM-MAC=` on come the addresses of the modem and of the CMTS, which
 * are nobody's business. */
static bool
read_log_text(struct span s, char *out)
{
	char *end;

	read_text(s, out);
	end = strstr(out, ";CM-MAC=");
	if (end != NULL)
		read_text(span_trim((struct span){ s.p, (size_t)(end - out) }),
		    out);
	return true;
}

/*
 * `AUTH:authorized, TEK:operational`: the word after `name`, trimmed; empty if
 * there is none.
 */
static struct span
find_state(struct span s, const char *name)
{
	struct span state = { s.p, 0 };
	size_t length = strlen(name);

	for (; s.n >= length; s.p++, s.n--)
		if (compare_words(s.p, name, length) == 0) {
			state.p = s.p + length;
			while (state.n < s.n - length &&
			    state.p[state.n] != ',')
				state.n++;
			break;
		}
	return span_trim(state);
}

/* There is no BPI without both. */
static bool
read_states(struct span s, struct span *auth, struct span *tek)
{
	*auth = find_state(s, "AUTH:");
	*tek = find_state(s, "TEK:");
	return !is_placeholder(*auth) && !is_placeholder(*tek);
}

static bool
read_auth(struct span s, char *out)
{
	struct span auth, tek;

	return read_states(s, &auth, &tek) && read_text(auth, out);
}

static bool
read_tek(struct span s, char *out)
{
	struct span auth, tek;

	return read_states(s, &auth, &tek) && read_text(tek, out);
}

static bool
read_bpi(struct span s, char *out)
{
	struct span auth, tek;

	if (!read_states(s, &auth, &tek))
		return false;
	strcpy(out, span_is(auth, "authorized") &&
	    span_is(tek, "operational") ? "1" : "0");
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

/*
 * `2500Mbps` as bytes per second, exactly: the digits times 125, which is
 * 1000 / 8, and the point moved.
 */
static bool
read_speed(struct span s, char *out)
{
	static const struct {
		const char	*name;
		int		 thousands;	/* more than that of Kbps */
	} units[] = { { "Kbps", 0 }, { "Mbps", 1 }, { "Gbps", 2 } };
	struct span whole, fraction;
	char digits[VALUE_SIZE];
	uint64_t number;
	bool negative;
	size_t i, n;

	for (i = 0; i < 3; i++)
		if (s.n > 4 && span_is((struct span){ s.p + s.n - 4, 4 },
		    units[i].name))
			break;
	if (i == 3)
		return false;
	s.n -= 4;
	if (!split_decimal(span_trim(s), &negative, &whole, &fraction) ||
	    negative)
		return false;
	memcpy(digits, whole.p, whole.n);
	memcpy(digits + whole.n, fraction.p, fraction.n);
	n = whole.n + fraction.n;
	if (!span_u64((struct span){ digits, n }, &number) ||
	    number > UINT64_MAX / 125)
		return false;
	write_u64(number * 125, digits);
	return place_point(false, digits, (int)strlen(digits) -
	    (int)fraction.n + 3 * units[i].thousands, out);
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
