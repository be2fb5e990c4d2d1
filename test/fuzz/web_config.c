/* SPDX-License-Identifier: MIT */

/*
 * Exercises exporter/web_config.c.  The input is a web configuration.
 */

#include "web_config.h"

#include "bcrypt.h"
#include "fuzz.h"
#include "log.h"

static bool
is_list(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL && *text != ':' &&
	    strstr(text, "::") == NULL;
}

static void
check_pem(const struct web_pem *pem, bool optional)
{
	CHECK(pem->text == NULL || pem->file == NULL);
	CHECK(optional || pem->text != NULL || pem->file != NULL);
	CHECK(pem->file == NULL || pem->file[0] == '/' ||
	    strncmp(pem->file, "d/", 2) == 0);
}

static void
check_tls(const struct web_tls *tls)
{
	check_pem(&tls->certificate, false);
	check_pem(&tls->key, false);
	check_pem(&tls->client_ca, true);
	CHECK(tls->client_auth >= WEB_NO_CLIENT_CERT &&
	    tls->client_auth <= WEB_REQUIRE_AND_VERIFY_CLIENT_CERT);
	CHECK(tls->min_version <= tls->max_version);
	CHECK(is_list(tls->ciphers, sizeof(tls->ciphers)));
	CHECK(is_list(tls->suites, sizeof(tls->suites)));
	CHECK(is_list(tls->groups, sizeof(tls->groups)));
}

static void
check_config(const struct web_config *config)
{
	unsigned cost;
	size_t i;

	if (config->has_tls)
		check_tls(&config->tls);
	CHECK(config->header_count <= WEB_HEADER_MAX);
	for (i = 0; i < config->header_count; i++)
		CHECK(fuzz_is_sentence(config->headers[i].value, SIZE_MAX));
	for (i = 0; i < config->user_count; i++)
		CHECK(bcrypt_parse(config->users[i].hash, &cost) &&
		    strchr(config->users[i].name, ':') == NULL);
	/* web_admit() multiplies them. */
	CHECK(config->rate_interval == 0 || (config->rate_burst > 0 &&
	    config->rate_interval <
	    INT64_MAX / (int64_t)config->rate_burst));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_bytes(data, size), why[1024];
	struct web_config *config;

	log_set_level(LEVEL_ERROR);
	config = web_config_parse("d/f", text, size, why, sizeof(why));
	if (config != NULL)
		check_config(config);
	else
		CHECK(fuzz_is_sentence(why, sizeof(why)) &&
		    strncmp(why, "d/f:", 4) == 0);
	web_config_free(config);
	free(text);
	return 0;
}
