#!/bin/bash
# complete.sh BUILD - what a shell completes; every verb and flag of --help is
# known to each shell.

build=${1:?usage: complete.sh BUILD}
status=0
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
"$build/bastionc" completions bash >"$work/bash" &&
    "$build/bastionc" completions zsh >"$work/zsh" &&
    "$build/bastionc" completions fish >"$work/fish" || status=1
. "$work/bash"
mkdir "$work/files" && cd "$work/files" || exit 2
: >shop.bst
: >shop.c
: >other.txt
mkdir folder

# compopt works while a shell completes only.
compopt() { :; }

completes() { # WANTED WORD...: the last word is being completed
    local wanted=$1 got
    shift
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _bastionc bastionc "${COMP_WORDS[COMP_CWORD]}" \
        "${COMP_WORDS[COMP_CWORD - 1]}"
    got="${COMPREPLY[*]}"
    if [ "$got" = "$wanted" ]; then
        echo "ok completes ${*:2}"
    else
        echo "# got: $got, wanted: $wanted"
        echo "not ok completes ${*:2}"
        status=1
    fi
}

completes 'plan' bastionc pl
completes 'shop.bst folder' bastionc check ''
completes 'shop.bst' bastionc sho
completes 'shop.bst shop.c folder' bastionc stubs shop.bst ''
completes '--mermaid --messages' bastionc graph --me
completes '--emit=' bastionc --em
completes '' bastionc check --em
completes 'dot' bastionc --emit = do
completes 'text' bastionc check --diagnostics = te
completes 'folder' bastionc -o f
completes 'server' bastionc new x --template = s
completes 'bash zsh fish' bastionc completions ''
completes '--check --color=' bastionc fmt --c

for shell in bash zsh fish; do
    missing=
    for word in $("$build/bastionc" --help |
        sed -n 's/^  \(-*[A-Za-z][-A-Za-z]*\).*/\1/p'); do
        case $shell-$word in
        fish---*) word="-l ${word#--}" ;;
        # A value that follows at once is part of the word in --help.
        *-Wno-* | *-fmax-*) continue ;;
        fish--?) word="-s ${word#-}" ;;
        fish--*) word="-o '${word#-}'" ;;
        esac
        grep -qF -- "$word" "$work/$shell" || missing="$missing $word"
    done
    if [ -z "$missing" ]; then
        echo "ok completions $shell"
    else
        echo "# missing:$missing"
        echo "not ok completions $shell"
        status=1
    fi
    if command -v $shell >/dev/null; then
        $shell -n "$work/$shell" || {
            echo "not ok completions $shell is understood"
            status=1
        }
    fi
done
exit $status
