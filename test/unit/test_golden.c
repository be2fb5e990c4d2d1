/* SPDX-License-Identifier: MIT */

/*
 * Pages as a modem may send them, and what must be shown for each:
 * $TEST_DATA/PAGE/QUIRK.json is a body, QUIRK.prom beside it how it is
 * answered for.  Its first line is `# rejected N`, N being the values and
 * rows that were passed over, or `# reason WORD` if the page is of no use;
 * the families follow.  Every pair is a test, `PAGE/QUIRK`.
 *
 *	usage: [UPDATE=1] TEST_DATA=DIRECTORY test_golden [PAGE ...]
 *	       TEST_DATA=DIRECTORY test_golden --dump text|openmetrics|json
 *
 * UPDATE=1 writes what comes out into the .prom files; what is right is said
 * by the documentation of the metrics, so read the difference.
 *
 * --dump prints every fixture's name and how it is answered in that format,
 * a NUL after each: for those who have another parser at hand.
 */

#include <dirent.h>

#include "decode.h"
#include "model.h"
#include "record.h"
#include "unit.h"

#define FIXTURES_MAX 1024

struct fixture {
	enum cm_endpoint	 page;
	char			 name[128];	/* PAGE/QUIRK */
};

static const char *data;	/* $TEST_DATA */

static struct fixture fixtures[FIXTURES_MAX];
static size_t fixture_count;

static char *
path_of(const struct fixture *f, const char *suffix)
{
	size_t size = strlen(data) + sizeof(f->name) + 16;
	char *path = malloc(size);

	assert_non_null(path);
	snprintf(path, size, "%s/%s%s", data, f->name, suffix);
	return path;
}

/* A file with a NUL after its end; NULL if there is none. */
static char *
read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text;
	long end;

	if (file == NULL)
		return NULL;
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	end = ftell(file);
	assert_true(end >= 0);
	rewind(file);
	*length = (size_t)end;
	text = malloc(*length + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, *length, file), *length);
	text[*length] = '\0';
	fclose(file);
	return text;
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static char *
encode(const struct cm_snapshot *s, enum cm_format format)
{
	struct cm_text *t = cm_text_new(format);
	size_t length;
	char *page;

	assert_non_null(t);
	cm_snapshot_encode(s, t);
	page = cm_text_finish(t, &length);
	assert_non_null(page);
	assert_int_equal(strlen(page), length);
	return page;
}

/* A line's end, as text. */
static void
cut_line(char *line)
{
	line[strcspn(line, "\n")] = '\0';
}

/* Long pages differ in one line: say which. */
static void
compare(char *want, char *got)
{
	char *w = want, *g = got;
	size_t line = 1;

	for (; *w != '\0' && *w == *g; w++, g++)
		if (*w == '\n') {
			line++;
			want = w + 1;
			got = g + 1;
		}
	if (*w == *g)
		return;
	cut_line(want);
	cut_line(got);
	fail_msg("line %zu should be\n  %s\nand is\n  %s", line, want, got);
}

/* The first line, and how the page is shown; for free(). */
static char *
answer(const struct fixture *f, const char *body, size_t length, bool whole)
{
	struct cm_snapshot *s = snapshot_new(false);
	struct cm_error error = { .reason = CM_OK };
	unsigned rejected = 12345;
	char *page, *text, head[64];
	size_t i;

	assert_non_null(s);
	if (decode_page(s, f->page, body, length, whole, &rejected, &error))
		snprintf(head, sizeof(head), "# rejected %u\n", rejected);
	else {
		snprintf(head, sizeof(head), "# reason %s\n",
		    cm_reason_word(error.reason));
		assert_true(error.text[0] != '\0');
		for (i = 0; error.text[i] != '\0'; i++)
			assert_in_range(error.text[i], ' ', '~');
	}
	page = encode(s, CM_PROMETHEUS);
	snapshot_free(s);
	text = malloc(strlen(head) + strlen(page) + 1);
	assert_non_null(text);
	strcpy(text, head);
	strcat(text, page);
	free(page);
	return text;
}

static void
pages_are_answered_as_written(void **state)
{
	const struct fixture *f = *state;
	char *body_path = path_of(f, ".json"), *page_path = path_of(f, ".prom");
	char *body, *want, *got, *cut;
	size_t length, want_length;

	body = read_file(body_path, &length);
	assert_non_null(body);
	got = answer(f, body, length, true);
	if (getenv("UPDATE") != NULL)
		write_file(page_path, got);
	want = read_file(page_path, &want_length);
	if (want == NULL)
		fail_msg("%s is not there; UPDATE=1 writes it", page_path);
	/* Where nobody said how long it is, the same is read from it; only
	 * what is not JSON may then have been cut short. */
	cut = answer(f, body, length, false);
	if (strcmp(cut, "# reason truncated\n") == 0)
		assert_string_equal(want, "# reason not_json\n");
	else
		assert_string_equal(cut, got);
	compare(want, got);
	free(body);
	free(want);
	free(got);
	free(cut);
	free(body_path);
	free(page_path);
}

static bool
ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcmp(name + n - m, suffix) == 0;
}

static int
compare_names(const void *a, const void *b)
{
	const struct fixture *one = a, *other = b;

	return strcmp(one->name, other->name);
}

/* Add a page's fixtures, by name. */
static void
find_fixtures(enum cm_endpoint page)
{
	char path[4096];
	struct dirent *entry;
	struct fixture *f;
	size_t first = fixture_count;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", data, endpoints[page].name);
	dir = opendir(path);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (!ends_in(entry->d_name, ".json"))
			continue;
		if (fixture_count == FIXTURES_MAX ||
		    strlen(endpoints[page].name) + strlen(entry->d_name) >=
		    sizeof(f->name)) {
			fprintf(stderr, "%s: too many, or too long a name\n",
			    path);
			exit(1);
		}
		f = &fixtures[fixture_count++];
		f->page = page;
		snprintf(f->name, sizeof(f->name), "%.40s/%.80s",
		    endpoints[page].name, entry->d_name);
		f->name[strlen(f->name) - 5] = '\0';
	}
	closedir(dir);
	qsort(&fixtures[first], fixture_count - first, sizeof(fixtures[0]),
	    compare_names);
}

static void
every_endpoint_has_fixtures(void **state)
{
	size_t page, i;

	(void)state;
	for (page = 0; page < CM_ENDPOINT_COUNT; page++) {
		for (i = 0; i < fixture_count; i++)
			if (fixtures[i].page == page)
				break;
		if (i == fixture_count)
			fail_msg("%s/%s has no body", data,
			    endpoints[page].name);
	}
}

/* A .prom without its .json is a test that nobody runs. */
static void
every_answer_has_its_body(void **state)
{
	char path[4096];
	struct dirent *entry;
	size_t page, i, n;
	DIR *dir;

	(void)state;
	for (page = 0; page < CM_ENDPOINT_COUNT; page++) {
		snprintf(path, sizeof(path), "%s/%s", data,
		    endpoints[page].name);
		dir = opendir(path);
		assert_non_null(dir);
		while ((entry = readdir(dir)) != NULL) {
			if (!ends_in(entry->d_name, ".prom"))
				continue;
			n = strlen(entry->d_name) - 5;
			for (i = 0; i < fixture_count; i++)
				if (fixtures[i].page == page &&
				    strlen(strchr(fixtures[i].name, '/')) ==
				    n + 1 &&
				    memcmp(strchr(fixtures[i].name, '/') + 1,
				    entry->d_name, n) == 0)
					break;
			if (i == fixture_count)
				fail_msg("%s/%s has no body", path,
				    entry->d_name);
		}
		closedir(dir);
	}
}

static int
dump(const char *format)
{
	struct cm_snapshot *s;
	struct cm_outcome *outcome;
	struct cm_error error;
	unsigned rejected;
	char *body_path, *body, *page;
	size_t length, i;

	for (i = 0; i < fixture_count; i++) {
		body_path = path_of(&fixtures[i], ".json");
		body = read_file(body_path, &length);
		s = snapshot_new(true);
		if (body == NULL || s == NULL)
			return 1;
		outcome = snapshot_single(s, CM_RECORD_OUTCOME);
		outcome->success = decode_page(s, fixtures[i].page, body,
		    length, true, &rejected, &error) ? "1" : "0";
		if (strcmp(format, "json") == 0)
			page = cm_snapshot_encode_json(s, "target", "module",
			    "time");
		else
			page = encode(s, strcmp(format, "openmetrics") == 0 ?
			    CM_OPENMETRICS : CM_PROMETHEUS);
		if (page == NULL)
			return 1;
		printf("%s%c%s%c", fixtures[i].name, '\0', page, '\0');
		free(page);
		snapshot_free(s);
		free(body);
		free(body_path);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	static struct CMUnitTest tests[FIXTURES_MAX + 2] = {
		cmocka_unit_test(every_endpoint_has_fixtures),
		cmocka_unit_test(every_answer_has_its_body),
	};
	size_t page, i, first;
	int arg;

	data = getenv("TEST_DATA");
	if (data == NULL) {
		fprintf(stderr, "TEST_DATA must name a directory\n");
		return 1;
	}
	if (argc == 3 && strcmp(argv[1], "--dump") == 0) {
		for (page = 0; page < CM_ENDPOINT_COUNT; page++)
			find_fixtures((enum cm_endpoint)page);
		return dump(argv[2]);
	}
	/* The first two tests are about the whole directory. */
	first = argc > 1 ? 2 : 0;
	for (page = 0; page < CM_ENDPOINT_COUNT; page++) {
		for (arg = 1; arg < argc; arg++)
			if (strcmp(argv[arg], endpoints[page].name) == 0)
				break;
		if (argc == 1 || arg < argc)
			find_fixtures((enum cm_endpoint)page);
	}
	for (i = 0; i < fixture_count; i++)
		tests[2 + i] = (struct CMUnitTest){
			.name = fixtures[i].name,
			.test_func = pages_are_answered_as_written,
			.initial_state = &fixtures[i],
		};
	/* The function under cmocka_run_group_tests(), which takes arrays of
	 * a fixed size. */
	return _cmocka_run_group_tests("golden", tests + first,
	    2 + fixture_count - first, NULL, NULL);
}
