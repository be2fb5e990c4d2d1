/* SPDX-License-Identifier: MIT */

/*
 * The reference of all metrics, compared with $TEST_DATA/families.txt: the
 * contract, which was not made from the tables.
 */

#include "cablemodem.h"

#include "unit.h"

static char *list;		/* as lines, each a text of its own */
static size_t lines;

static const char *
line_at(size_t number)
{
	const char *line = list;

	while (number-- > 0)
		line += strlen(line) + 1;
	return line;
}

/* The names of the labels alone: `phase=resolve or connect` is phase. */
static void
read_labels(const char *cell, size_t length, char *labels)
{
	char *out = labels;
	size_t i;

	for (i = 0; i < length; i++) {
		if (cell[i] == '=')
			while (i < length && cell[i] != ',')
				i++;
		if (i < length && cell[i] != ' ')
			*out++ = cell[i];
	}
	strcpy(out, out == labels ? "-" : "");
}

/* Cut the next cell off a row of the table: what stands before ` |`. */
static const char *
next_cell(const char **row, size_t *length)
{
	const char *cell = *row, *end = strstr(cell, " |");

	assert_non_null(end);
	*length = (size_t)(end - cell);
	*row = end[2] == ' ' ? end + 3 : end + 2;
	return cell;
}

static void
the_table_begins_with_its_head(void **state)
{
	(void)state;
	assert_true(lines > 2);
	assert_string_equal(line_at(0),
	    "| metric | type | labels | meaning |");
	assert_string_equal(line_at(1), "| --- | --- | --- | --- |");
}

static void
every_family_of_the_contract_has_its_row(void **state)
{
	char want[512], name[80], type[16], labels[160], got[512], row[512];
	const char *rest, *cell;
	size_t n, number = 2;
	FILE *file;
	int used;

	(void)state;
	snprintf(want, sizeof(want), "%s/families.txt", getenv("TEST_DATA"));
	file = fopen(want, "r");
	assert_non_null(file);
	while (fgets(want, sizeof(want), file) != NULL) {
		want[strcspn(want, "\n")] = '\0';
		if (want[0] == '\0' || want[0] == '#')
			continue;
		assert_int_equal(sscanf(want, "%79s %15s %159s%n", name, type,
		    labels, &used), 3);
		if (number == lines)
			fail_msg("%s is missing", name);
		rest = line_at(number++);
		assert_memory_equal(rest, "| ", 2);
		rest += 2;
		cell = next_cell(&rest, &n);
		snprintf(row, sizeof(row), "%.*s", (int)n, cell);
		snprintf(got, sizeof(got), "`%s`", name);
		assert_string_equal(row, got);
		cell = next_cell(&rest, &n);
		snprintf(row, sizeof(row), "%.*s", (int)n, cell);
		assert_string_equal(row, type);
		/* A metric without labels has an empty cell, `| |`. */
		if (*rest == '|' || strncmp(rest, " |", 2) == 0) {
			assert_string_equal(labels, "-");
			rest += rest[0] == '|' ? 2 : 3;
		} else {
			cell = next_cell(&rest, &n);
			read_labels(cell, n, row);
			if (strcmp(row, labels) != 0)
				fail_msg("%s has the labels %s, not %s", name,
				    row, labels);
		}
		cell = next_cell(&rest, &n);
		if (n == 0)
			fail_msg("%s means nothing", name);
		if (want[used] != '\0') {
			snprintf(row, sizeof(row), "%.*s", (int)n, cell);
			assert_string_equal(row, want + used + 1);
		}
		assert_string_equal(rest, "");
	}
	fclose(file);
	if (number != lines)
		fail_msg("not in the contract: %s", line_at(number));
}

static void
constant_labels_are_listed_with_their_values(void **state)
{
	static const char *const cells[] = {
		"`probe_phase_duration_seconds` | gauge | phase=resolve or "
		"connect or tls or wait or transfer |",
		"`modem_ofdm_lock` | gauge | channel, stage=plc or ncp or "
		"mdc1 |",
		"`modem_docsis_init_success` | gauge | stage=hw_init or "
		"find_downstream or ranging or dhcp or time_of_day or "
		"download_config or registration |",
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(cells); i++) {
		for (j = 0; j < lines; j++)
			if (strstr(line_at(j), cells[i]) != NULL)
				break;
		if (j == lines)
			fail_msg("there is no %s", cells[i]);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_begins_with_its_head),
		cmocka_unit_test(every_family_of_the_contract_has_its_row),
		cmocka_unit_test(constant_labels_are_listed_with_their_values),
	};
	char *p;
	int failed;

	list = cm_list_metrics();
	if (list == NULL || list[0] == '\0' ||
	    list[strlen(list) - 1] != '\n') {
		fprintf(stderr, "there is no list, or its end is missing\n");
		return 1;
	}
	for (p = list; *p != '\0'; p++)
		if (*p == '\n') {
			*p = '\0';
			lines++;
		}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(list);
	return failed;
}
