#!/bin/sh
# strings.sh BUILD - C-80, C-81: what a text of the user holds reaches the
# generated program byte for byte, and nothing of it is taken for C. Texts are
# the names of folders and files, and documentation.

area=hostile_strings
. tests/hostile/lib.sh

# Folders with all that C, printf, make and terminals could stumble over.
hostile_folders() {
    printf '%s\n' 'quote"quote' "apostrophe'" 'back\slash' 'back\' 'n\n' \
        'x\x41' '%s%n%d' '??/' '??/??/' 'a??' 'star*' '*' '*\' 'a b' '$(x)' \
        '`x`' '#' '//' 'caf
é' '{' '"}' 'é中' '<&>' '&&' '-x' '...' "$(printf 'bad\377utf')" |
        grep -vE '^(//|caf|é)$' | head -n 40
}

# A program that lies in such a folder says where its group stands.
round_trip() {
    hostile_folders >folders
    n=0
    while IFS= read -r folder; do
        n=$((n + 1))
        mkdir -p "./w$n/$folder"
        cat >"./w$n/$folder/deep.bst" <<'END'
/// Ends a comment: */ begins one: /* and goes on: \
/// a trigraph: ??/
/// %s "quoted" \n \
actor shown { on start => { bst_stop_system(self); } }
supervisor deep { children shown as shown; }
END
        text=$(printf '%s' "$folder" | sed 's/[\\"]/\\&/g')
        printf 'import "%s/deep.bst";\n' "$text" >"w$n/strings.bst"
        cat >"w$n/main.c" <<'END'
#include <stdio.h>
#include "strings.bst.h"
int main(void) { return puts(strings_app.groups[0]->where) < 0; }
END
        (
            cd "w$n" || exit 1
            "$bastionc" strings.bst 2>err || {
                # Only what is not UTF-8 may be refused.
                printf '%s' "$folder" | iconv -f utf-8 >/dev/null 2>&1 &&
                    cat err && exit 1
                exit 0
            }
            # Trigraphs for one compiler and not for the other, in turn. A sample
            # takes one of the two, and the other one next time.
            turn=$n
            for cc in $compilers; do
                turn=$((turn + 1))
                in_sample $turn 2 || continue
                more=-std=gnu11
                [ $((turn % 2)) = 0 ] || more='-std=c11 -trigraphs'
                # shellcheck disable=SC2086
                $cc $more -Wall -Wextra -Werror -Wno-trigraphs \
                    -I"$tree/runtime/include" -I. -o strings main.c \
                    strings.bst.c "$build/libbastion.a" -lhwloc -pthread ||
                    exit 1
                ./strings >got || exit 1
                printf '%s/deep.bst:5\n' "$folder" | cmp - got || exit 1
            done
        ) || {
            echo "in the folder: $folder"
            return 1
        }
    done <folders
    [ $n -gt 20 ]
}

# The same as a whole: every byte that a path can have, in one path.
every_byte() {
    LC_ALL=C awk 'BEGIN { for (i = 32; i < 127; i++) if (i != 47 && i != 59)
        printf "%c", i }' >bytes
    folder=$(cat bytes)
    mkdir "./$folder"
    echo 'actor a { on start => f; } supervisor r { children a; }' \
        >"./$folder/deep.bst"
    text=$(printf '%s' "$folder" | sed 's/[\\"]/\\&/g')
    printf 'import "%s/deep.bst";\n' "$text" >bytes.bst
    "$bastionc" bytes.bst && compiles_everywhere bytes
}

# A name with a control character is refused, and shown escaped.
control_characters() {
    for name in "a${newline}b" "a${esc}[31m" "a${tab}b"; do
        echo 'message deep;' >"$name.bst"
        for escaped in 'a\nb' 'a\x1b[31m' 'a\tb'; do
            printf 'import "%s.bst";\n' "$escaped" >control.bst
            "$bastionc" -MD control.bst 2>err && return 1
            grep -q "$esc" err && return 1
        done
        "$bastionc" check "$name.bst" 2>err && return 1
        grep -q 'E0207' err && ! grep -q "$esc" err || return 1
    done
    grep -q 'control character' err && [ ! -e control.bst.c.d ]
}

# What is shown of a file and of the command line obeys no terminal.
terminal() {
    mkdir "$esc]0;x"
    printf 'message \033]0;x\007;\nuse "\033]0;x\007";\n' >a.bst
    printf '// \033]0;x\007\nactor \302\233x {}\n' >>a.bst
    for format in text short json sarif; do
        for words in "check a.bst" "check $esc.bst" "--$esc" "$esc" \
            "-o $esc a.bst" "--emit=$esc" "--prefix=$esc a.bst" \
            "--color=$esc a.bst" "-I $esc]0;x check -v a.bst" \
            "-Werror=$esc a.bst" "new $esc" "stubs a.bst $esc.c"; do
            # shellcheck disable=SC2086
            "$bastionc" --diagnostics=$format --color=never $words >out 2>&1
            code=$?
            [ $code = 1 ] || [ $code = 2 ] || return 1
            if LC_ALL=C grep -q "[$(printf '\001-\010\013-\037\177')]" out; then
                cat -v out
                echo "shown by: $words" | cat -v
                return 1
            fi
        done
    done
}

# A depfile is read by make; each name there is one name.
depfile() {
    n=0
    for name in 'a b' 'a#b' 'a$b' 'a;touch pwned' 'a|b' 'a:b' 'a%b' 'a=b' \
        'SHELL=x' 'a\;b' '$(shell touch pwned)' 'all' '*' 'a\ b'; do
        mkdir -p "d/$name"
        echo 'message deep;' >"d/$name/x.bst"
        text=$(printf '%s' "$name" | sed 's/[\\"]/\\&/g')
        {
            printf 'import "d/%s/x.bst";\n' "$text"
            echo 'actor a { on start => f; } supervisor r { children a; }'
        } >dep.bst
        case $name in
        *';'*) # make cannot quote it
            "$bastionc" -MD -MP dep.bst 2>err && return 1
            grep -q 'E0207.*holds a `;`' err || return 1
            continue
            ;;
        esac
        "$bastionc" -MD -MP dep.bst || return 1
        printf 'all: dep.bst.c\n\t@echo end\n-include dep.bst.c.d\n%s\n' \
            "dep.bst.c: ; @echo '\$(words \$?)'" >Makefile
        # Made anew for the imported file, and for that alone.
        touch -d '1 hour ago' dep.bst dep.bst.h
        touch -d '10 minutes ago' dep.bst.c
        make >out 2>&1 || {
            cat out dep.bst.c.d
            echo "with $name"
            return 1
        }
        [ "$(tail -n 1 out)" = end ] && grep -qE '^[1-9]' out ||
            { cat out && echo "with $name" && return 1; }
        [ ! -e pwned ] && [ ! -e 'd/pwned' ] || return 1
        n=$((n + 1))
    done
    [ $n = 12 ]
}

for part in round_trip every_byte control_characters terminal depfile; do
    fresh $part
    check "$(echo $part | tr _ ' ')" $part
done
exit $status
