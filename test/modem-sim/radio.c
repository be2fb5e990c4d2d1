/* SPDX-License-Identifier: MIT */
/*
 * The four pages about channels. Values are a base from a table and, unless
 * still, a slow sum of sines that differs from channel to channel, quantised
 * the way the firmware does it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include <event2/buffer.h>

#include "pages.h"

/* Codewords per second of a locked channel, by the code of its modulation. */
#define CODEWORDS_64QAM		31581
#define CODEWORDS_256QAM	45446
#define CODEWORDS_OFDM		386200

struct downstream {
	int port;
	int channel;
	int mhz;
	int modulation;
	double power;
	double snr;
	int correcteds;
	int uncorrect;
};

struct upstream {
	int port;
	int channel;
	int hertz;
	int bandwidth;
	const char *modulation;
	double power;
};

struct ofdm {
	int receive;
	int hertz;
	double power;
	double snr;
	double correctable;	/* of its codewords */
};

static double	drift(const struct moment *, int channel, double size);
static double	snr_step(double snr);
static uint64_t	counted(const struct moment *, double per_second);
static void	counter_text(char *, size_t, uint64_t);

/* In port order, which is not the order of frequencies; ports have gaps. */
static const struct downstream downstreams[] = {
	{ 1, 12, 447, 2, 7.9, 37.636, 0, 0 },
	{ 3, 13, 453, 2, 7.7, 38.258, 0, 0 },
	{ 4, 14, 459, 2, 7.2, 38.258, 8, 0 },
	{ 5, 15, 465, 2, 7.4, 38.258, 3, 0 },
	{ 6, 16, 471, 2, 7.1, 37.936, 0, 0 },
	{ 7, 18, 477, 2, 7.4, 38.605, 64, 0 },
	{ 8, 19, 483, 2, 6.7, 38.258, 64, 0 },
	{ 9, 20, 489, 2, 6.7, 38.605, 17, 31 },
	{ 10, 21, 495, 2, 7.0, 37.936, 64, 0 },
	{ 11, 22, 501, 2, 6.9, 37.936, 0, 0 },
	{ 12, 23, 507, 2, 6.5, 38.605, 0, 0 },
	{ 13, 24, 513, 2, 6.7, 38.258, 17, 0 },
	{ 15, 25, 519, 2, 6.5, 37.936, 8, 0 },
	{ 16, 26, 525, 2, 6.6, 38.605, 0, 0 },
	{ 17, 1, 387, 2, 9.1, 38.600, 6421, 0 },
	{ 18, 2, 393, 2, 8.6, 37.636, 211, 0 },
	{ 19, 3, 399, 2, 8.2, 37.636, 211, 0 },
	{ 20, 4, 405, 2, 8.4, 37.356, 0, 0 },
	{ 21, 6, 411, 2, 8.1, 37.936, 8, 2 },
	{ 22, 7, 417, 2, 8.2, 37.936, 17, 0 },
	{ 23, 8, 423, 2, 7.9, 38.258, 211, 31 },
	{ 24, 9, 429, 2, 8.2, 38.258, 64, 2 },
	{ 25, 10, 435, 2, 7.8, 38.258, 17, 0 },
	{ 26, 11, 441, 2, 7.5, 38.258, 64, 31 },
	{ 28, 44, 783, 1, 1.8, 37.356, 0, 0 },
	{ 29, 43, 777, 2, 1.9, 37.636, 17, 9 },
	{ 30, 42, 771, 2, 2.2, 37.356, 8, 0 },
	{ 31, 41, 765, 2, 2.4, 37.356, 211, 0 },
	{ 32, 28, 531, 2, 6.4, 38.258, 0, 0 },
	{ 33, 29, 537, 2, 6.2, 38.605, 3, 2 },
	{ 34, 30, 543, 2, 5.8, 37.936, 17, 0 },
	{ 35, 31, 549, 2, 6.0, 38.258, 0, 0 },
};

static const struct upstream upstreams[] = {
	{ 1, 3, 30200000, 6400000, "64QAM", 40.0 },
	{ 2, 1, 17400000, 6400000, "64QAM", 41.2 },
	{ 3, 4, 36600000, 6400000, "64QAM", 39.25 },
	{ 4, 2, 23800000, 6400000, "64QAM", 40.5 },
	{ 6, 7, 11200000, 3200000, "16QAM", 42.75 },
};

static const struct ofdm ofdms[] = {
	{ 0, 279600000, 7.2, 40, 0.31 },
	{ 1, 741600000, 9.5, 39, 0.48 },
};

/* Within size, over minutes and hours, never the same for two channels. */
static double
drift(const struct moment *now, int channel, double size)
{
	double phase = channel * 0.7;
	double t = now->elapsed;

	if (now->still)
		return 0;
	return size * (0.5 * sin(t / 97 + phase) +
	    0.3 * sin(t / 31 + 2.3 * phase) +
	    0.2 * sin(t / 3600 + 0.4 * phase));
}

/*
 * The firmware measures noise as a small integer, hence steps of 0.3 dB near
 * 38 dB and of 1.2 dB near 44.
 */
static double
snr_step(double snr)
{
	const double top = 49.3973;
	double noise = round(pow(10, (top - snr) / 10));

	return top - 10 * log10(noise < 1 ? 1 : noise);
}

static uint64_t
counted(const struct moment *now, double per_second)
{
	return (uint64_t)(per_second * now->elapsed);
}

/* Beyond 32 bits in the firmware's own words, misspelling included. */
static void
counter_text(char *text, size_t size, uint64_t value)
{
	if (value > UINT32_MAX)
		snprintf(text, size, "%" PRIu64 " * 2e32 + %" PRIu64,
		    value >> 32, value & UINT32_MAX);
	else
		snprintf(text, size, "%" PRIu64, value);
}

void
radio_write_dsinfo(struct evbuffer *out, const struct moment *now)
{
	const size_t count = sizeof(downstreams) / sizeof(downstreams[0]);
	size_t i;

	evbuffer_add_printf(out, "[");
	for (i = 0; i < count; i++) {
		const struct downstream *d = &downstreams[i];
		double power = d->power + drift(now, d->channel, 0.6);
		double snr = d->snr + drift(now, d->channel + 50, 1.1);
		int pace = d->modulation == 1 ? CODEWORDS_64QAM :
		    CODEWORDS_256QAM;
		/* Channels were locked one after the other. */
		double locked = UPTIME_AT_START - 61.5 - 0.003 * d->port;
		char octets[64];

		counter_text(octets, sizeof(octets),
		    (uint64_t)(pace * locked) + counted(now, pace));
		evbuffer_add_printf(out, "%s{\"portId\":\"%d\","
		    "\"frequency\":\"%d\",\"modulation\":\"%d\","
		    "\"signalStrength\":\"%.3f\",\"snr\":\"%.3f\","
		    "\"dsoctets\":\"%s\",\"correcteds\":\"%" PRIu64 "\","
		    "\"uncorrect\":\"%" PRIu64 "\",\"channelId\":\"%d\"}",
		    i > 0 ? "," : "", d->port, d->mhz * 1000000,
		    d->modulation, round(power * 10) / 10,
		    now->still ? snr : snr_step(snr), octets,
		    (uint64_t)d->correcteds +
		    counted(now, 0.02 + 0.01 * (d->channel % 7)),
		    (uint64_t)d->uncorrect +
		    counted(now, 0.0004 * (d->channel % 3)), d->channel);
	}
	evbuffer_add_printf(out, "]\n");
}

void
radio_write_usinfo(struct evbuffer *out, const struct moment *now)
{
	const size_t count = sizeof(upstreams) / sizeof(upstreams[0]);
	size_t i;

	evbuffer_add_printf(out, "[");
	for (i = 0; i < count; i++) {
		const struct upstream *u = &upstreams[i];
		double power = u->power;

		if (!now->still)
			power = round((power +
			    drift(now, u->channel + 100, 0.8)) * 4) / 4;
		evbuffer_add_printf(out, "%s{\"portId\":\"%d\","
		    "\"frequency\":\"%d\",\"bandwidth\":\"%d\","
		    "\"modtype\":\"%s\",\"scdmaMode\":\"ATDMA\","
		    "\"signalStrength\":\"%.3f\",\"channelId\":\"%d\"}",
		    i > 0 ? "," : "", u->port, u->hertz, u->bandwidth,
		    u->modulation, power, u->channel);
	}
	evbuffer_add_printf(out, "]\n");
}

void
radio_write_dsofdminfo(struct evbuffer *out, const struct moment *now)
{
	const size_t count = sizeof(ofdms) / sizeof(ofdms[0]);
	size_t i;

	evbuffer_add_printf(out, "[");
	for (i = 0; i < count; i++) {
		const struct ofdm *o = &ofdms[i];
		double power = o->power + drift(now, o->receive + 200, 0.6);
		double snr = o->snr + drift(now, o->receive + 210, 1.2);
		uint64_t words = UINT64_C(41987654321) +
		    counted(now, CODEWORDS_OFDM);

		power = round(power * 10) / 10;
		if (!now->still)	/* the noise of a small float */
			power += round(drift(now, o->receive + 220, 6)) / 1e6;
		evbuffer_add_printf(out, "%s{\"receive\":\"%d\","
		    "\"ffttype\":\"4K\",\"Subcarr0freqFreq\":\"%10d\","
		    "\"plclock\":\"YES\",\"ncplock\":\"YES\","
		    "\"mdc1lock\":\"YES\",\"plcpower\":\"%.6f\","
		    "\"SNR\":\"%.0f\",\"dsoctets\":\"%" PRIu64 "\","
		    "\"correcteds\":\"%" PRIu64 "\",\"uncorrect\":\"%" PRIu64
		    "\"}", i > 0 ? "," : "", o->receive, o->hertz, power, snr,
		    words, (uint64_t)((double)words * o->correctable),
		    UINT64_C(214) + counted(now, 0.0003));
	}
	evbuffer_add_printf(out, "]\n");
}

void
radio_write_usofdminfo(struct evbuffer *out, const struct moment *now)
{
	const double width = 36.8;
	double power = 41.5;

	if (!now->still)
		power = round((power + drift(now, 300, 0.8)) * 4) / 4;
	evbuffer_add_printf(out, "[{\"uschindex\":\"0\","
	    "\"state\":\"%10s\",\"frequency\":\"45600000\","
	    "\"digAtten\":\"%10.4f\",\"digAttenBo\":\"%10.4f\","
	    "\"channelBw\":\"%10.4f\",\"repPower\":\"%10.4f\","
	    "\"repPower1_6\":\"%10.4f\",\"fftVal\":\"2K\"},",
	    "OPERATE", 0.1732, 4.9018, width,
	    power + 10 * log10(width / 1.6), power);
	evbuffer_add_printf(out, "{\"uschindex\":\"1\","
	    "\"state\":\"%10s\",\"frequency\":\"0\","
	    "\"digAtten\":\"%10.4f\",\"digAttenBo\":\"%10.4f\","
	    "\"channelBw\":\"%10.4f\",\"repPower\":\"%10.4f\","
	    "\"repPower1_6\":\"%10.4f\",\"fftVal\":\"2K\"}]\n",
	    "DISABLED", 0.0, 0.0, 0.0, 0.0, 0.0);
}
