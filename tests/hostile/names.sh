#!/bin/sh
# names.sh BUILD - C-74 to C-79: each hostile name in each place where a .bst
# has names is refused, or what is generated compiles.

area=hostile_names
. tests/hostile/lib.sh

# Prints a program in which the name stands in one place; all places together
# in one program could be told apart by nobody.
program() { # place name
    case $1 in
    message) text="message $2 { u8 v; } actor a { on $2 => fa; }" ;;
    actor) text="actor $2 { state { u8 v; } on start => fa; }" ;;
    field) text="message mm { u8 $2; text t; } actor a { on mm => fa; }" ;;
    arg) text="actor a { args { u32 $2; } on start => fa; }" ;;
    group) text="actor a { on start sends $2.mm => fa; on mm => f; } message mm;" ;;
    function) text="actor a { on start => $2; }" ;;
    supervisor) text="actor a { on start => fa; }" ;;
    esac
    case $1 in
    actor) echo "$text supervisor rr { children $2 as ga; }" ;;
    arg) echo "$text supervisor rr { children a as ga { args 7; } }" ;;
    group) echo "$text supervisor rr { children a as $2; }" ;;
    supervisor) echo "$text supervisor $2 { children a as ga; }" ;;
    *) echo "$text supervisor rr { children a as ga; }" ;;
    esac
}

nth() { # number word...
    shift $(($1 < $# - 1 ? $1 + 1 : 1))
    echo "$1"
}

# Compiles what was accepted of all names, or of a sample; tells how many there
# were.
one_place() { # place
    turn=$(printf %s "$1" | wc -c)
    n=$turn
    accepted=0
    compiled=0
    refused=0
    for name in $(cat "$hostile/hostile_names.txt"); do
        n=$((n + 1))
        in_sample $n 3 || continue
        program "$1" "$name" >x.bst
        "$bastionc" x.bst 2>err
        case $? in
        0) accepted=$((accepted + 1)) ;;
        1)
            refused=$((refused + 1))
            grep -qE '^error\[E0(104|107|108|001|201|202|110)\]' err || {
                cat err
                return 1
            }
            continue
            ;;
        *) cat err && return 1 ;;
        esac
        # The compilers in turn: each sees each name in some of the places.
        turn=$((turn + 1))
        in_sample $((turn / 2)) 2 || continue
        compiled=$((compiled + 1))
        # shellcheck disable=SC2086
        cc=$(nth $((turn % 2)) $compilers)
        # shellcheck disable=SC2086
        $cc $user_flags -I. -fsyntax-only x.bst.c || {
            echo "in place of a $1, \`$name\` is accepted"
            return 1
        }
    done
    echo "$1: $accepted accepted, $compiled compiled, $refused refused"
    [ $accepted -gt 8 ] && [ $compiled -gt 3 ] && [ $refused -gt 30 ]
}

# A prefix makes good names of all but the reserved ones.
all_with_a_prefix() {
    {
        echo 'prefix app_;'
        for name in $(cat "$hostile/hostile_names.txt"); do
            case $name in
            struct | enum | union | supervisor | ref | actor)
                continue # words of the language
                ;;
            esac
            echo "message $name { u8 v; text t; }"
        done
        echo 'actor a {'
        n=0
        for name in $(cat "$hostile/hostile_names.txt"); do
            case $name in
            struct | enum | union | supervisor | ref | actor) continue ;;
            esac
            n=$((n + 1))
            echo "    on $name => f$n;"
        done
        echo '} supervisor rr { children a as ga; }'
    } >hostile_names.bst
    "$bastionc" hostile_names.bst || return 1
    [ "$(grep -c 'bst_status app_a_tell_' hostile_names.bst.h)" -gt 150 ] &&
        compiles_everywhere hostile_names
}

# C-78: what is generated for one thing has the name of another.
accessors() {
    cat >acc.bst <<'END'
message x_init; message x_set; message init { u8 x; }
message tell_y { u8 tell; } message y; message refs { u8 ref; }
actor x { state { u8 x_set; u8 x; } on x_init => f1; on x_set => f2;
    on init => f3; on tell_y => f4; on y => f5; on refs => f6; }
supervisor acc { children x as y; }
END
    "$bastionc" acc.bst && compiles_everywhere acc || return 1
    # These would be one C name.
    for two in 'x y_tell_z tell_z_tell' 'x tell x_tell'; do
        # shellcheck disable=SC2086
        set -- $two
        echo "message $2; message q; actor $1 { on $2 => f; } actor $1_tell {" \
            "on q => ${1}_tell_$2; } supervisor r { children $1 as g;" \
            "children $1_tell as h; }" >two.bst
        "$bastionc" two.bst 2>err && return 1
        grep -q 'E0108' err || return 1
    done
}

# C-79: C looks at 63 bytes of a name.
long_names() {
    long=a234567890b234567890c234567890d234567890e234567890f234567890
    echo "message ${long}1; message ${long}2; actor a { on ${long}1 => f;" \
        "on ${long}2 => g; } supervisor r { children a; }" >long.bst
    "$bastionc" long.bst 2>err && return 1
    grep -q 'E0108' err || return 1
    name=$(printf '%0255d' 0 | tr 0 q)
    echo "actor a { state { u8 $name; } on start => f; }" \
        "supervisor r { children a; }" >long.bst
    "$bastionc" long.bst && compiles_everywhere long
}

for place in message actor field arg group function supervisor; do
    fresh "$place"
    check "in place of a $place" one_place "$place"
done
fresh all
check "a prefix helps" all_with_a_prefix
check "names of generated functions" accessors
check "long names" long_names
exit $status
