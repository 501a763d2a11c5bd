# Cases that are no file here: what is huge, and conditions of the system.
#
# make_CASE prints a .bst. do_CASE is called in an empty folder with $bastionc
# and $format set, and prints what is compared; `says ARG...` runs bastionc
# and prints its diagnostics and its status.
#
# shellcheck shell=sh disable=SC2154,SC2317

says() {
    "$bastionc" "--diagnostics=$format" "$@" 2>"$folder/said" \
        >"$folder/printed"
    code=$?
    cat "$folder/said"
    [ ! -s "$folder/printed" ] || echo "(something on standard output)"
    echo "exit $code"
}

small() { # a small correct file
    echo 'actor a { on start => a_start; }'
    echo 'supervisor root { children a; }'
}

good() { # NAME
    small >"$1"
}

repeated() { # COUNT TEXT: TEXT so many times, without line ends
    yes "$2" | head -n "$1" | tr -d '\n'
}

make_c19_identifier() {
    repeated 1000000 n
    echo ' { }'
}

make_c20_line() {
    printf 'actor a { on start => a_start; } supervisor root { children a; } '
    repeated 100000 "$(repeated 1000 ' ')"
    echo 'junk;'
}

make_c32_nesting() {
    yes 'supervisor a {' | head -n 1000000
}

make_c33_errors() {
    yes 'x = ;' | head -n 1000000
}

make_c33_unknown() {
    yes 'x y;' | head -n 1000000
    small
}

make_c33_siblings_is_fine() {
    echo 'actor a { on start => a_start; } supervisor root {'
    seq -f 'children a as g%.0f;' 100000
    echo '}'
}

make_c34_list_is_fine() {
    printf 'message m; actor a { on start sends a.m'
    repeated 100000 ', a.m'
    echo ' => a_start; on m => a_m; } supervisor root { children a; }'
}

make_c34_values() {
    printf 'actor a { on start => a_start; }\nsupervisor root { children a { '
    printf 'redundancy 4'
    repeated 100000 ' 5'
    echo '; } }'
}

do_c23_unreadable() {
    says check missing.bst
    mkdir folder.bst
    says check folder.bst
    mkfifo fifo.bst
    says check fifo.bst
    ln -s /dev/zero zero.bst
    says check zero.bst
    ln -s round.bst round.bst
    says check round.bst
    ln -s /proc/self/mem broken.bst
    says check broken.bst
    truncate -s 1073741825 large.bst
    says check large.bst
}

do_c44_outside() {
    mkdir project inside
    echo 'message secret;' >secret.bst
    ln -s ../secret.bst project/link.bst
    good project/main.bst
    for path in ../secret.bst ./../secret.bst a/../../secret.bst link.bst \
        ..//secret.bst ../project/../secret.bst; do
        good project/main.bst
        echo "import \"$path\";" >>project/main.bst
        says check project/main.bst
    done
}

do_c45_links_is_fine() {
    echo 'actor a { on start => a_start; }' >one.bst
    ln -s one.bst two.bst
    ln one.bst three.bst
    for name in one two three ./one .//two; do
        echo "import \"$name.bst\";"
    done >main.bst
    echo 'supervisor root { children a; }' >>main.bst
    says check main.bst
}

do_c46_bomb() { # each file imports two more
    for i in $(seq 1 260); do
        printf 'import "f%d.bst"; import "f%d.bst";\n' $((2 * i)) \
            $((2 * i + 1)) >"f$i.bst"
    done
    for i in $(seq 261 521); do
        echo >"f$i.bst"
    done
    says check f1.bst
}

do_c46_depth() {
    for i in $(seq 1 40); do
        echo "import \"d$((i + 1)).bst\";" >"d$i.bst"
    done
    good d41.bst
    says check d1.bst
}

do_c67_handler() {
    good main.bst
    "$bastionc" --main main.bst
    # The object asks for the handler by its name, and `stubs` has it.
    "${CC:-gcc}" -std=c11 -I"$tree/runtime/include" -c main.bst.c
    nm -u main.bst.o | grep -o 'a_start'
    "$bastionc" stubs main.bst | grep -o 'a_start('
}

do_c81_path() {
    for name in 'line
#include "x"' 'quote"' 'end*' 'back\' 'a??'; do
        good "$name.bst"
        says "$name.bst"
        good main.bst
        rm "$name.bst"
    done
    mkdir 'a
#error "b'
    good 'a
#error "b/main.bst'
    says 'a
#error "b/main.bst'
    if [ -e main.bst.c ]; then # the path has not become part of the C
        "${CC:-gcc}" -std=c11 -I"$tree/runtime/include" -c main.bst.c 2>&1
    fi
    rm -rf 'a
#error "b'
}

do_c82_outputs() {
    good a.bst
    cp a.bst before
    says -MD -MF a.bst a.bst
    cmp a.bst before
    says -o none a.bst
    says -o a.bst a.bst
    says -o /proc a.bst
    mkdir a.bst.h
    says a.bst
    rmdir a.bst.h
    # A limit on the size of files stands for a full disk.
    (
        ulimit -f 1
        says a.bst
    )
    for verb in "-o - a.bst" --help "explain E0201"; do
        # shellcheck disable=SC2086
        "$bastionc" "--diagnostics=$format" $verb 2>&1 >/dev/full
        echo "exit $?"
    done
    ls
}

do_c83_same() {
    mkdir x y
    good x/a.bst
    good y/a.bst
    says x/a.bst y/a.bst
    says check x/a.bst y/a.bst
    ls
}

do_c84_options() {
    good a.bst
    says
    says --emti=c a.bst
    says --std=c17x a.bst
    says -Z a.bst
    says a.bst -o
    says --prefix= a.bst
    says --emit=q a.bst
    says --diagnostics=jsn a.bst
    says --diagnostics="$format" --color=red a.bst
    says -o x -o y a.bst
    says -Wno-x a.bst
    says -fmax-errors=x a.bst
    says check -MD a.bst
    says chek a.bst
    says a.txt
    says explain E9999
    says explain E0021
    says --allow=E0201 a.bst
    ls
}

do_c85_closed() {
    good a.bst
    echo 'supervisor root { children b; }' >bad.bst
    says check - <a.bst
    says check - <&-
    "$bastionc" "--diagnostics=$format" a.bst <&- >&- 2>&-
    echo "exit $?"
    "$bastionc" "--diagnostics=$format" -o - a.bst 2>&1 >&-
    echo "exit $?"
    # The outputs hold nothing else than without closed files.
    mkdir open
    "$bastionc" -o open a.bst
    cmp a.bst.c open/a.bst.c && cmp a.bst.h open/a.bst.h
    "$bastionc" "--diagnostics=$format" bad.bst <&- >&- 2>&-
    echo "exit $?"
    "$bastionc" "--diagnostics=$format" a.bst bad.bst 2>&-
    echo "exit $?"
    cmp a.bst.c open/a.bst.c && cmp a.bst.h open/a.bst.h
    ls
}

do_c86_terminal() {
    echo 'supervisor root { children i; } // II' >a.bst
    says check a.bst >plain
    for locale in tr_TR.UTF-8 de_DE C POSIX nonsense; do
        LC_ALL=$locale says check a.bst | cmp - plain
    done
    TERM=dumb says check a.bst | cmp - plain
    NO_COLOR=1 says check a.bst | cmp - plain
    if [ "$format" = text ]; then
        says check --color=always a.bst | tr '\033' '!'
        # A terminal has colours, unless one of these says no.
        for setting in TERM=xterm TERM=dumb NO_COLOR=1; do
            env TERM=xterm "$setting" script -qec "$bastionc check a.bst" \
                /dev/null </dev/null | grep -q "$(printf '\033')" &&
                echo "$setting: colours" || echo "$setting: none"
        done
    fi
    cat plain
}

do_c87_changing() {
    make_c34_list_is_fine >full.bst
    cp full.bst a.bst
    (
        while [ ! -e stop ]; do
            truncate -s 1000 a.bst
            cp full.bst a.bst
        done
    ) &
    changer=$!
    worst=0
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        "$bastionc" check "--diagnostics=$format" a.bst >/dev/null 2>&1
        code=$?
        [ $code -le $worst ] || worst=$code
    done
    : >stop
    wait $changer
    [ $worst -le 1 ] && echo "never more than 1"
}

do_c88_huge() {
    make_c33_siblings_is_fine >a.bst
    says a.bst
    # One row of a table each, and one place where the rows are used.
    grep -c '\.name = "g[0-9]*"' a.bst.c
}
