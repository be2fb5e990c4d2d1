/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cablemodem.h"
#include "listen.h"

#define CONFIG_LISTEN_MAX	16
#define CONFIG_NETWORKS_MAX	64

/* A list of networks. */
struct networks {
	struct cm_network	list[CONFIG_NETWORKS_MAX];
	size_t			count;
};

/* What `coda56-exporter probe` prints. */
enum format {
	FORMAT_TEXT,
	FORMAT_OPENMETRICS,
	FORMAT_JSON
};

/* What the exporter was told; texts are those of argv. */
struct config {
	struct listen_address	 listen[CONFIG_LISTEN_MAX];
	size_t			 listen_count;
	const char		*telemetry_path;
	unsigned long		 max_probes;
	bool			 probe;		/* once, instead of serving */
	enum format		 format;	/* for that */
	const char		*modem_target;	/* "" if there is none */
	struct cm_target	 target;	/* the same, parsed */
	const struct cm_module	*modem_module;
	struct networks		 allow;
	struct networks		 deny;
	const char		*resolv_conf;
	int64_t			 timeout_offset; /* microseconds */
};

/* The modules, by place; NULL after the last. */
const struct cm_module	*config_module_at(size_t);
/* A module by name, NULL if there is none. */
const struct cm_module	*config_module(const char *name);

#endif
