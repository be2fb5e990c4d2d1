#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: installed.sh BUILD LIST BINDIR UNITS
#
# `meson install` puts there what LIST says, with its modes, and the unit starts
# the program that is there.
set -eu
LC_ALL=C
export LC_ALL

echo 1..2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if ! meson install -C "$1" --no-rebuild --destdir "$folder/root" \
    >"$folder/log" 2>&1; then
	sed 's/^/# /' "$folder/log"
	exit 1
fi
(cd "$folder/root" && find . ! -type d -printf '%m %P\n') |
    sed 's| | /|' | sort >"$folder/found"
if sort "$2" | diff - "$folder/found" >"$folder/log"; then
	echo "ok 1 - all is installed that is to be, and nothing else"
else
	echo "not ok 1 - all is installed that is to be, and nothing else"
	sed 's/^/# /' "$folder/log"
fi

if grep -q "^ExecStart=$3/coda56-exporter " \
    "$folder/root$4/coda56-exporter.service"; then
	echo "ok 2 - the unit starts what is installed"
else
	echo "not ok 2 - the unit starts what is installed"
fi
