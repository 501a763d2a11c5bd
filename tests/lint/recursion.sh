#!/bin/sh
# recursion.sh BUILD - no function of the compiler calls itself, directly or
# through others, but for those below, whose depth has a limit of its own.
#
# Calls are read from the object files; tsort knows what a circle is.

. "$(dirname "$0")/lib.sh"
build=${1:?usage: recursion.sh BUILD}

# Imports are nested at most 32 deep, supervisors at most 256.
allowed='^(load_file|load_import|open_import|bstc_load'
allowed="$allowed|declare_supervisor|declare_members|lower_supervisor)\$"

# Prints "caller callee" for each call; functions that are static have the name
# of their file with them.
calls() {
    objdump -dr --no-show-raw-insn "$build/libbastionc.a" | awk '
    /file format/ { file = $1 }
    /^[0-9a-f]+ <.*>:$/ {
        note()
        caller = $2
        gsub(/[<>:]/, "", caller)
        sub(/\.(part|constprop|isra|cold).*/, "", caller)
        next
    }
    # A relocation, if one follows, names who is called; else the call does.
    / R_[A-Z0-9_]*(PLT32|CALL26|JUMP26)[ \t]/ {
        callee = $NF
        sub(/[-+]0x[0-9a-f]+$/, "", callee)
        note()
        next
    }
    { note() }
    /[ \t](call|jmp|bl|b)q?[ \t]+[0-9a-f]+ <[^+>]*>$/ {
        callee = $NF
        gsub(/[<>]/, "", callee)
    }
    END { note() }
    function note() {
        sub(/\.(part|constprop|isra|cold).*/, "", callee)
        if (callee != "" && caller != "" && callee !~ /^\./)
            print name(caller), name(callee)
        callee = ""
    }
    function name(function_name) {
        return function_name ~ /^bstc_/ ? function_name \
                                         : file ":" function_name
    }' | sort -u
}

calls >"$build/.calls"
[ -s "$build/.calls" ] ||
    echo "$build/libbastionc.a:0:" | complain "no calls were found"
{
    awk '$1 == $2 { print $1 }' "$build/.calls"
    tsort "$build/.calls" 2>&1 >/dev/null | sed -n 's/^tsort: //p' |
        grep -v 'input contains a loop'
} | sed 's/.*://' | sort -u | grep -vE "$allowed" | sed 's/^/compiler: /' |
    complain "recursion that input could drive"
finish
