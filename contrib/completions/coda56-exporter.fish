# SPDX-License-Identifier: MIT
#
# Completion for fish: the options are those that the program's help lists,
# with the words that they choose from.

complete -c coda56-exporter -f
complete -c coda56-exporter -n __fish_is_first_arg \
	-a 'probe healthcheck'
coda56-exporter --help 2>/dev/null | awk '
	function put() { if (name) print name ";" value ";" help }
	/^  --/ {
		put(); split(substr($0, 5), part, "=")
		name = part[1]; value = part[2]; help = ""
	}
	/^      / { sub(/^ +/, ""); help = help (help ? " " : "") $0 }
	END { put() }
' | while read -d ';' name value help
	switch $value
	case ''
		complete -c coda56-exporter -l $name -d $help
	case '*|*'
		complete -c coda56-exporter -l $name -d $help \
			-x -a (string replace -a '|' ' ' $value)
	case FILE
		complete -c coda56-exporter -l $name -d $help -r -F
	case '*'
		complete -c coda56-exporter -l $name -d $help -x
	end
end
