/* SPDX-License-Identifier: MIT */

/*
 * Levels over their frequencies, drawn.  What a picture says is in the tables
 * of the page too, so that it is one picture with a description to those who
 * do not see it.
 */

#include "spectrum.h"


#include <math.h>
#include <stdlib.h>

#include "html.h"

/* A picture's measures in tenths of a pixel of a wide screen: so all are whole
 * numbers, which are shorter, and quicker to print. */
#define WIDTH		4800
#define HEIGHT		2000
#define LEFT		360
#define RIGHT		(WIDTH - 40)
#define TOP		60
#define BOTTOM		(HEIGHT - 240)
#define MARGIN		80	/* beside the outermost channels */

#define QAM_WIDTH	6e6	/* hertz; the page does not say */
#define OFDM_WIDTH	204.8e6	/* of the grid above subcarrier 0, 4096 times
				 * 50 kHz (CM-SP-PHYv3.1, 7.2.4) */
#define HERTZ_MAX	3e9	/* no cable carries that */
#define LEVEL_MAX	99.0	/* nor that, of either sign */

/* Channels of one kind. */
struct series {
	const char	*what;
	enum cm_record	 record;
	enum cm_measure	 measure;
	size_t		 value;		/* of the row's members; */
	size_t		 frequency;
	size_t		 bandwidth;	/* the same as frequency: none */
	double		 width;		/* then this, in hertz */
	bool		 is_block;	/* OFDM: its frequency is its lower
					 * edge, and it is labelled; of others
					 * it is the middle */
};

static const struct plot {
	const char	*title;
	double		 low;		/* of the axis, if nothing is beyond */
	double		 high;
	struct series	 series[2];	/* drawn in this order */
} plots[] = {
#define SERIES(what, NAME, name, measure, value, bandwidth, width, block) \
	{ what, CM_RECORD_##NAME, CM_##measure, \
	    offsetof(struct cm_##name, value), \
	    offsetof(struct cm_##name, frequency), \
	    offsetof(struct cm_##name, bandwidth), width, block }
	{ "Downstream power", -17, 17, {
	    SERIES("OFDM", OFDM, ofdm, OFDM_POWER, power, frequency,
	    OFDM_WIDTH, true),
	    SERIES("Channel", DOWNSTREAM, downstream, DOWNSTREAM_POWER, power,
	    frequency, QAM_WIDTH, false) } },
	{ "Downstream SNR", 24, 46, {
	    SERIES("OFDM", OFDM, ofdm, OFDM_SNR, snr, frequency, OFDM_WIDTH,
	    true),
	    SERIES("Channel", DOWNSTREAM, downstream,
	    DOWNSTREAM_SNR_256QAM, snr, frequency, QAM_WIDTH, false) } },
	{ "Upstream power", 26, 56, {
	    SERIES("OFDMA", OFDMA, ofdma, OFDMA_POWER, power_1_6mhz, bandwidth,
	    0, true),
	    SERIES("Channel", UPSTREAM, upstream, UPSTREAM_POWER, power,
	    bandwidth, QAM_WIDTH, false) } },
#undef SERIES
};

/* A channel, ready to be drawn. */
struct bar {
	const char	*name;
	double		 from;		/* hertz */
	double		 to;
	double		 value;
	enum cm_grade	 grade;
};

/* What a plot spans. */
struct span {
	double		 from;		/* hertz */
	double		 to;
	double		 low;		/* of the axis */
	double		 high;
	double		 least;		/* of the values */
	double		 most;
	unsigned	 count;
	unsigned	 bad;
};

static bool	read_bar(struct bar *, const struct series *, const void *);
static void	measure(struct span *, const struct plot *,
		    const struct cm_snapshot *);
static void	add_legend(struct draft *);
static void	draw(struct draft *, const struct plot *,
		    const struct span *, const struct cm_snapshot *);
static void	draw_axes(struct draft *, const struct cm_thresholds *,
		    const struct span *);
static void	draw_bar(struct draft *, const struct series *,
		    const struct span *, const struct bar *);

void
spectrum_write(struct draft *out, const struct cm_snapshot *s)
{
	struct span span;
	bool begun = false;
	size_t i;

	for (i = 0; i < sizeof(plots) / sizeof(plots[0]); i++) {
		measure(&span, &plots[i], s);
		if (span.count == 0)
			continue;
		if (!begun)
			draft_add(out,
			    "<section class=\"plots\">\n"
			    "<h2>Spectrum</h2>\n");
		begun = true;
		draw(out, &plots[i], &span, s);
	}
	if (begun)
		add_legend(out);
}

static void
add_legend(struct draft *out)
{
	enum cm_grade grade;

	draft_add(out, "<div class=\"note\">\n"
	    "<ul class=\"legend\">\n");
	for (grade = CM_GOOD; grade < CM_GRADE_COUNT; grade++) {
		draft_add(out, "<li>");
		html_mark(out, grade);
		draft_printf(out, "%s</li>\n", cm_grade_word(grade));
	}
	draft_add(out, "</ul>\n<p>Shaded is what is good, dashed "
	    "where bad begins, of the QAM channels. An OFDM block is drawn "
	    "over its whole grid of 204.8 MHz, of which it may use less.</p>\n"
	    "</div>\n</section>\n");
}

/* False if values are missing, or are beyond what a cable carries. */
static bool
read_bar(struct bar *bar, const struct series *series, const void *row)
{
	const char *value = cm_row_text(row, series->value);
	const char *frequency = cm_row_text(row, series->frequency);
	const char *bandwidth = series->bandwidth != series->frequency ?
	    cm_row_text(row, series->bandwidth) : NULL;
	double width = series->width, hertz;

	if (value == NULL || frequency == NULL)
		return false;
	if (bandwidth != NULL)
		width = strtod(bandwidth, NULL);
	hertz = strtod(frequency, NULL);
	bar->name = cm_row_text(row, 0);
	bar->from = series->is_block ? hertz : hertz - width / 2;
	bar->to = bar->from + width;
	bar->value = strtod(value, NULL);
	bar->grade = cm_grade(cm_measure_of(series->measure, row), value);
	return width > 0 && bar->from >= 0 && bar->to < HERTZ_MAX;
}

static void
measure(struct span *span, const struct plot *plot,
    const struct cm_snapshot *s)
{
	const void *row;
	struct bar bar;
	unsigned i, k;

	*span = (struct span){ HERTZ_MAX, 0, plot->low, plot->high, HUGE_VAL,
	    -HUGE_VAL, 0, 0 };
	for (k = 0; k < 2; k++)
		for (i = 0; (row = cm_snapshot_row(s, plot->series[k].record,
		    i)) != NULL; i++) {
			if (!read_bar(&bar, &plot->series[k], row))
				continue;
			span->from = fmin(span->from, bar.from);
			span->to = fmax(span->to, bar.to);
			span->least = fmin(span->least, bar.value);
			span->most = fmax(span->most, bar.value);
			span->count++;
			span->bad += bar.grade > CM_TOLERABLE;
		}
	span->low = fmax(fmin(span->low, span->least - 2), -LEVEL_MAX);
	span->high = fmin(fmax(span->high, span->most + 2), LEVEL_MAX);
}

static int
x_of(const struct span *span, double hertz)
{
	return LEFT + MARGIN + (int)lround((hertz - span->from) /
	    (span->to - span->from) * (RIGHT - LEFT - 2 * MARGIN));
}

/* What is beyond the picture ends with it. */
static int
y_of(const struct span *span, double value)
{
	value = fmax(span->low, fmin(span->high, value));
	return BOTTOM - (int)lround((value - span->low) /
	    (span->high - span->low) * (BOTTOM - TOP));
}

static void
draw(struct draft *out, const struct plot *plot, const struct span *span,
    const struct cm_snapshot *s)
{
	const struct cm_thresholds *t = cm_thresholds(plot->series[1].measure);
	const void *row;
	struct bar bar;
	unsigned i, k;

	draft_printf(out, "<figure>\n"
	    "<figcaption>%s, %s over MHz</figcaption>\n"
	    "<svg viewBox=\"0 0 %d %d\" role=\"img\">\n"
	    "<title>%s</title>\n"
	    "<desc>%u channel%s from %.0f to %.0f MHz, %.1f to %.1f %s, %u "
	    "out of range.</desc>\n", plot->title, t->unit, WIDTH, HEIGHT,
	    plot->title, span->count, span->count == 1 ? "" : "s",
	    span->from / 1e6, span->to / 1e6, span->least, span->most,
	    t->unit, span->bad);
	draw_axes(out, t, span);
	for (k = 0; k < 2; k++)
		for (i = 0; (row = cm_snapshot_row(s, plot->series[k].record,
		    i)) != NULL; i++)
			if (read_bar(&bar, &plot->series[k], row))
				draw_bar(out, &plot->series[k], span, &bar);
	draft_add(out, "</svg>\n</figure>\n");
}

/* The smallest of 1, 2 and 5 times a power of ten that makes few steps. */
static double
step_of(double length, int most)
{
	double step = pow(10, floor(log10(length / most)));

	return length / step <= most ? step : length / step / 2 <= most ?
	    step * 2 : length / step / 5 <= most ? step * 5 : step * 10;
}

static void
draw_axes(struct draft *out, const struct cm_thresholds *t,
    const struct span *span)
{
	double limits[2] = { t->tolerable.low, t->tolerable.high };
	int top = y_of(span, t->good.high);
	double step;
	size_t i;
	int k;

	draft_printf(out, "<rect class=\"range\" x=\"%d\" "
	    "y=\"%d\" width=\"%d\" height=\"%d\"/>\n", LEFT, top,
	    RIGHT - LEFT, y_of(span, t->good.low) - top);
	step = step_of(span->high - span->low, 8);
	for (k = (int)ceil(span->low / step); k * step <= span->high; k++)
		draft_printf(out, "<path class=\"grid\" "
		    "d=\"M%d %dH%d\"/><text class=\"end\" x=\"%d\" "
		    "y=\"%d\">%g</text>\n", LEFT, y_of(span, k * step),
		    RIGHT, LEFT - 50, y_of(span, k * step), k * step);
	step = step_of(span->to - span->from, 7);
	for (k = (int)ceil(span->from / step); k * step <= span->to; k++)
		draft_printf(out, "<text class=\"middle\" x=\"%d\" "
		    "y=\"%d\">%g</text>\n", x_of(span, k * step),
		    HEIGHT - 60, k * step / 1e6);
	for (i = 0; i < 2; i++)
		if (limits[i] > span->low && limits[i] < span->high)
			draft_printf(out, "<path class=\"limit\" "
			    "d=\"M%d %dH%d\"/>\n", LEFT,
			    y_of(span, limits[i]), RIGHT);
}

static void
draw_bar(struct draft *out, const struct series *series,
    const struct span *span, const struct bar *bar)
{
	int x = x_of(span, bar->from), y = y_of(span, bar->value);
	int width = x_of(span, bar->to) - x;

	/* Neighbours are told apart by a gap. */
	if (width > 30)
		width -= 10;
	else if (width < 10)
		width = 10;
	draft_printf(out, "<g class=\"%s\"><title>%s ",
	    cm_grade_word(bar->grade), series->what);
	html_text(out, bar->name != NULL ? bar->name : "");
	draft_printf(out, ", %.1f to %.1f MHz: %.6g %s, %s</title>"
	    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>"
	    "<path d=\"M%d %dh%d\"/>", bar->from / 1e6, bar->to / 1e6,
	    bar->value, cm_thresholds(series->measure)->unit,
	    cm_grade_word(bar->grade), x, y, width, BOTTOM - y, x, y, width);
	if (series->is_block)
		draft_printf(out, "<text x=\"%d\" y=\"%d\">%s"
		    "</text>", x + 50, y + 180 < BOTTOM - 50 ? y + 180 :
		    BOTTOM - 50, series->what);
	if (bar->grade > CM_TOLERABLE)
		draft_printf(out, "<text class=\"middle alarm\" "
		    "x=\"%d\" y=\"%d\">!</text>", x + width / 2, y - 50);
	draft_add(out, "</g>\n");
}
