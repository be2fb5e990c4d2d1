/* SPDX-License-Identifier: MIT */
#ifndef CABLEMODEM_HEALTH_H
#define CABLEMODEM_HEALTH_H

/*
 * Is a line well?  The thresholds, those of the README's table, and what a
 * snapshot comes to by them.
 */

#include "cablemodem.h"

enum cm_grade {
	CM_UNKNOWN,		/* nothing to judge */
	CM_GOOD,
	CM_TOLERABLE,		/* worth a look */
	CM_BAD,			/* worth an alert */
	CM_CRITICAL,		/* users notice */
	CM_GRADE_COUNT
};

/* The grade as a word: "unknown", "good", "tolerable", "bad", "critical". */
const char	*cm_grade_word(enum cm_grade);

enum cm_measure {
	CM_DOWNSTREAM_POWER,
	CM_DOWNSTREAM_SNR_256QAM,	/* of all modulations but the next */
	CM_DOWNSTREAM_SNR_64QAM,
	CM_UPSTREAM_POWER,
	CM_OFDM_POWER,
	CM_OFDM_SNR,
	CM_OFDMA_POWER,			/* in 1.6 MHz */
	CM_CODEWORDS_LOST,		/* of a channel, as a share of all */
	CM_RANGING_TIMEOUTS,		/* T3 and T4, in an hour */
	CM_PARTIAL_SERVICE,		/* lost channels, in an hour */
	CM_UPTIME,			/* seconds */
	CM_LINK_SPEED,			/* bytes a second */
	CM_MEASURE_COUNT
};

/* From one value to another, both within; an infinity where there is no
 * limit. */
struct cm_range {
	double	low;
	double	high;
};

/* What is in no range is critical if there is a range for what is bad, and
 * bad if there is none. */
struct cm_thresholds {
	const char	*name;		/* as in the README's table */
	const char	*unit;		/* "" if the name says it all */
	struct cm_range	 good;
	struct cm_range	 tolerable;
	struct cm_range	 bad;		/* the same as tolerable: none */
};

/* Lives as long as the program. */
const struct cm_thresholds *cm_thresholds(enum cm_measure);
/* Grade a number as a snapshot has it, a decimal; CM_UNKNOWN for NULL. */
enum cm_grade	 cm_grade(enum cm_measure, const char *value);
/* By which measure a row is judged: a downstream channel's SNR, of either
 * modulation, by that of its own; all else by the measure that is given. */
enum cm_measure	 cm_measure_of(enum cm_measure, const void *row);
/* Grade the codewords that a channel of the downstream or OFDM record lost. */
enum cm_grade	 cm_grade_lost(enum cm_record, const void *row);

#define CM_FINDINGS	32	/* more than there can be */
#define CM_FINDING_SIZE	256

/* A verdict, and what it rests on: each finding a sentence with its full stop,
 * in printable ASCII, the worst first. */
struct cm_health {
	enum cm_grade	 grade;		/* the worst of them */
	unsigned	 count;
	struct cm_finding {
		enum cm_grade	 grade;
		char		 text[CM_FINDING_SIZE];
	}		 findings[CM_FINDINGS];
};

/* Judge a snapshot by what is in it.  A page that was not asked for does not
 * count.  The line is unknown if the probe failed, unless what was read is bad
 * already, and if the modem told nothing. */
void		 cm_health(const struct cm_snapshot *, struct cm_health *);
/* The verdict in words, a sentence. */
const char	*cm_health_words(enum cm_grade);

#endif
