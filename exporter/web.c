/* SPDX-License-Identifier: MIT */

/*
 * The web configuration that is in force.
 *
 * A file may be found half written.  So what cannot be read changes nothing,
 * and neither does what would take TLS or authentication away from a server
 * that has it: an empty file is a valid configuration.
 */

#include "web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cablemodem_file.h"
#include "log.h"
#include "self.h"
#include "monotonic.h"
#include "tls_server.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)

/* A file as it was when it was last looked at. */
struct file {
	char		*path;		/* NULL: none */
	struct cm_stamp	 stamp;
};

enum {
	FILE_CONFIG,
	FILE_CERTIFICATE,
	FILE_KEY,
	FILE_CLIENT_CA,
	FILE_COUNT
};

struct web {
	const char		*path;
	struct web_config	*config;
	SSL_CTX			*tls;
	struct file		 files[FILE_COUNT];
	/* All in microseconds; times are those of monotonic_now(). */
	int64_t			 looked;	/* when, at the files' stamps */
	int64_t			 read;		/* when, the files */
	int64_t			 retry;		/* how long after that they are
						 * read again, as they were not
						 * taken; 0: they were */
	int64_t			 credit;	/* saved up for rate_limit; a
						 * request costs an interval */
	int64_t			 credited;	/* when that was added to */
};

static bool	load(struct web *, char *, size_t);
static bool	keeps_guard(const struct web *, const struct web_config *,
		    char *, size_t);
static void	look(struct file *, const char *);
static bool	has_changed(const struct file *);

struct web *
web_new(const char *path, char *why, size_t whysize)
{
	struct web *web = calloc(1, sizeof(*web));

	if (web == NULL) {
		snprintf(why, whysize, "no memory for the server");
		return NULL;
	}
	web->path = path;
	if (*path == '\0') {
		web->config = calloc(1, sizeof(*web->config));
		if (web->config == NULL)
			snprintf(why, whysize, "no memory for the server");
	} else if (load(web, why, whysize) && web->tls == NULL &&
	    web->config->user_count > 0)
		log_line(LEVEL_WARN, "passwords are sent in the clear without "
		    "tls_server_config", NULL);
	if (web->config == NULL) {
		web_free(web);
		return NULL;
	}
	web->looked = web->credited = monotonic_now();
	web->credit = INT64_MAX;
	return web;
}

void
web_free(struct web *web)
{
	size_t i;

	for (i = 0; i < FILE_COUNT; i++)
		free(web->files[i].path);
	web_config_free(web->config);
	SSL_CTX_free(web->tls);
	free(web);
}

void
web_refresh(struct web *web)
{
	bool changed = false, loaded;
	char why[1024];
	size_t i;

	if (*web->path == '\0' || monotonic_now() - web->looked < SECOND)
		return;
	web->looked = monotonic_now();
	for (i = 0; i < FILE_COUNT; i++)
		changed = changed || has_changed(&web->files[i]);
	/* What failed may have been for want of descriptors or memory. */
	if (!changed &&
	    (web->retry == 0 || web->looked - web->read < web->retry))
		return;
	web->read = web->looked;
	loaded = load(web, why, sizeof(why));
	self_loaded(SELF_WEB_CONFIG, loaded);
	if (loaded) {
		web->retry = 0;
		log_line(LEVEL_INFO, "web configuration read again", NULL);
		return;
	}
	web->retry = changed ? SECOND : 2 * web->retry;
	if (web->retry > MINUTE)
		web->retry = MINUTE;
	log_line(changed ? LEVEL_ERROR : LEVEL_DEBUG, "web configuration not "
	    "taken, the one before it stays", "error", why, NULL);
}

const struct web_config *
web_config(const struct web *web)
{
	return web->config;
}

SSL_CTX *
web_tls(const struct web *web)
{
	return web->tls;
}

/* Each request costs an interval; what is saved up lets a burst in. */
bool
web_admit(struct web *web)
{
	int64_t interval = web->config->rate_interval, t = monotonic_now();
	int64_t most = interval * (int64_t)web->config->rate_burst;

	if (interval == 0)
		return true;
	if (t - web->credited > most - web->credit)
		web->credit = most;
	else
		web->credit += t - web->credited;
	web->credited = t;
	if (web->credit < interval)
		return false;
	web->credit -= interval;
	return true;
}

/* A file is stamped before it is read: what changes meanwhile is seen. */
static bool
load(struct web *web, char *why, size_t whysize)
{
	struct web_config *config;
	SSL_CTX *tls = NULL;
	size_t i;

	for (i = 0; i < FILE_COUNT; i++)
		look(&web->files[i], web->files[i].path);
	look(&web->files[FILE_CONFIG], web->path);
	config = web_config_read(web->path, why, whysize);
	if (config == NULL)
		return false;
	look(&web->files[FILE_CERTIFICATE], config->tls.certificate.file);
	look(&web->files[FILE_KEY], config->tls.key.file);
	look(&web->files[FILE_CLIENT_CA], config->tls.client_ca.file);
	if (config->has_tls)
		tls = tls_server_context(&config->tls, why, whysize);
	if ((config->has_tls && tls == NULL) ||
	    !keeps_guard(web, config, why, whysize)) {
		SSL_CTX_free(tls);
		web_config_free(config);
		return false;
	}
	web_config_free(web->config);
	SSL_CTX_free(web->tls);
	web->config = config;
	web->tls = tls;
	return true;
}

static bool
keeps_guard(const struct web *web, const struct web_config *config, char *why,
    size_t whysize)
{
	const struct web_config *old = web->config;
	const char *what = NULL;

	if (old == NULL)
		return true;
	if (old->has_tls && !config->has_tls)
		what = "tls_server_config";
	else if (old->user_count > 0 && config->user_count == 0)
		what = "basic_auth_users";
	else if (old->tls.client_auth > config->tls.client_auth)
		what = "a stricter client_auth_type";
	else if (web_pem_is_given(&old->tls.client_ca) &&
	    !web_pem_is_given(&config->tls.client_ca))
		what = "client_ca_file";
	else if (old->tls.client_san_count > 0 &&
	    config->tls.client_san_count == 0)
		what = "client_allowed_sans";
	if (what == NULL)
		return true;
	snprintf(why, whysize, "%s: %s is gone; restart the exporter if that "
	    "is meant", web->path, what);
	return false;
}

/* Of a file that is not named any more the name goes too. */
static void
look(struct file *file, const char *path)
{
	char *copy = path != NULL ? strdup(path) : NULL;

	free(file->path);
	file->path = copy;
	cm_file_stamp(&file->stamp, copy);
}

static bool
has_changed(const struct file *file)
{
	struct cm_stamp stamp;

	cm_file_stamp(&stamp, file->path);
	return !cm_file_same(&stamp, &file->stamp);
}
