#!/bin/sh
# fresh.sh [--renew] [ROOT] - the models are about the functions as they are.
#
# A line "models: FILE FUNCTION CHECKSUM" of a model names a C function that it
# follows. The checksum is that of the function without comments and white
# space. When the function changes, look whether the model still does the same,
# then let --renew write the new checksums.

renew=
if [ "${1-}" = --renew ]; then
    renew=yes
    shift
fi
cd "${1:-.}" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# Prints "NAME TEXT" for each function that the files define.
functions() { # file
    awk -v quote="'" '
    BEGIN {
        character = quote "([^" quote "\\\\]|\\\\.)" quote
        token_re = "\"([^\"\\\\]|\\\\.)*\"|" character "|/[*]|[{};]"
    }
    # Adds text outside of comments.
    function add(text) {
        if (depth == 0) head = head text
        else body = body text
    }
    function brace(token,    name, whole) {
        if (token == "{" && depth++ == 0) {
            body = ""
            is_function = head ~ /\)[ \t\n]*$/
        }
        add(token)
        if (token == ";" && depth == 0) head = ""
        if (token != "}" || --depth > 0) return
        if (is_function) {
            name = head
            gsub(/__attribute__\(\([a-z_]*\)\)/, "", name)
            sub(/[ \t\n]*\(.*/, "", name)
            sub(/.*[^A-Za-z0-9_]/, "", name)
            whole = head body
            gsub(/[ \t\n]/, "", whole)
            print name " " whole
        }
        head = ""
        is_function = 0
    }
    depth == 0 && !inside && (/^[ \t]*#/ || continued) {
        continued = /\\$/
        if (!/\/\*/) next
        sub(/^[^\/]*/, "")
    }
    {
        text = $0 "\n"
        while (text != "") {
            if (inside) {
                at = index(text, "*/")
                if (!at) break
                text = substr(text, at + 2)
                inside = 0
            } else if (match(text, token_re)) {
                token = substr(text, RSTART, RLENGTH)
                add(substr(text, 1, RSTART - 1))
                text = substr(text, RSTART + RLENGTH)
                if (token == "/*") inside = 1
                else if (token ~ /^[{};]$/) brace(token)
                else add(token)
            } else {
                add(text)
                text = ""
            }
        }
    }' "$1"
}

# Puts the functions of a file into a list, once, and gives its name.
list_of() { # file
    list=$work/$(echo "$1" | tr / .)
    [ -e "$list" ] || functions "$1" >"$list"
}

status=0
wrong() { # model text
    echo "$1: $2"
    status=1
}

for model in tests/models/*.pml tests/models/*.inc; do
    sed -n 's/^ \* models: //p' "$model" >"$work/records"
    [ -s "$work/records" ] || wrong "$model" "it names no function"
    while read -r file function sum; do
        if [ ! -e "$file" ]; then
            wrong "$model" "there is no $file"
            continue
        fi
        list_of "$file"
        now=$(grep "^$function " "$list" | cksum | sed 's/ .*//')
        if ! grep -q "^$function " "$list"; then
            wrong "$model" "$file defines no $function"
        elif ! grep -v '^ \* models: ' "$model" |
            grep -qE "(^|[^A-Za-z0-9_])(c_)?$function([^A-Za-z0-9_]|\$)"; then
            wrong "$model" "nothing in it is named $function"
        elif [ -n "$renew" ]; then
            sed "s,^\( \* models: $file $function\) .*,\1 $now," "$model" \
                >"$work/model" && cat "$work/model" >"$model"
        elif [ "$now" != "$sum" ]; then
            wrong "$model" "$function of $file has changed; see fresh.sh"
        fi
    done <"$work/records"
done
exit $status
