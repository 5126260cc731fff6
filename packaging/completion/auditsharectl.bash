# SPDX-License-Identifier: Apache-2.0
#
# bash completion for auditsharectl, with and without the package bash-completion
#
# What can stand at the cursor is the program's to say; here are only words and quotes. bash's own words do not do:
# it cuts them at = and :, and leaves their quotes in.

# Sets `words` to what is typed, without quotes; `quote` to the one that is still open; and `kept` to how much of the
# last word bash leaves as it is: all before that quote, or up to an = or a : that is not quoted.
_auditsharectl_split() {
    local line=${COMP_LINE:0:COMP_POINT} before=0 last=0 i c
    words=('') quote='' kept=0
    for ((i = 0; i < ${#line}; i++)); do
        c=${line:i:1}
        if [[ $c == "$quote" ]]; then
            quote='' kept=$before
        elif [[ $quote && $c$quote != '\"' ]]; then
            words[last]+=$c
        elif [[ $c == \\ ]]; then
            [[ $quote && ${line:i+1:1} != [\"\\\$\`] ]] && words[last]+=$c
            ((++i))
            words[last]+=${line:i:1}
        elif [[ $c == [\'\"] ]]; then
            quote=$c before=$kept kept=${#words[last]}
        elif [[ $c == [[:blank:]] ]]; then
            [[ ${line:i+1:1} == [[:blank:]] ]] || words[++last]=''
            kept=0
        else
            # bash completes from an @ on, and from behind the others.
            [[ $c == @ && $COMP_WORDBREAKS == *@* ]] && kept=${#words[last]}
            words[last]+=$c
            [[ $c != @ && $COMP_WORDBREAKS == *"$c"* ]] && kept=${#words[last]}
        fi
    done
}

_auditsharectl() {
    local words quote kept lines directive i
    COMPREPLY=()
    if [[ ${COMP_WORDS[COMP_CWORD - 1]} == [\<\>]* ]]; then
        compopt -o default
        return
    fi
    _auditsharectl_split
    mapfile -t lines < <(command auditsharectl __complete "${words[@]:1}" 2>/dev/null)
    ((${#lines[@]} > 0)) || return
    directive=${lines[${#lines[@]} - 1]}
    for ((i = 0; i < ${#lines[@]} - 1; i++)); do
        COMPREPLY[i]=${lines[i]%%$'\t'*}
        COMPREPLY[i]=${COMPREPLY[i]:kept}
    done
    case $directive in
    :files) compopt -o default ;;
    :share | :more)
        compopt -o filenames # are quoted by bash, and listed from their last slash on
        # But what could be a variable or a home, bash leaves for the shell to expand.
        if [[ ! $quote && ${COMPREPLY[*]} == *[\$~]* ]]; then
            compopt -o noquote
            for i in "${!COMPREPLY[@]}"; do printf -v "COMPREPLY[i]" %q "${COMPREPLY[i]}"; done
        fi
        ;;
    esac
    # Of two that begin alike bash adds what they share, and neither a space nor the closing quote.
    [[ $directive == :more && ${#COMPREPLY[@]} -eq 1 ]] && COMPREPLY[1]=${COMPREPLY[0]}/
    return 0
}

complete -F _auditsharectl auditsharectl
