# SPDX-License-Identifier: MIT
#
# Completion for bash: the options are those that the program's help lists,
# with the words that they choose from.

_coda56_exporter()
{
	local cur=${COMP_WORDS[COMP_CWORD]} option= value= known name noun
	local names=()

	# An = is a word of its own.
	if [[ $cur == = ]]; then
		cur= option=${COMP_WORDS[COMP_CWORD - 1]}
	elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	else
		option=${COMP_WORDS[COMP_CWORD - 1]}
	fi
	known=$("$1" --help 2>/dev/null | sed -n 's/^  --/--/p')
	while IFS='=' read -r name noun; do
		names+=("$name${noun:+=}")
		[[ $name == "$option" ]] && value=$noun
	done <<<"$known"
	[[ $COMP_CWORD -eq 1 ]] && names+=(probe healthcheck)

	case $value in
	'')	COMPREPLY=($(compgen -W "${names[*]}" -- "$cur"))
		[[ ${COMPREPLY-} == *= ]] && compopt -o nospace 2>/dev/null ;;
	FILE)	compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -f -- "$cur")) ;;
	*\|*)	COMPREPLY=($(compgen -W "${value//|/ }" -- "$cur")) ;;
	*)	COMPREPLY=() ;;
	esac
}

complete -F _coda56_exporter coda56-exporter
