/* SPDX-License-Identifier: MIT */
/* The head of a request: as much of HTTP/1 as a modem knows. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/buffer.h>

#include "http.h"

static size_t	head_length(struct evbuffer *);
static bool	read_request_line(struct http_head *, char *line);
static bool	read_header(struct http_head *, char *line);
static void	copy_cut(char *to, size_t size, const char *from);
static bool	has_token(const char *list, const char *token);

/* With its blank line; 0 if that is not there yet. */
static size_t
head_length(struct evbuffer *in)
{
	struct evbuffer_ptr crlf, lf;

	crlf = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	lf = evbuffer_search(in, "\n\n", 2, NULL);
	if (crlf.pos >= 0 && (lf.pos < 0 || crlf.pos < lf.pos))
		return (size_t)crlf.pos + 4;
	return lf.pos >= 0 ? (size_t)lf.pos + 2 : 0;
}

enum http_result
http_head_take(struct evbuffer *in, struct http_head *head)
{
	char text[HTTP_HEAD_MAX + 1];
	size_t len = head_length(in);
	char *line, *next;
	bool first = true;

	memset(head, 0, sizeof(*head));
	if (len == 0 && evbuffer_get_length(in) <= HTTP_HEAD_MAX)
		return HTTP_MORE;
	if (len == 0 || len > HTTP_HEAD_MAX)
		return HTTP_BAD;
	evbuffer_remove(in, text, len);
	text[len] = '\0';
	if (strlen(text) != len)
		return HTTP_BAD;
	for (line = text; *line != '\0'; line = next) {
		char *end = strchr(line, '\n');

		next = end + 1;
		if (end > line && end[-1] == '\r')
			end--;
		*end = '\0';
		if (*line == '\0')
			break;
		if (first ? !read_request_line(head, line) :
		    !read_header(head, line))
			return HTTP_BAD;
		first = false;
	}
	if (first)
		return HTTP_BAD;
	if (has_token(head->connection, "close"))
		head->keep_alive = false;
	else if (has_token(head->connection, "keep-alive"))
		head->keep_alive = true;
	return HTTP_HEAD;
}

static bool
read_request_line(struct http_head *head, char *line)
{
	char *path = strchr(line, ' ');
	char *version = path == NULL ? NULL : strchr(path + 1, ' ');

	if (version == NULL)
		return false;
	*path++ = '\0';
	*version++ = '\0';
	if (strlen(line) >= sizeof(head->method) || *line == '\0' ||
	    strlen(path) >= sizeof(head->path) || *path == '\0')
		return false;
	copy_cut(head->method, sizeof(head->method), line);
	copy_cut(head->path, sizeof(head->path), path);
	head->keep_alive = strcmp(version, "HTTP/1.1") == 0;
	return head->keep_alive || strcmp(version, "HTTP/1.0") == 0;
}

static bool
read_header(struct http_head *head, char *line)
{
	char *value = strchr(line, ':');

	if (value == NULL || value == line)
		return false;
	*value++ = '\0';
	value += strspn(value, " \t");
	if (strcasecmp(line, "host") == 0)
		copy_cut(head->host, sizeof(head->host), value);
	else if (strcasecmp(line, "user-agent") == 0)
		copy_cut(head->user_agent, sizeof(head->user_agent), value);
	else if (strcasecmp(line, "connection") == 0)
		copy_cut(head->connection, sizeof(head->connection), value);
	else if (strcasecmp(line, "transfer-encoding") == 0)
		head->has_body = true;
	else if (strcasecmp(line, "content-length") == 0) {
		head->length = strtoul(value, NULL, 10);
		head->has_body = head->has_body || head->length > 0;
	}
	return true;
}

static void
copy_cut(char *to, size_t size, const char *from)
{
	size_t len = strlen(from);

	if (len >= size)
		len = size - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

static bool
has_token(const char *list, const char *token)
{
	size_t len = strlen(token);

	while (*list != '\0') {
		list += strspn(list, ", \t");
		if (strncasecmp(list, token, len) == 0 &&
		    strchr(", \t", list[len]) != NULL)
			return true;
		list += strcspn(list, ", \t");
	}
	return false;
}
