#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: docs.sh README EXPORTER
#
# The metric reference in the README, between its two marks, is what the
# program says of itself.  If it is not, what --list-metrics prints belongs
# there.  The table of reasons is the list in the library's header.
set -eu
LC_ALL=C
export LC_ALL

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

echo 1..3
failed=0

# result NUMBER NAME: of the complaints in $scratch/complaints.
result() {
	if [ -s "$scratch/complaints" ]; then
		failed=1
		echo "not ok $1 - $2"
		sed 's/^/# /' "$scratch/complaints"
	else
		echo "ok $1 - $2"
	fi
}

for mark in '<!-- metrics -->' '<!-- /metrics -->'; do
	[ "$(grep -cxF "$mark" "$1")" -eq 1 ] ||
	    echo "the line $mark must stand there once"
done >"$scratch/complaints"
result 1 'the metric reference has its two marks'

# Blank lines around the table are the README's own affair.
sed -n '/^<!-- metrics -->$/,/^<!-- \/metrics -->$/p' "$1" |
    sed -e '/^<!--/d' -e '/^$/d' >"$scratch/written"
# shellcheck disable=SC2086 # a wrapper is several words
${TEST_WRAPPER-} "$2" --list-metrics >"$scratch/listed"
diff "$scratch/written" "$scratch/listed" >"$scratch/complaints" || :
result 2 'the metric reference is what --list-metrics prints'

sed -n '/^| reason | what/,/^$/s/^| `\([a-z_]*\)` .*/\1/p' "$1" \
    >"$scratch/written"
sed -n '/^#define CM_REASONS/,/^$/s/.*X([A-Z_]*, "\([a-z_]*\)".*/\1/p' \
    "$(dirname "$1")/lib/include/cablemodem.h" >"$scratch/listed"
[ -s "$scratch/listed" ] || echo none >>"$scratch/listed"
diff "$scratch/written" "$scratch/listed" >"$scratch/complaints" || :
result 3 'every reason is explained, in the order of its list'
exit $failed
