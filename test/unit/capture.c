/* SPDX-License-Identifier: MIT */

/*
 * The descriptor under a standard stream is replaced, so that it does not
 * matter how its text is written.
 */

#include "capture.h"

#include <unistd.h>

#include "unit.h"

void
capture_begin(struct capture *c, FILE *stream)
{
	fflush(stream);
	c->stream = stream;
	c->file = tmpfile();
	c->saved = dup(fileno(stream));
	assert_true(c->file != NULL && c->saved >= 0);
	assert_true(dup2(fileno(c->file), fileno(stream)) >= 0);
}

char *
capture_end(struct capture *c)
{
	char *text;
	long length;

	fflush(c->stream);
	assert_true(dup2(c->saved, fileno(c->stream)) >= 0);
	close(c->saved);
	assert_int_equal(fseek(c->file, 0, SEEK_END), 0);
	length = ftell(c->file);
	assert_true(length >= 0);
	rewind(c->file);
	text = calloc(1, (size_t)length + 1);
	assert_true(text != NULL);
	assert_int_equal(fread(text, 1, (size_t)length, c->file), length);
	fclose(c->file);
	return text;
}
