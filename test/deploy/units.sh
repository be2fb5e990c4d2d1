#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: units.sh SERVICE SOCKET EXPORTER
#
# What systemd makes of the units, with the exporter that was built.
set -eu

if ! command -v systemd-analyze >/dev/null; then
	echo "1..0 # SKIP systemd-analyze is not here"
	exit
fi
echo 1..2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed "s|^ExecStart=[^ ]*|ExecStart=$(realpath "$3")|" "$1" \
    >"$folder/coda56-exporter.service"
cp "$2" "$folder"
cd "$folder"

# The manual is not installed yet.
if systemd-analyze verify --man=no ./coda56-exporter.service \
    ./coda56-exporter.socket >log 2>&1 && [ ! -s log ]; then
	echo "ok 1 - systemd has no complaint"
else
	echo "not ok 1 - systemd has no complaint"
	sed 's/^/# /' log
fi

# The threshold is in tenths of what is shown: 1.1 is what a service gets that
# connects to modems and tells systemd that it runs.
if systemd-analyze security --offline=true --no-pager --threshold=11 \
    ./coda56-exporter.service >log 2>&1; then
	echo "ok 2 -$(sed -n 's/^→ Overall exposure level//p' log | tr ':#' '  ')"
else
	echo "not ok 2 - the exposure is 1.1 at the most"
	sed 's/^/# /' log
fi
