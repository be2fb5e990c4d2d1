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
	bool			given;	/* by the command line */
};

/* What `coda56-exporter probe` prints. */
enum format {
	FORMAT_TEXT,
	FORMAT_OPENMETRICS,
	FORMAT_JSON
};

/* What the command line says, for the life of the process; texts are those of
 * argv.  What the configuration file says is in settings.h. */
struct config {
	const char		*file;		/* "" if there is none */
	bool			 check;		/* it, instead of serving */
	bool			 disable_config; /* /config */
	struct listen_address	 listen[CONFIG_LISTEN_MAX];
	size_t			 listen_count;
	const char		*telemetry_path;
	unsigned long		 max_probes;
	bool			 probe;		/* once, instead of serving */
	enum format		 format;	/* for that */
	const char		*modem_target;	/* "" if there is none */
	const char		*modem_module;	/* its name */
	struct networks		 allow;
	struct networks		 deny;
	const char		*resolv_conf;
	int64_t			 timeout_offset; /* microseconds */
};

#endif
