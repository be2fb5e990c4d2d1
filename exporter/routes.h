/* SPDX-License-Identifier: MIT */
#ifndef ROUTES_H
#define ROUTES_H

/*
 * The pages: path below --web.route-prefix, methods, what the handler of
 * server.c is called after handle_, and the flag of struct config that takes
 * the page away.  The exporter's own metrics are not here: their path is
 * --web.telemetry-path, which must be none of these.
 */
#define ROUTES(X) \
	X("/", READ, landing, ALWAYS) \
	X("/probe", READ, probe, ALWAYS) \
	X("/modem", READ, modem, ALWAYS) \
	X("/logs", READ, logs, UNLESS(disable_debug)) \
	X("/config", READ, config, UNLESS(disable_config)) \
	X("/-/healthy", READ, healthy, ALWAYS) \
	X("/-/ready", READ, ready, ALWAYS) \
	X("/-/reload", CHANGE, reload, ALWAYS) \
	X("/favicon.ico", READ, favicon, ALWAYS)

#endif
