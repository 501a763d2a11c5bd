#!/bin/sh
# files.sh BUILD - outputs that cannot be written, descriptors that are closed,
# inputs that are no files: a clean message, the right status, and never half
# of an output.

area=files
. tests/hostile/lib.sh

good() {
    echo 'actor a { on start => { bst_stop_system(self); } }' >"$1.bst"
    echo 'supervisor r { children a; }' >>"$1.bst"
}

large() { # name: a program whose source has some 3 MB
    awk 'BEGIN {
        print "actor a { on start => f; } supervisor r {"
        for (i = 0; i < 8000; i++) printf "children a as g%d;\n", i
        print "}"
    }' >"$1.bst"
}

gives() { # status words in err, command...
    wanted=$1
    words=$2
    shift 2
    "$@" >out 2>err
    code=$?
    [ $code = "$wanted" ] && grep -qF -- "$words" err && return
    cat err
    echo "status $code instead of $wanted, or no \"$words\": $*"
    return 1
}

# Nothing else lies here: no output and no temporary file.
only() { # name...
    rm -f out err
    left=$(find . -mindepth 1 -maxdepth 1 -not -name check.log |
        sed 's,^\./,,' | sort | tr '\n' ' ')
    [ "$left" = "$(printf '%s\n' "$@" | sort | tr '\n' ' ')" ] && return
    echo "there are: $left"
    return 1
}

full_device() {
    good a
    for verb in '-o -' '--emit=ast' '--emit=tokens' '--emit=stubs' 'stubs' \
        '--help' '--version' '--man-page'; do
        case $verb in
        -h* | --h* | --v* | --m*) input= ;;
        *) input=a.bst ;;
        esac
        # shellcheck disable=SC2016
        gives 1 'standard output' sh -c \
            '"$0" $1 $2 >/dev/full' "$bastionc" "$verb" "$input" || return 1
    done
    # Diagnostics that nobody can read change no status.
    echo 'supervisor r { children b; }' >b.bst
    "$bastionc" b.bst 2>/dev/full
    [ $? = 1 ] || return 1
    "$bastionc" --diagnostics=json b.bst 2>/dev/full
    [ $? = 1 ] || return 1
    rm b.bst
    only a.bst
}

# As large a file as is allowed is a full disk to the compiler.
full_disk() {
    large a
    echo old >a.bst.c
    echo old >a.bst.h
    # shellcheck disable=SC2016
    gives 1 'cannot write' sh -c 'ulimit -f 64; exec "$0" a.bst' "$bastionc" ||
        return 1
    [ "$(cat a.bst.c)$(cat a.bst.h)" = oldold ] && only a.bst a.bst.c a.bst.h ||
        return 1
    rm a.bst.c a.bst.h
    # The first of the outputs would fit, the second does not.
    # shellcheck disable=SC2016
    gives 1 'cannot write' sh -c 'ulimit -f 64; exec "$0" --emit=c,main a.bst' \
        "$bastionc" && only a.bst
}

no_folder() {
    good a
    for folder in a.bst a.bst/x none none/none /dev/null /dev/full /proc \
        /proc/self/fd/99; do
        gives 1 'cannot write' "$bastionc" -o "$folder" a.bst || return 1
    done
    if [ "$(id -u)" != 0 ]; then
        mkdir locked
        chmod 555 locked
        gives 1 'cannot write' "$bastionc" -o locked a.bst || return 1
        rmdir locked
    fi
    ln -s loop loop
    gives 1 'cannot write' "$bastionc" -o loop a.bst || return 1
    rm loop
    # A depfile that cannot be written takes the outputs with it.
    gives 1 'cannot write' "$bastionc" -MD -MF none/d a.bst && only a.bst
}

# An output is replaced as a whole; what it was linked to stays as it was.
links_and_folders() {
    good a
    echo precious >target
    ln -s target a.bst.c
    ln target a.bst.h
    "$bastionc" a.bst || return 1
    [ "$(cat target)" = precious ] && [ ! -L a.bst.c ] &&
        grep -q generated a.bst.h || return 1
    rm a.bst.c a.bst.h target
    mkdir a.bst.h
    gives 1 'cannot write' "$bastionc" a.bst && only a.bst a.bst.h
}

input_is_output() {
    good a
    cp a.bst before
    for name in a.bst ./a.bst "$(pwd)/a.bst"; do
        gives 2 'an input and an output' "$bastionc" -MD -MF "$name" a.bst ||
            return 1
    done
    ln a.bst hard
    ln -s a.bst soft
    gives 2 'an input and an output' "$bastionc" -MD -MF hard a.bst &&
        gives 2 'an input and an output' "$bastionc" -MD -MF soft a.bst &&
        cmp a.bst before && rm -f hard soft && only a.bst before
}

same_outputs() {
    mkdir x y
    good x/a
    good y/a
    good y/b
    gives 2 'the same outputs' "$bastionc" y/b.bst x/a.bst y/a.bst &&
        only x y || return 1
    n=0
    while [ $n -lt 2000 ]; do
        n=$((n + 1))
        set -- "$@" "z/f$n.bst"
    done
    gives 2 'the same outputs' timeout 5 "$bastionc" "$@" w/f1999.bst
}

# Whatever is closed, no diagnostic ends up in an output.
closed() {
    good a
    "$bastionc" a.bst || return 1
    cp a.bst.c expected
    printf 'message never { u8 x; }\n// \377\n' >>a.bst
    "$bastionc" a.bst 2>/dev/null || return 1
    cp a.bst.c warned
    rm a.bst.c a.bst.h
    for streams in '0' '1' '2' '0 1' '0 2' '1 2' '0 1 2'; do
        for words in '-v a.bst' '--emit=c,h,stubs a.bst' '-v -MD a.bst' \
            '-o - a.bst' 'check a.bst' 'check none.bst' '--bad' '--help' \
            'check -'; do
            (
                for stream in $streams; do
                    eval "exec $stream>&-"
                done
                # shellcheck disable=SC2086
                "$bastionc" $words
            ) >shown 2>&1 </dev/null
            code=$?
            [ $code -le 2 ] || {
                echo "status $code with $streams closed: $words"
                return 1
            }
            for output in a.bst.c a.bst.h; do
                [ ! -e $output ] || ! grep -qE 'bastionc: |warning\[' $output ||
                    return 1
            done
            [ ! -e a.bst.c ] || cmp a.bst.c warned || return 1
            rm -f a.bst.c a.bst.h a.bst.c.d
        done
    done
    # shellcheck disable=SC2016
    gives 1 'standard output' sh -c '"$0" -o - a.bst >&-' "$bastionc"
}

no_files() {
    mkdir d.bst
    mkfifo f.bst
    ln -s nowhere l.bst
    ln -s o.bst o.bst
    for input in d.bst f.bst l.bst o.bst /dev/zero.bst none.bst none/a.bst; do
        gives 1 'cannot read' timeout 5 "$bastionc" "$input" || return 1
    done
    truncate -s 1100M huge.bst
    gives 1 'larger than' timeout 5 "$bastionc" huge.bst || return 1
    head -c 100000 /dev/urandom >r.bst
    gives 1 'error[E0002]' timeout 5 "$bastionc" r.bst || return 1
    cp "$bastionc" elf.bst
    gives 1 'not a text file' timeout 5 "$bastionc" elf.bst || return 1
    : >empty.bst
    gives 1 'E0206' "$bastionc" empty.bst
}

# A file that changes while it is read is what was read.
changing() {
    large a
    cp a.bst saved
    (
        i=0
        while [ $i -lt 100 ]; do
            head -c $(((i * 7919) % 100000)) saved >a.bst
            cat saved >a.bst
            i=$((i + 1))
        done
    ) &
    writer=$!
    i=0
    while [ $i -lt 40 ]; do
        "$bastionc" check a.bst 2>/dev/null
        [ $? -le 1 ] || return 1
        i=$((i + 1))
    done
    wait $writer
}

for part in full_device full_disk no_folder links_and_folders input_is_output \
    same_outputs closed no_files changing; do
    fresh $part
    check "$(echo $part | tr _ ' ')" $part
done
exit $status
