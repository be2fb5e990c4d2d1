/* SPDX-License-Identifier: MIT */

/*
 * The tables that people are shown, and their cells as text.
 */

#include "sheet.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMN(name, heading, kind, member) \
	{ heading, CELL_##kind, offsetof(struct cm_##name, member), \
	    CM_MEASURE_COUNT }
#define JUDGED(name, heading, kind, member, measure) \
	{ heading, CELL_##kind, offsetof(struct cm_##name, member), \
	    CM_##measure }

static const struct column system_columns[] = {
	COLUMN(system, "Vendor", TEXT, vendor),
	COLUMN(system, "Model", TEXT, model),
	COLUMN(system, "Hardware", TEXT, hardware_version),
	COLUMN(system, "Firmware", TEXT, software_version),
	COLUMN(system, "Serial number", TEXT, serial_number),
	COLUMN(system, "MAC address", TEXT, rf_mac),
	COLUMN(system, "Up for", PERIOD, uptime),
	COLUMN(system, "Its clock", DATE, time),
};

static const struct column wan_columns[] = {
	COLUMN(wan, "Address", TEXT, ip_address),
	COLUMN(wan, "Netmask", TEXT, netmask),
	COLUMN(wan, "Gateway", TEXT, gateway),
	COLUMN(wan, "Configuration", TEXT, config_name),
	COLUMN(wan, "Access permitted", YES, network_access),
	COLUMN(wan, "Lease", PERIOD, lease),
};

static const struct column init_columns[] = {
	COLUMN(init, "Hardware", YES, hw_init),
	COLUMN(init, "Downstream found", YES, find_downstream),
	COLUMN(init, "Ranging", YES, ranging),
	COLUMN(init, "Address", YES, dhcp),
	COLUMN(init, "Time of day", YES, time_of_day),
	COLUMN(init, "Configuration", YES, download_config),
	COLUMN(init, "Registration", YES, registration),
	COLUMN(init, "Privacy", YES, bpi_operational),
	COLUMN(init, "Traffic enabled", YES, traffic),
};

static const struct column link_columns[] = {
	COLUMN(link, "Port", TEXT, port),
	COLUMN(link, "Up", YES, up),
	/* The verdict judges the fastest: another device may well be slow. */
	COLUMN(link, "Gbit/s", GBITS, speed),
	COLUMN(link, "Full duplex", YES, full_duplex),
};

static const struct column downstream_columns[] = {
	COLUMN(downstream, "Channel", TEXT, channel),
	COLUMN(downstream, "MHz", MHZ, frequency),
	JUDGED(downstream, "Power, dBmV", LEVEL, power, DOWNSTREAM_POWER),
	JUDGED(downstream, "SNR, dB", LEVEL, snr, DOWNSTREAM_SNR_256QAM),
	JUDGED(downstream, "Lost", COUNT, uncorrectable, CODEWORDS_LOST),
	COLUMN(downstream, "Corrected", COUNT, corrected),
	COLUMN(downstream, "Modulation", TEXT, modulation),
};

static const struct column ofdm_columns[] = {
	COLUMN(ofdm, "Receiver", TEXT, channel),
	COLUMN(ofdm, "From MHz", MHZ, frequency),
	JUDGED(ofdm, "Power, dBmV", LEVEL, power, OFDM_POWER),
	JUDGED(ofdm, "SNR, dB", LEVEL, snr, OFDM_SNR),
	JUDGED(ofdm, "Lost", COUNT, uncorrectable, CODEWORDS_LOST),
	COLUMN(ofdm, "Corrected", COUNT, corrected),
	COLUMN(ofdm, "PLC", YES, plc_lock),
	COLUMN(ofdm, "NCP", YES, ncp_lock),
	COLUMN(ofdm, "MDC1", YES, mdc1_lock),
	COLUMN(ofdm, "FFT", TEXT, fft),
};

static const struct column upstream_columns[] = {
	COLUMN(upstream, "Channel", TEXT, channel),
	COLUMN(upstream, "MHz", MHZ, frequency),
	JUDGED(upstream, "Power, dBmV", LEVEL, power, UPSTREAM_POWER),
	COLUMN(upstream, "Width, MHz", MHZ, bandwidth),
	COLUMN(upstream, "Modulation", TEXT, modulation),
	COLUMN(upstream, "Mode", TEXT, mode),
};

static const struct column ofdma_columns[] = {
	COLUMN(ofdma, "Channel", TEXT, channel),
	COLUMN(ofdma, "MHz", MHZ, frequency),
	JUDGED(ofdma, "Power in 1.6 MHz, dBmV", LEVEL, power_1_6mhz,
	    OFDMA_POWER),
	COLUMN(ofdma, "In all, dBmV", LEVEL, power),
	COLUMN(ofdma, "Width, MHz", MHZ, bandwidth),
	COLUMN(ofdma, "FFT", TEXT, fft),
	COLUMN(ofdma, "State", TEXT, state),
};

static const struct column event_columns[] = {
	COLUMN(event, "Time", DATE, time),
	COLUMN(event, "Priority", TEXT, priority),
	COLUMN(event, "Event", TEXT, text),
};

static const struct column page_columns[] = {
	COLUMN(page, "Page", TEXT, endpoint),
	COLUMN(page, "Read", YES, success),
	COLUMN(page, "Failure", TEXT, reason),
	COLUMN(page, "Time, ms", MS, duration),
	COLUMN(page, "Bytes", COUNT, bytes),
	COLUMN(page, "Age, s", RARE, age),
	COLUMN(page, "Rejected", RARE, rejected),
};

#define FITS(name) (sizeof(name##_columns) <= \
	COLUMNS_MAX * sizeof(struct column))
static_assert(FITS(system) && FITS(wan) && FITS(init) && FITS(link) &&
    FITS(downstream) && FITS(ofdm) && FITS(upstream) && FITS(ofdma) &&
    FITS(event) && FITS(page), "a sheet has too many columns");

#define SHEET(title, NAME, name, single) { title, CM_RECORD_##NAME, single, \
	name##_columns, sizeof(name##_columns) / sizeof(name##_columns[0]) }

const struct sheet sheets[SHEET_COUNT] = {
	[SHEET_SYSTEM] = SHEET("The modem", SYSTEM, system, true),
	[SHEET_WAN] = SHEET("Its address", WAN, wan, true),
	[SHEET_INIT] = SHEET("Coming online", INIT, init, true),
	[SHEET_LINK] = SHEET("Ports", LINK, link, false),
	[SHEET_DOWNSTREAM] = SHEET("Downstream channels", DOWNSTREAM,
	    downstream, false),
	[SHEET_OFDM] = SHEET("Downstream OFDM", OFDM, ofdm, false),
	[SHEET_UPSTREAM] = SHEET("Upstream channels", UPSTREAM, upstream,
	    false),
	[SHEET_OFDMA] = SHEET("Upstream OFDMA", OFDMA, ofdma, false),
	[SHEET_EVENT] = SHEET("Event log", EVENT, event, false),
	[SHEET_PAGE] = SHEET("Pages asked for", PAGE, page, false),
};

bool
sheet_anything(const struct cm_snapshot *s)
{
	const struct cm_page *page;
	unsigned i;

	for (i = 0; (page = cm_snapshot_page(s, i)) != NULL; i++)
		if (strcmp(page->success, "1") == 0)
			return true;
	return false;
}

/* As much as there is room for, never a part of a character. */
static void
copy(char *to, const char *text)
{
	static const char dots[] = "...";
	size_t n = strlen(text);

	if (n < CELL_SIZE) {
		memcpy(to, text, n + 1);
		return;
	}
	for (n = CELL_SIZE - sizeof(dots); n > 0 && (text[n] & 0xc0) == 0x80;
	    n--)
		;
	memcpy(to, text, n);
	memcpy(to + n, dots, sizeof(dots));
}

/* 12345 as 12 345. */
static void
write_count(char *to, const char *text)
{
	size_t n = strlen(text);

	if (n > CELL_SIZE / 2) {
		copy(to, text);
		return;
	}
	for (; n > 0; n--) {
		*to++ = *text++;
		if (n % 3 == 1 && n > 1)
			*to++ = ' ';
	}
	*to = '\0';
}

static void
write_period(char *to, const char *text)
{
	int64_t s = strtoll(text, NULL, 10);
	int64_t days = s / 86400;

	if (days > 0)
		snprintf(to, CELL_SIZE, "%" PRId64 " d %d h", days,
		    (int)(s / 3600 % 24));
	else
		snprintf(to, CELL_SIZE, "%d h %d min", (int)(s / 3600 % 24),
		    (int)(s / 60 % 60));
}

static void
write_date(char *to, const char *text)
{
	time_t time = (time_t)strtoll(text, NULL, 10);
	struct tm tm;

	if (gmtime_r(&time, &tm) == NULL ||
	    strftime(to, CELL_SIZE, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		copy(to, text);
}

const char *
cell_text(const struct column *column, const void *row, char *to)
{
	const char *text = cm_row_text(row, column->at);

	to[0] = '\0';
	if (text == NULL)
		return to;
	switch (column->cell) {
	case CELL_TEXT:
		copy(to, text);
		break;
	case CELL_LEVEL:
		snprintf(to, CELL_SIZE, "%.2f", strtod(text, NULL));
		break;
	case CELL_COUNT:
		write_count(to, text);
		break;
	case CELL_RARE:
		if (strcmp(text, "0") != 0)
			copy(to, text);
		break;
	case CELL_MS:
		snprintf(to, CELL_SIZE, "%.1f", strtod(text, NULL) * 1e3);
		break;
	case CELL_MHZ:
		snprintf(to, CELL_SIZE, "%.6g", strtod(text, NULL) / 1e6);
		break;
	case CELL_GBITS:
		snprintf(to, CELL_SIZE, "%.6g", strtod(text, NULL) * 8 / 1e9);
		break;
	case CELL_PERIOD:
		write_period(to, text);
		break;
	case CELL_DATE:
		write_date(to, text);
		break;
	case CELL_YES:
		strcpy(to, strcmp(text, "0") == 0 ? "no" : "yes");
		break;
	}
	return to;
}

enum cm_grade
cell_grade(const struct sheet *sheet, const struct column *column,
    const void *row)
{
	if (column->measure == CM_MEASURE_COUNT)
		return CM_UNKNOWN;
	if (column->measure == CM_CODEWORDS_LOST)
		return cm_grade_lost(sheet->record, row);
	return cm_grade(cm_measure_of(column->measure, row),
	    cm_row_text(row, column->at));
}

bool
column_is_number(const struct column *column)
{
	return column->cell >= CELL_LEVEL;
}

bool
column_is_there(const struct sheet *sheet, const struct column *column,
    const struct cm_snapshot *s)
{
	char text[CELL_SIZE];
	const void *row;
	unsigned i;

	for (i = 0; (row = cm_snapshot_row(s, sheet->record, i)) != NULL; i++)
		if (*cell_text(column, row, text) != '\0')
			return true;
	return false;
}
