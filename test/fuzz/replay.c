/* SPDX-License-Identifier: MIT */

/*
 * For compilers without libFuzzer: feed a fuzz target the files that are
 * given as arguments, and all files of directories; options are passed over.
 */

#include <sys/stat.h>

#include <dirent.h>

#include "fuzz.h"

static size_t count;

static void
feed_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	char *bytes = fuzz_memory(size);

	CHECK(file != NULL && fread(bytes, 1, size, file) == size);
	fclose(file);
	LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
	free(bytes);
	count++;
}

static void
feed(const char *path)
{
	struct stat status;
	struct dirent *entry;
	char name[4096];
	DIR *directory;

	CHECK(stat(path, &status) == 0);
	if (!S_ISDIR(status.st_mode)) {
		fprintf(stderr, "%s\n", path);	/* the last is the finding */
		feed_file(path, (size_t)status.st_size);
		return;
	}
	directory = opendir(path);
	CHECK(directory != NULL);
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		feed(name);
	}
	closedir(directory);
}

int
main(int argc, char **argv)
{
	int i;

	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			feed(argv[i]);
	printf("%zu files\n", count);
	return count > 0 ? 0 : 1;
}
