/* SPDX-License-Identifier: MIT */

/*
 * The names that dashboards and alerts depend on: $TEST_DATA/families.txt
 * lists every family in the order of the output, and the tables must say the
 * same.  A line is the name on the page, the type, its labels separated by
 * commas or `-`, and HELP where that is fixed too.  Whoever changes that file
 * changes the contract.
 */

#include "model.h"
#include "record.h"
#include "unit.h"

#define FAMILIES_MAX 256

struct listed {
	char	name[80];
	char	type[16];
	char	labels[160];
	char	help[160];	/* "": any */
};

static struct listed listed[FAMILIES_MAX], ours[FAMILIES_MAX];
static size_t listed_count, ours_count;

static bool
read_list(void)
{
	const char *data = getenv("TEST_DATA");
	char line[512], *rest;
	struct listed *l;
	FILE *file;
	int used;

	if (data == NULL)
		return false;
	snprintf(line, sizeof(line), "%s/families.txt", data);
	file = fopen(line, "r");
	if (file == NULL)
		return false;
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (listed_count == FAMILIES_MAX)
			return false;
		l = &listed[listed_count++];
		used = 0;
		if (sscanf(line, "%79s %15s %159s%n", l->name, l->type,
		    l->labels, &used) != 3)
			return false;
		rest = line + used;
		rest += strspn(rest, " ");
		snprintf(l->help, sizeof(l->help), "%.159s", rest);
	}
	fclose(file);
	return true;
}

static void
add_label(struct listed *l, const char *label)
{
	size_t n = strcspn(label, "="), used = strlen(l->labels);

	/* phase=resolve, phase=connect, ... are one label. */
	if (used >= n && memcmp(l->labels + used - n, label, n) == 0 &&
	    (used == n || l->labels[used - n - 1] == ','))
		return;
	snprintf(l->labels + used, sizeof(l->labels) - used, "%s%.*s",
	    used > 0 ? "," : "", (int)n, label);
}

static bool
is_family(const struct listed *l, const char *name, const char *suffix)
{
	size_t n = strlen(name);

	return strncmp(l->name, name, n) == 0 &&
	    strcmp(l->name + n, suffix) == 0;
}

/* The tables' families: a run of rows with one name is one. */
static void
list_tables(void)
{
	static const struct {
		const char	*word;
		const char	*suffix;
	} types[] = {
		[FIELD_GAUGE] = { "gauge", "" },
		[FIELD_COUNTER] = { "counter", "_total" },
		[FIELD_INFO] = { "info", "_info" },
		[FIELD_IDENTIFIER] = { "info", "_info" },
		[FIELD_COUNT] = { "gauge", "" },
	};
	const struct record *record;
	const struct field *f;
	const char *suffix;
	struct listed *l = NULL;
	size_t i;

	for (i = 0; i < CM_RECORD_COUNT; i++) {
		record = &records[i];
		for (f = record->fields;
		    f < record->fields + record->field_count; f++) {
			if (f->family == NULL)
				continue;
			suffix = types[f->type].suffix;
			if (l == NULL || !is_family(l, f->family, suffix)) {
				assert_true(ours_count < FAMILIES_MAX);
				l = &ours[ours_count++];
				snprintf(l->name, sizeof(l->name), "%s%s",
				    f->family, suffix);
				strcpy(l->type, types[f->type].word);
				snprintf(l->help, sizeof(l->help), "%.159s",
				    f->help != NULL ? f->help : "");
				if (record->label[0] != '\0' &&
				    f->type != FIELD_COUNT)
					add_label(l, record->label);
			}
			if (f->label[0] != '\0')
				add_label(l, f->label);
		}
	}
}

static void
families_are_those_of_the_contract(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < listed_count && i < ours_count; i++) {
		if (strcmp(ours[i].name, listed[i].name) != 0)
			fail_msg("%s stands where %s should", ours[i].name,
			    listed[i].name);
		assert_string_equal(ours[i].type, listed[i].type);
	}
	if (listed_count > i)
		fail_msg("%s is missing", listed[i].name);
	if (ours_count > i)
		fail_msg("%s is not in the contract", ours[i].name);
}

static void
labels_are_those_of_the_contract(void **state)
{
	const char *labels;
	size_t i;

	(void)state;
	assert_int_equal(ours_count, listed_count);
	for (i = 0; i < ours_count; i++) {
		labels = ours[i].labels[0] != '\0' ? ours[i].labels : "-";
		if (strcmp(labels, listed[i].labels) != 0)
			fail_msg("%s has the labels %s, not %s", ours[i].name,
			    labels, listed[i].labels);
	}
}

static void
help_is_that_of_the_contract(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(ours_count, listed_count);
	for (i = 0; i < ours_count; i++) {
		if (ours[i].help[0] == '\0')
			fail_msg("%s has no HELP", ours[i].name);
		if (listed[i].help[0] != '\0')
			assert_string_equal(ours[i].help, listed[i].help);
	}
}

static void
no_family_is_there_twice(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < ours_count; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(ours[i].name, ours[j].name);
}

/* OpenMetrics takes the suffixes off: x_total and x, x_info and x would be
 * one family of two types. */
static void
no_family_is_another_without_its_suffix(void **state)
{
	size_t i, j, n;

	(void)state;
	for (i = 0; i < ours_count; i++) {
		n = strlen(ours[i].name);
		if (strcmp(ours[i].type, "counter") == 0)
			n -= strlen("_total");
		else if (strcmp(ours[i].type, "info") == 0)
			n -= strlen("_info");
		else
			continue;
		for (j = 0; j < ours_count; j++)
			if (strlen(ours[j].name) == n &&
			    memcmp(ours[j].name, ours[i].name, n) == 0)
				fail_msg("%s is %s without its suffix",
				    ours[j].name, ours[i].name);
	}
}

static void
endpoints_are_those_of_the_contract(void **state)
{
	static const struct {
		const char	*name;
		bool		 required;
	} rows[] = {
		{ "dsinfo", true }, { "usinfo", true }, { "dsofdminfo", true },
		{ "usofdminfo", true }, { "getCmDocsisWan", true },
		{ "getSysInfo", false }, { "getCMInit", false },
		{ "getLinkStatus", false }, { "system_model", false },
		{ "status_log", false },
	};
	char path[64];
	size_t i;

	(void)state;
	assert_int_equal(CM_ENDPOINT_COUNT, COUNT(rows));
	for (i = 0; i < CM_ENDPOINT_COUNT; i++) {
		assert_string_equal(endpoints[i].name, rows[i].name);
		assert_int_equal(endpoints[i].required, rows[i].required);
		snprintf(path, sizeof(path), "/data/%s.asp", rows[i].name);
		assert_string_equal(endpoints[i].path, path);
	}
}

/* Anything under /goform/ changes the modem's state. */
static void
no_page_is_a_form(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < CM_ENDPOINT_COUNT; i++) {
		assert_null(strstr(endpoints[i].path, "goform"));
		assert_memory_equal(endpoints[i].path, "/data/", 6);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_are_those_of_the_contract),
		cmocka_unit_test(labels_are_those_of_the_contract),
		cmocka_unit_test(help_is_that_of_the_contract),
		cmocka_unit_test(no_family_is_there_twice),
		cmocka_unit_test(no_family_is_another_without_its_suffix),
		cmocka_unit_test(endpoints_are_those_of_the_contract),
		cmocka_unit_test(no_page_is_a_form),
	};

	if (!read_list()) {
		fprintf(stderr, "$TEST_DATA/families.txt cannot be read\n");
		return 1;
	}
	list_tables();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
