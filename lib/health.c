/* SPDX-License-Identifier: MIT */

/*
 * Is a line well?  Thresholds, and the verdict on a snapshot.
 */

#include "cablemodem_health.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eventlog.h"
#include "model.h"
#include "record.h"

#define HOUR		3600
#define NAME_SIZE	64	/* of a channel in a sentence */

#define NONE		HUGE_VAL
#define FROM(low)	{ low, NONE }
#define UP_TO(high)	{ -NONE, high }
#define ANY		{ -NONE, NONE }

static const struct cm_thresholds thresholds[CM_MEASURE_COUNT] = {
	[CM_DOWNSTREAM_POWER] = { "downstream power, QAM, dBmV", "dBmV",
	    { -7, 7 }, { -10, 12 }, { -15, 15 } },
	[CM_DOWNSTREAM_SNR_256QAM] = { "downstream SNR, 256QAM, dB", "dB",
	    FROM(35), FROM(31), FROM(30) },
	[CM_DOWNSTREAM_SNR_64QAM] = { "downstream SNR, 64QAM, dB", "dB",
	    FROM(27), FROM(25), FROM(25) },
	[CM_UPSTREAM_POWER] = { "upstream power, QAM, dBmV", "dBmV",
	    { 35, 49 }, { 30, 51 }, { 30, 51 } },
	[CM_OFDM_POWER] = { "OFDM power (PLC), dBmV", "dBmV",
	    { -12, 12 }, { -15, 15 }, { -15, 15 } },
	[CM_OFDM_SNR] = { "OFDM SNR (RxMER), dB", "dB",
	    FROM(35), FROM(30), FROM(30) },
	[CM_OFDMA_POWER] = { "OFDMA power in 1.6 MHz, dBmV", "dBmV",
	    { 38, 48 }, { 38, 48 }, { 38, 48 } },
	[CM_CODEWORDS_LOST] = { "codewords lost, as a share of all", "",
	    UP_TO(0.000001), UP_TO(0.000001), UP_TO(0.01) },
	[CM_RANGING_TIMEOUTS] = { "T3 and T4 time-outs that come into the "
	    "event log in an hour", "", UP_TO(0), UP_TO(2), UP_TO(2) },
	[CM_PARTIAL_SERVICE] = { "partial service that comes into the event "
	    "log in an hour", "", UP_TO(0), UP_TO(0), UP_TO(0) },
	[CM_UPTIME] = { "uptime, seconds", "seconds", FROM(HOUR), ANY, ANY },
	[CM_LINK_SPEED] = { "speed of the port to the router, bytes a second",
	    "bytes a second", FROM(312500000), FROM(125000000),
	    FROM(125000000) },
};

static const char *const words[CM_GRADE_COUNT] = {
	[CM_UNKNOWN] = "unknown",
	[CM_GOOD] = "good",
	[CM_TOLERABLE] = "tolerable",
	[CM_BAD] = "bad",
	[CM_CRITICAL] = "critical",
};

static const char *const verdicts[CM_GRADE_COUNT] = {
	[CM_UNKNOWN] = "Too little could be read to judge the line.",
	[CM_GOOD] = "The line is healthy.",
	[CM_TOLERABLE] = "The line works, and is worth a look.",
	[CM_BAD] = "The line is not well.",
	[CM_CRITICAL] = "The line is in trouble, and users will notice.",
};

/* Levels that each channel has, and the member that says them. */
static const struct level {
	enum cm_measure	 measure;
	enum cm_record	 record;
	size_t		 at;
	const char	*what;
} levels[] = {
	{ CM_DOWNSTREAM_POWER, CM_RECORD_DOWNSTREAM,
	    offsetof(struct cm_downstream, power), "Downstream power" },
	{ CM_DOWNSTREAM_SNR_256QAM, CM_RECORD_DOWNSTREAM,
	    offsetof(struct cm_downstream, snr), "Downstream SNR" },
	{ CM_DOWNSTREAM_SNR_64QAM, CM_RECORD_DOWNSTREAM,
	    offsetof(struct cm_downstream, snr), "Downstream SNR of 64QAM" },
	{ CM_OFDM_POWER, CM_RECORD_OFDM,
	    offsetof(struct cm_ofdm, power), "OFDM power" },
	{ CM_OFDM_SNR, CM_RECORD_OFDM,
	    offsetof(struct cm_ofdm, snr), "OFDM SNR" },
	{ CM_UPSTREAM_POWER, CM_RECORD_UPSTREAM,
	    offsetof(struct cm_upstream, power), "Upstream power" },
	{ CM_OFDMA_POWER, CM_RECORD_OFDMA,
	    offsetof(struct cm_ofdma, power_1_6mhz), "OFDMA power" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void	judge_pages(const struct cm_snapshot *, struct cm_health *);
static void	judge_uptime(const struct cm_snapshot *, struct cm_health *);
static void	judge_access(const struct cm_snapshot *, struct cm_health *);
static void	judge_start(const struct cm_snapshot *, struct cm_health *);
static void	judge_channels(const struct cm_snapshot *,
		    struct cm_health *);
static void	judge_level(const struct cm_snapshot *, const struct level *,
		    struct cm_health *);
static void	judge_codewords(const struct cm_snapshot *, enum cm_record,
		    struct cm_health *);
static void	judge_events(const struct cm_snapshot *, struct cm_health *);
static void	judge_links(const struct cm_snapshot *, struct cm_health *);

const char *
cm_grade_word(enum cm_grade grade)
{
	return words[grade];
}

const char *
cm_health_words(enum cm_grade grade)
{
	return verdicts[grade];
}

const struct cm_thresholds *
cm_thresholds(enum cm_measure measure)
{
	return &thresholds[measure];
}

static bool
within(struct cm_range range, double number)
{
	return number >= range.low && number <= range.high;
}

static enum cm_grade
grade_number(enum cm_measure measure, double number)
{
	const struct cm_thresholds *t = &thresholds[measure];

	if (within(t->good, number))
		return CM_GOOD;
	if (within(t->tolerable, number))
		return CM_TOLERABLE;
	if (within(t->bad, number) || (t->bad.low == t->tolerable.low &&
	    t->bad.high == t->tolerable.high))
		return CM_BAD;
	return CM_CRITICAL;
}

enum cm_grade
cm_grade(enum cm_measure measure, const char *value)
{
	return value == NULL ? CM_UNKNOWN :
	    grade_number(measure, strtod(value, NULL));
}

enum cm_measure
cm_measure_of(enum cm_measure measure, const void *row)
{
	const struct cm_downstream *down = row;

	if (measure != CM_DOWNSTREAM_SNR_256QAM &&
	    measure != CM_DOWNSTREAM_SNR_64QAM)
		return measure;
	return down->modulation != NULL &&
	    strcmp(down->modulation, "64QAM") == 0 ?
	    CM_DOWNSTREAM_SNR_64QAM : CM_DOWNSTREAM_SNR_256QAM;
}

void
cm_health(const struct cm_snapshot *s, struct cm_health *health)
{
	size_t i;

	health->grade = CM_UNKNOWN;
	health->count = 0;
	judge_pages(s, health);
	judge_uptime(s, health);
	judge_access(s, health);
	judge_start(s, health);
	judge_channels(s, health);
	for (i = 0; i < COUNT(levels); i++)
		judge_level(s, &levels[i], health);
	judge_codewords(s, CM_RECORD_DOWNSTREAM, health);
	judge_codewords(s, CM_RECORD_OFDM, health);
	judge_events(s, health);
	judge_links(s, health);
	if (cm_snapshot_reason(s) != CM_OK && health->grade < CM_BAD)
		health->grade = CM_UNKNOWN;
}

/* Insert a finding after those that are as bad or worse.  What is unknown comes
 * before what is good. */
static void CM_PRINTF(3, 4)
add_finding(struct cm_health *health, enum cm_grade grade, const char *fmt, ...)
{
	struct cm_finding *f = health->findings;
	unsigned i, last = health->count;
	va_list ap;

	if (last == CM_FINDINGS)
		return;
	for (i = 0; i < last && (f[i].grade >= grade ||
	    (f[i].grade == CM_UNKNOWN && grade == CM_GOOD)); i++)
		;
	memmove(&f[i + 1], &f[i], (last - i) * sizeof(f[0]));
	f[i].grade = grade;
	va_start(ap, fmt);
	vsnprintf(f[i].text, sizeof(f[i].text), fmt, ap);
	va_end(ap);
	health->count++;
	if (grade > health->grade)
		health->grade = grade;
}

static bool
is_zero(const char *text)
{
	return text != NULL && strcmp(text, "0") == 0;
}

/* Name the pages that are missing, unless none was read at all: then there is
 * nothing to judge. */
static void
judge_pages(const struct cm_snapshot *s, struct cm_health *health)
{
	static const char *const told[CM_ENDPOINT_COUNT] = {
		[CM_DSINFO] = "downstream channels",
		[CM_USINFO] = "upstream channels",
		[CM_DSOFDMINFO] = "downstream OFDM",
		[CM_USOFDMINFO] = "upstream OFDMA",
		[CM_GETCMDOCSISWAN] = "network access",
		[CM_GETSYSINFO] = "uptime, and the last hour of the event log",
		[CM_GETCMINIT] = "coming online",
		[CM_GETLINKSTATUS] = "ports",
		[CM_STATUS_LOG] = "the event log",
	};
	const struct cm_page *page;
	enum cm_endpoint k;
	bool any = false;
	unsigned i;

	for (i = 0; (page = cm_snapshot_page(s, i)) != NULL; i++)
		any = any || !is_zero(page->success);
	for (i = 0; any && (page = cm_snapshot_page(s, i)) != NULL; i++)
		for (k = 0; k < CM_ENDPOINT_COUNT; k++)
			if (is_zero(page->success) &&
			    strcmp(endpoints[k].name, page->endpoint) == 0)
				add_finding(health, CM_UNKNOWN, "The page %s "
				    "could not be read (%s).%s%s%s",
				    page->endpoint, page->reason != NULL ?
				    page->reason : "",
				    told[k] != NULL ? " Not judged: " : "",
				    told[k] != NULL ? told[k] : "",
				    told[k] != NULL ? "." : "");
}

/* Soon after a start, counters and event log say little about the line. */
static void
judge_uptime(const struct cm_snapshot *s, struct cm_health *health)
{
	const char *uptime = cm_snapshot_system(s, 0)->uptime;
	enum cm_grade grade = cm_grade(CM_UPTIME, uptime);

	if (grade > CM_GOOD)
		add_finding(health, grade, "The modem started %.0f minutes "
		    "ago.", floor(strtod(uptime, NULL) / 60));
}

static void
judge_access(const struct cm_snapshot *s, struct cm_health *health)
{
	if (is_zero(cm_snapshot_wan(s, 0)->network_access) ||
	    is_zero(cm_snapshot_init(s, 0)->network_access))
		add_finding(health, CM_CRITICAL,
		    "The operator denies the modem network access.");
}

/* Report only the first stage that is not done: the later ones depend on
 * it. */
static void
judge_start(const struct cm_snapshot *s, struct cm_health *health)
{
	static const struct {
		size_t		 at;
		const char	*what;
	} stages[] = {
#define STAGE(member, what) { offsetof(struct cm_init, member), what }
		STAGE(hw_init, "its hardware"),
		STAGE(find_downstream, "finding a downstream channel"),
		STAGE(ranging, "ranging"),
		STAGE(dhcp, "getting an address"),
		STAGE(time_of_day, "getting the time of day"),
		STAGE(download_config, "loading its configuration"),
		STAGE(registration, "registration"),
#undef STAGE
	};
	const void *row = cm_snapshot_row(s, CM_RECORD_INIT, 0);
	size_t i;

	for (i = 0; i < COUNT(stages); i++)
		if (is_zero(cm_row_text(row, stages[i].at))) {
			add_finding(health, CM_BAD, "The modem is not online "
			    "yet: %s is not done.", stages[i].what);
			return;
		}
}

/* The name of a channel or port, escaped, for a sentence. */
static const char *
name_of(char *name, const void *row)
{
	const char *id = cm_row_text(row, 0);

	cm_escape(name, NAME_SIZE, id != NULL ? id : "?");
	return name;
}

/* An OFDM receiver without any lock is not in use; one with some of its locks
 * has trouble. */
static void
judge_channels(const struct cm_snapshot *s, struct cm_health *health)
{
	const struct cm_downstream *down;
	const struct cm_upstream *up;
	const struct cm_ofdm *ofdm;
	const struct cm_ofdma *ofdma;
	unsigned i, downs = 0, ups = 0;
	bool plc, ncp, mdc1;
	char name[NAME_SIZE];

	for (i = 0; (down = cm_snapshot_downstream(s, i)) != NULL; i++)
		downs += down->frequency != NULL;
	for (i = 0; (up = cm_snapshot_upstream(s, i)) != NULL; i++)
		ups += up->frequency != NULL;
	for (i = 0; (ofdm = cm_snapshot_ofdm(s, i)) != NULL; i++) {
		plc = !is_zero(ofdm->plc_lock);
		ncp = !is_zero(ofdm->ncp_lock);
		mdc1 = !is_zero(ofdm->mdc1_lock);
		downs += plc;
		if ((plc || ncp || mdc1) && !(plc && ncp && mdc1))
			add_finding(health, CM_BAD, "OFDM receiver %s has "
			    "only a part of its lock; missing:%s%s%s.",
			    name_of(name, ofdm), plc ? "" : " PLC",
			    ncp ? "" : " NCP", mdc1 ? "" : " MDC1");
	}
	for (i = 0; (ofdma = cm_snapshot_ofdma(s, i)) != NULL; i++)
		ups += !is_zero(ofdma->operational);
	if (s->rows[CM_RECORD_DOWNSTREAM].read && downs == 0)
		add_finding(health, CM_CRITICAL,
		    "The modem has no downstream channel.");
	if (s->rows[CM_RECORD_UPSTREAM].read && ups == 0)
		add_finding(health, CM_CRITICAL,
		    "The modem has no upstream channel.");
}

/* `-7 to 7 is` good, `35 and more is` good. */
static const char *
good_words(char *text, size_t size, const struct cm_thresholds *t)
{
	if (isinf(t->good.high))
		snprintf(text, size, "%g and more is", t->good.low);
	else
		snprintf(text, size, "%g to %g is", t->good.low, t->good.high);
	return text;
}

/* How far a value is from what is good; below 0 within. */
static double
distance(const struct cm_range *good, double number)
{
	return fmax(good->low - number, number - good->high);
}

static void
judge_level(const struct cm_snapshot *s, const struct level *level,
    struct cm_health *health)
{
	const struct cm_thresholds *t = &thresholds[level->measure];
	double number, lowest = NONE, highest = -NONE, worst = 0;
	unsigned i, count = 0, tolerable = 0, bad = 0;
	const void *row, *worst_row = NULL;
	const char *text;
	enum cm_grade grade, most = CM_UNKNOWN;
	char name[NAME_SIZE], good[64], where[64] = "";

	for (i = 0; (row = cm_snapshot_row(s, level->record, i)) != NULL;
	    i++) {
		text = cm_row_text(row, level->at);
		if (text == NULL ||
		    cm_measure_of(level->measure, row) != level->measure)
			continue;
		number = strtod(text, NULL);
		grade = grade_number(level->measure, number);
		count++;
		tolerable += grade == CM_TOLERABLE;
		bad += grade > CM_TOLERABLE;
		lowest = fmin(lowest, number);
		highest = fmax(highest, number);
		if (worst_row == NULL || grade > most || (grade == most &&
		    distance(&t->good, number) > distance(&t->good, worst))) {
			most = grade;
			worst = number;
			worst_row = row;
		}
	}
	if (count == 0)
		return;
	if (most == CM_GOOD && count > 1)
		add_finding(health, most, "%s is good on all %u channels, "
		    "%.4g to %.4g %s.", level->what, count, lowest, highest,
		    t->unit);
	else if (most == CM_GOOD)
		add_finding(health, most, "%s is good on channel %s, %.4g %s.",
		    level->what, name_of(name, worst_row), worst, t->unit);
	else {
		if (count > 1)
			snprintf(where, sizeof(where), "on %u of %u channels, "
			    "worst ", bad > 0 ? bad : tolerable, count);
		add_finding(health, most, "%s is %s %son channel %s with "
		    "%.4g %s; %s good.", level->what, bad > 0 ? "out of range" :
		    "not at its best", where, name_of(name, worst_row), worst,
		    t->unit, good_words(good, sizeof(good), t));
	}
}

/* The share of a channel's codewords that were lost; negative if unknown. */
static double
lost_share(enum cm_record record, const void *row)
{
	const struct cm_downstream *down = row;
	const struct cm_ofdm *ofdm = row;
	bool is_ofdm = record == CM_RECORD_OFDM;
	const char *good = is_ofdm ? ofdm->octets : down->octets;
	const char *corrected = is_ofdm ? ofdm->corrected : down->corrected;
	const char *lost = is_ofdm ? ofdm->uncorrectable :
	    down->uncorrectable;
	double all;

	if (good == NULL || corrected == NULL || lost == NULL)
		return -1;
	all = strtod(good, NULL) + strtod(corrected, NULL) +
	    strtod(lost, NULL);
	return all > 0 ? strtod(lost, NULL) / all : -1;
}

enum cm_grade
cm_grade_lost(enum cm_record record, const void *row)
{
	double share = lost_share(record, row);

	return share < 0 ? CM_UNKNOWN : grade_number(CM_CODEWORDS_LOST, share);
}

static void
judge_codewords(const struct cm_snapshot *s, enum cm_record record,
    struct cm_health *health)
{
	const char *kind = record == CM_RECORD_OFDM ? "OFDM" : "Downstream";
	double limit = thresholds[CM_CODEWORDS_LOST].good.high;
	const void *row, *worst_row = NULL;
	double share, worst = -1;
	enum cm_grade grade;
	char name[NAME_SIZE];
	unsigned i;

	for (i = 0; (row = cm_snapshot_row(s, record, i)) != NULL; i++) {
		share = lost_share(record, row);
		if (share > worst) {
			worst = share;
			worst_row = row;
		}
	}
	if (worst_row == NULL)
		return;
	grade = grade_number(CM_CODEWORDS_LOST, worst);
	if (grade == CM_GOOD)
		add_finding(health, grade, "%s codewords lost since the "
		    "counters began: less than %g %% on each channel.", kind,
		    limit * 100);
	else
		add_finding(health, grade, "%s codewords lost since the "
		    "counters began: %.2g %% on channel %s; less than %g %% "
		    "is good.", kind, worst * 100, name_of(name, worst_row),
		    limit * 100);
}

/* The age of a row is taken by the modem's clock, as its time is. */
static void
judge_events(const struct cm_snapshot *s, struct cm_health *health)
{
	const char *clock = cm_snapshot_system(s, 0)->time;
	const struct cm_event *event;
	unsigned i, all = 0, recent = 0, partial = 0;
	const char *kind;
	int64_t now, then;
	bool is_recent;

	if (!s->rows[CM_RECORD_EVENT].read || clock == NULL)
		return;
	now = strtoll(clock, NULL, 10);
	for (i = 0; (event = cm_snapshot_event(s, i)) != NULL; i++) {
		kind = eventlog_kind(event);
		then = event->time != NULL ?
		    strtoll(event->time, NULL, 10) : 0;
		is_recent = then > 0 && then <= now && now - then < HOUR;
		if (strcmp(kind, "partial_service") == 0)
			partial += is_recent;
		else if (strcmp(kind, "t3_timeout") == 0 ||
		    strcmp(kind, "t4_timeout") == 0) {
			all++;
			recent += is_recent;
		}
	}
	add_finding(health, grade_number(CM_RANGING_TIMEOUTS, recent),
	    "T3 and T4 time-outs within the last hour: %u; %u in the event "
	    "log.", recent, all);
	if (partial > 0)
		add_finding(health, grade_number(CM_PARTIAL_SERVICE, partial),
		    "The modem lost channels within the last hour: its event "
		    "log tells of partial service.");
}

/* Only the fastest port that is up is judged: the router is taken to be there,
 * and another device may well have a slow port. */
static void
judge_links(const struct cm_snapshot *s, struct cm_health *health)
{
	const struct cm_link *link, *best = NULL;
	double speed, most = 0;
	char name[NAME_SIZE];
	unsigned i;

	for (i = 0; (link = cm_snapshot_link(s, i)) != NULL; i++) {
		if (link->speed == NULL || is_zero(link->up))
			continue;
		speed = strtod(link->speed, NULL);
		if (best == NULL || speed > most) {
			most = speed;
			best = link;
		}
	}
	if (best == NULL)
		return;
	add_finding(health, is_zero(best->full_duplex) ? CM_BAD :
	    grade_number(CM_LINK_SPEED, most), "Port %s to the router runs "
	    "at %.6g Gbit/s, %s duplex.", name_of(name, best), most * 8 / 1e9,
	    is_zero(best->full_duplex) ? "half" : "full");
}
