/* SPDX-License-Identifier: MIT */

/*
 * Pages in HTML.
 */

#include "html.h"

#include <event2/http.h>
#include <openssl/evp.h>

#include <string.h>

#include "page.h"
#include "style.h"

#define HASH_SIZE	32
#define HASH_TEXT	44	/* in base64 */

/* What follows is the style's hash. */
#define POLICY "default-src 'none'; img-src 'self'; form-action 'self'; " \
	"base-uri 'none'; frame-ancestors 'none'; style-src 'sha256-"

/* The SHA-256 of the style in base64; false without memory. */
static bool
hash_style(char *text)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool good = digest != NULL &&
	    EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1;
	size_t i;

	for (i = 0; style[i] != NULL && good; i++)
		good = EVP_DigestUpdate(digest, style[i],
		    strlen(style[i])) == 1;
	good = good && EVP_DigestFinal_ex(digest, hash, NULL) == 1;
	EVP_MD_CTX_free(digest);
	if (good)
		EVP_EncodeBlock((unsigned char *)text, hash, HASH_SIZE);
	return good;
}

/* It allows this very style, and no other; none if its hash cannot be made. */
static const char *
policy(void)
{
	static char text[sizeof(POLICY) + HASH_TEXT + 1];
	char hash[HASH_TEXT + 1];

	if (text[0] == '\0' && hash_style(hash))
		snprintf(text, sizeof(text), POLICY "%s'", hash);
	return text[0] != '\0' ? text : "default-src 'none'";
}

void
html_begin(struct draft *out, const struct config *config, const char *title)
{
	size_t i;

	draft_add(out,
	    "<!DOCTYPE html>\n"
	    "<html lang=\"en\">\n"
	    "<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<title>");
	html_text(out, title);
	draft_printf(out, "</title>\n"
	    "<link rel=\"icon\" href=\"%sfavicon.ico\">\n"
	    "<style>", config->external_path);
	for (i = 0; style[i] != NULL; i++)
		draft_add(out, style[i]);
	draft_printf(out, "</style>\n"
	    "</head>\n"
	    "<body>\n"
	    "<header><a href=\"%s\">coda56-exporter</a> " VERSION
	    "</header>\n"
	    "<main>\n", config->external_path);
}

void
html_send(struct evhttp_request *req, int status, struct draft *out)
{
	evhttp_add_header(evhttp_request_get_output_headers(req),
	    "Content-Security-Policy", policy());
	draft_add(out, "</main>\n</body>\n</html>\n");
	page_send_draft(req, status, "text/html; charset=utf-8", out);
}

/*
 * How many bytes at the beginning of a text are a character that must not
 * stand there: controls (C0, DEL, C1), marks, embeddings, overrides and
 * isolates of direction (Unicode, annex 9), and separators of lines.
 */
static size_t
bad_character(const char *text)
{
	const unsigned char *t = (const unsigned char *)text;

	if (t[0] < ' ' || t[0] == 0x7f)
		return 1;
	if (t[0] == 0xc2 && t[1] >= 0x80 && t[1] < 0xa0)
		return 2;
	if (t[0] == 0xe2 && ((t[1] == 0x80 && ((t[2] >= 0x8e &&
	    t[2] <= 0x8f) || (t[2] >= 0xa8 && t[2] <= 0xae))) ||
	    (t[1] == 0x81 && t[2] >= 0xa6 && t[2] <= 0xa9)))
		return 3;
	return 0;
}

void
html_text(struct draft *out, const char *text)
{
	const char *from = text;
	const char *entity;
	size_t bad;

	for (; *text != '\0'; text++) {
		entity = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" :
		    *text == '>' ? "&gt;" : *text == '"' ? "&quot;" :
		    *text == '\'' ? "&#39;" : NULL;
		bad = entity == NULL ? bad_character(text) : 0;
		if (entity == NULL && bad == 0)
			continue;
		draft_add_bytes(out, from, (size_t)(text - from));
		if (entity != NULL)
			draft_add(out, entity);
		from = text + (bad > 0 ? bad : 1);
		for (; bad > 0; bad--, text++)
			draft_printf(out, "\\x%02x",
			    (unsigned)(unsigned char)*text);
		text = from - 1;
	}
	draft_add_bytes(out, from, (size_t)(text - from));
}

void
html_query(struct draft *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	for (; *text != '\0'; text++)
		draft_printf(out, strchr(plain, *text) != NULL ? "%c" :
		    "%%%02X", (unsigned)(unsigned char)*text);
}

void
html_mark(struct draft *out, enum cm_grade grade)
{
	static const char *const signs[CM_GRADE_COUNT] = {
		[CM_UNKNOWN] = "?",
		[CM_GOOD] = "&#10003;",
		[CM_TOLERABLE] = "~",
		[CM_BAD] = "!",
		[CM_CRITICAL] = "!!",
	};

	draft_printf(out, "<b class=\"mark %s\" aria-hidden=\"true\">%s"
	    "</b>", cm_grade_word(grade), signs[grade]);
}
