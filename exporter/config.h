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
#define CONFIG_PATH_MAX		256

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
	FORMAT_JSON,
	FORMAT_TABLE
};

/* What the command line says, for the life of the process; texts are those of
 * argv.  What the configuration file says is in settings.h. */
struct config {
	const char		*file;		/* "" if there is none */
	bool			 check;		/* it, instead of serving */
	bool			 disable_config; /* /config */
	struct listen_address	 listen[CONFIG_LISTEN_MAX];
	size_t			 listen_count;
	bool			 systemd_socket; /* instead of those */
	/* Paths that begin and end with a slash: of the routes, and of the
	 * same pages as browsers see them. */
	char			 route_prefix[CONFIG_PATH_MAX];
	char			 external_path[CONFIG_PATH_MAX];
	/* The front page for browsers: a URL, or a path if none is known. */
	char			 home[CONFIG_PATH_MAX + 300];
	const char		*telemetry_path; /* below the prefix */
	const char		*web_config_file; /* "" if there is none */
	unsigned long		 max_probes;
	unsigned long		 max_connections; /* of clients */
	unsigned long		 history_limit;
	bool			 disable_debug;	/* no logs over HTTP */
	bool			 disable_sandbox; /* but for new privileges */
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
