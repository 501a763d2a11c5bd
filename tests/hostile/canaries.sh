#!/bin/sh
# canaries.sh BUILD - injections: text that would make a file if anything took
# it for code stands in every place where a .bst has text. It may be refused;
# what is accepted is compiled, run and read by make, and the file is not there.

area=canaries
. tests/hostile/lib.sh

# One canary on each line; \n, \t and the like are written out by printf %b.
# shellcheck disable=SC2016
variants() {
    cat <<'END'
");system("touch pwned");//
\\");system("touch pwned");//
"+system("touch pwned")+"
*/ int x = system("touch pwned"); /*
*/\nint pwned(void) { return system("touch pwned"); }\n/*
\n#include "/etc/passwd"\n
"\n#include "/etc/passwd"\n
??/");system("touch pwned");//
??/\n");system("touch pwned");//
\\\n");system("touch pwned");//
%s%n%x");system("touch pwned");//
$(shell touch pwned)
$(touch pwned)
`touch pwned`
;touch pwned
\n\ttouch pwned\n
\nall: ; touch pwned\n
| touch pwned
&& touch pwned
' ; touch pwned ; '
" ; touch pwned ; "
}; int x = system("touch pwned"); struct y {
0; system("touch pwned")
a.h"\n_Pragma("GCC poison x")\n"
\r\n#define BST_OK system("touch pwned")\r\n
\f#define BST_OK system("touch pwned")\n
__attribute__((constructor)) f() { system("touch pwned"); }
<!--#exec cmd="touch pwned" -->
\0");system("touch pwned");//
\x22);system(\x22touch pwned\x22);//
END
}

# The places; $1 is the canary as a string of .bst, $2 its bytes.
place_use() { printf 'use "%s";\n' "$1"; }
place_system() { printf 'use <%s>;\n' "$2"; }
place_import() { printf 'import "%s";\n' "$1"; }
place_doc() { printf '%s\n' "$2" | sed 's,^,/// ,'; }
place_comment() { printf '/* %s */\n' "$2" | sed 's,\*/.*\*/,*/,'; }
place_name() { printf 'message %s;\n' "$2"; }
place_prefix() { printf 'prefix %s;\n' "$2"; }
place_value() { printf 'message m { u8 x = %s; }\n' "$2"; }
place_listen() { printf 'supervisor s { listen "%s" => shown; }\n' "$1"; }

# Most of what stands in the first ones is compiled, and run, which takes long.
taken="doc comment system"
refused="use import name prefix value listen"
if [ "${HOSTILE-}" != all ]; then
    # shellcheck disable=SC2086
    set -- $taken
    shift $((seed % $#))
    taken=$1
    # shellcheck disable=SC2086
    set -- $refused $refused
    shift $((seed % 6))
    refused="$1 $2"
fi

# Builds and runs what bastionc made of one program; 0 if nothing happened.
harmless() {
    if "$bastionc" -MD -MP --main can.bst >/dev/null 2>err; then
        accepted=$((accepted + 1))
        # A header that does not exist fails the C compiler, which is fine.
        # shellcheck disable=SC2086
        if gcc $user_flags -O0 -w -I. -o can can.bst.c $user_libs 2>err; then
            ran=$((ran + 1))
            timeout 10 ./can --log none || return 1
        fi
        make -s -f Makefile >/dev/null 2>&1
    elif [ $? != 1 ]; then
        cat err
        return 1
    fi
    [ ! -e pwned ]
}

try_place() { # place
    accepted=0
    ran=0
    n=0
    printf 'all: can.bst.c\n-include can.bst.c.d\n' >Makefile
    variants >variants
    while IFS= read -r canary; do
        n=$((n + 1))
        bytes=$(printf '%b' "$canary")
        text=$(printf '%s' "$canary" | sed 's/"/\\"/g')
        # What is included or imported is there, where a file can be so called.
        case $1 in
        use | system | import) touch "./$bytes" ;;
        esac 2>/dev/null
        {
            "place_$1" "$text" "$bytes"
            echo 'actor shown { on start => { bst_stop_system(self); } }'
            echo 'supervisor r { children shown; }'
        } >can.bst
        rm -f can.bst.* can
        harmless || {
            cat can.bst
            return 1
        }
    done <variants
    echo "$1: $n canaries, $accepted accepted, $ran ran"
    [ $n -ge 30 ]
}

for place in $taken $refused; do
    fresh "$place"
    check "in place of: $place" try_place "$place"
done
cd "$here" || exit 2
for place in $taken; do
    check "some are run in place of: $place" awk -v least=10 \
        '{ n = $(NF - 1) } END { exit !(n >= least) }' "$place/check.log"
done
exit $status
