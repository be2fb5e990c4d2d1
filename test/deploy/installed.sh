#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: installed.sh BUILD LIST BINDIR UNITS CONTRIB VERSION
#
# `meson install` puts there what LIST says, with its modes, the unit starts the
# program that is there, and all packages are of this VERSION.
set -eu
LC_ALL=C
export LC_ALL

echo 1..3
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

while read -r file wanted; do
	grep -qE -e "$wanted" "$5/$file" || echo "$file has no $wanted"
done >"$folder/log" <<END
NEWS.md ^## $6,
alpine/APKBUILD ^pkgver=$6\$
debian/changelog ^coda56-exporter \($6-
rpm/coda56-exporter.spec ^Version: +$6\$
rpm/coda56-exporter.spec - $6-1\$
END
if [ -s "$folder/log" ]; then
	echo "not ok 3 - the news and the packages are of this version"
	sed 's/^/# /' "$folder/log"
else
	echo "ok 3 - the news and the packages are of this version"
fi
