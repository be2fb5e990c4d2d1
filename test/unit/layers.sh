#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: layers.sh SOURCE-DIRECTORY
#
# A file includes its own header and files of lower levels, nothing else: no
# arrow points upwards or sideways.  A file that is not in the table fails:
# put it where it belongs.
set -eu
LC_ALL=C
export LC_ALL
cd "$1"

# Level, then the modules on it; a module is its .c and its .h.
levels='
 0 lib/include/cablemodem_fields lib/include/cablemodem_text
 0 lib/buffer lib/clock lib/include/cablemodem_file lib/ring lib/session
 1 lib/file lib/include/cablemodem lib/repair lib/text lib/value
 2 lib/error lib/include/cablemodem_health lib/model lib/target lib/tls
 2 lib/trace
 3 lib/model_coda56 lib/peer lib/record lib/resolve
 4 lib/encode lib/encode_json lib/eventlog lib/fetch lib/list
 5 lib/answer lib/decode lib/health lib/link
 6 lib/pool
 7 lib/pools
 8 exporter/monotonic exporter/parse lib/probe
 9 exporter/bcrypt exporter/count exporter/credentials exporter/document
 9 exporter/draft exporter/favicon exporter/healthcheck exporter/history
 9 exporter/log exporter/negotiate exporter/process exporter/query
 9 exporter/request exporter/routes exporter/sheet exporter/style
 9 exporter/version
10 exporter/listen exporter/page exporter/sandbox exporter/self
10 exporter/systemd exporter/table
11 exporter/config
12 exporter/forms exporter/html exporter/options
13 exporter/keys exporter/spectrum exporter/web_config
14 exporter/auth exporter/modem_page exporter/settings
14 exporter/tls_server
15 exporter/command exporter/landing exporter/question exporter/web
16 exporter/flight exporter/guard
17 exporter/server
18 exporter/main
'

number=0
failed=0

# result COMPLAINTS NAME: a line of TAP; no complaint is a success.
result() {
	number=$((number + 1))
	if [ -z "$1" ]; then
		echo "ok $number - $2"
	else
		failed=1
		echo "not ok $number - $2"
		echo "$1" | sed 's/^/# /'
	fi
}

# level MODULE: its level, or nothing.
level() {
	echo "$levels" | awk -v module="$1" '{
		for (i = 2; i <= NF; i++)
			if ($i == module)
				print $1
	}'
}

# includes FILE: what it includes in double quotes.
includes() {
	sed -n 's/^[ 	]*#[ 	]*include[ 	]*"\(.*\)".*/\1/p' "$1"
}

# module_of NAME DIRECTORY: the module of a header, as the compiler finds it
# from a file in that directory.
module_of() {
	for directory in "$2" lib/include; do
		module=$directory/${1%.h}
		if [ -f "$module.h" ] || [ -f "$module.h.in" ]; then
			echo "$module"
			return
		fi
	done
}

# arrows FILE: a line for each include that must not be.
arrows() {
	module=${1%.?}
	from=$(level "$module")
	if [ -z "$from" ]; then
		echo "$module is on no level"
		return
	fi
	includes "$1" | while read -r name; do
		to=$(module_of "$name" "${1%/*}")
		if [ -z "$to" ]; then
			echo "$name is no header of ${1%/*} or lib/include"
		elif [ "$to" != "${1%.?}" ]; then
			at=$(level "$to")
			[ -n "$at" ] && [ "$at" -lt "$from" ] ||
			    echo "$name is on level ${at:-?}, not below $from"
		fi
	done
}

# others PATTERN FILE: the files but FILE that have a line like PATTERN.
others() {
	grep -lE "$1" lib/*.[ch] lib/include/*.h exporter/*.[ch] |
	    grep -vx "$2" || :
}

for file in lib/include/*.h lib/*.[ch] exporter/*.[ch]; do
	result "$(arrows "$file")" "$file includes only what is below it"
done

result "$(for module in $(echo "$levels" | sed 's/^ *[0-9]*//'); do
	[ -f "$module.c" ] || [ -f "$module.h" ] ||
	    [ -f "$module.h.in" ] || echo "$module is not there"
done)" 'every module of the table is there'

result "$(grep -lE '^[ 	]*#[ 	]*include[ 	]*<yaml' lib/*.[ch] \
    lib/include/*.h exporter/*.[ch] | grep -vx exporter/document.h || :)" \
    'YAML comes by exporter/document.h alone'
result "$(others '^[ 	]*#[ 	]*include[ 	]*<jansson' lib/decode.c)" \
    'only lib/decode.c knows jansson'
result "$(others \
    'evhttp_(connection_base_bufferevent_new|make_request)' lib/link.c)" \
    'only lib/link.c has the HTTP client'
result "$(grep -nE '#[ 	]*include[ 	]*["<](\.\.|.*/lib/|lib/)' \
    lib/*.[ch] lib/include/*.h exporter/*.[ch] || :)" \
    'no include climbs out of its directory'
result "$(grep -nE '(^|[^_a-z])(exit|abort|printf|puts|perror) *\(|stderr' \
    lib/*.[ch] | grep -vE '^[^:]*:[0-9]*:[ 	]*(/?\*|.*/\*)' || :)" \
    'the library neither exits nor prints'

result "$(for file in lib/*.[ch] lib/include/*.h exporter/*.[ch]; do
	expand "$file" | awk -v file="$file" \
	    'length > 80 { print file ":" NR ": " length " columns" }'
done)" 'no line has more than 80 columns'

echo "1..$number"
exit $failed
