/* SPDX-License-Identifier: MIT */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The modem's texts as values.  The formats are those that firmware 7.2.4 and
 * 7.3.5 of the CODA-45 and CODA-56, and related models, were seen to send.
 */

/* How a field's text is read; see cablemodem_fields.h. */
enum kind {
	KIND_OURS,
	KIND_TEXT,
	KIND_ID,
	KIND_PORT,
	KIND_DECIMAL,
	KIND_HERTZ,
	KIND_MEGAHERTZ,
	KIND_COUNTER,
	KIND_DURATION,
	KIND_TIME,
	KIND_MODULATION,
	KIND_SPEED,
	KIND_AUTH,
	KIND_TEK,
	KIND_BPI,
	KIND_LOG_TIME,
	KIND_LOG_PRIORITY,
	KIND_LOG_TEXT,
	KIND_PLACE,
	KIND_IS
};

enum value_result {
	VALUE_OK,
	VALUE_NONE,	/* a placeholder: the modem says that it has none */
	VALUE_BAD	/* neither a value nor a placeholder */
};

/* The longest text that is a value, and one that names a row, which stands at
 * each of its samples; longer ones are VALUE_BAD. */
#define VALUE_MAX	1024
#define ID_MAX		32
/* Room for a value: moving MHz to Hz may add seven characters. */
#define VALUE_SIZE	(VALUE_MAX + 8)

/*
 * Read `length` bytes of UTF-8 as `kind` (KIND_IS: compared with `word`) and
 * write the value into `out`, which holds VALUE_SIZE bytes: the text itself
 * for texts, a plain decimal for numbers, "0" or "1" for KIND_IS.
 */
enum value_result	 value_read(enum kind kind, const char *word,
			    const char *text, size_t length, char *out);

/* The shortest decimal, without exponent, that reads back as `number`, into
 * `out` of VALUE_SIZE.  False if the number is not finite. */
bool			 value_from_double(double number, char *out);

/* Whether a decimal as value_read() writes it is above 0. */
bool			 value_is_positive(const char *decimal);

#endif
