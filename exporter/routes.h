/* SPDX-License-Identifier: MIT */
#ifndef ROUTES_H
#define ROUTES_H

/*
 * The pages: path below --web.route-prefix, methods, and what the handler of
 * server.c is called after handle_.  The exporter's own metrics are not here:
 * their path is --web.telemetry-path, which must be none of these.
 */
#define ROUTES(X) \
	X("/", READ, landing) \
	X("/probe", READ, probe) \
	X("/modem", READ, modem) \
	X("/logs", READ, logs) \
	X("/config", READ, config) \
	X("/-/healthy", READ, healthy) \
	X("/-/ready", READ, ready) \
	X("/-/reload", CHANGE, reload) \
	X("/favicon.ico", READ, favicon)

#endif
