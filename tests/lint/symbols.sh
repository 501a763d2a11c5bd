#!/bin/sh
# symbols.sh BUILD - the names that the libraries give to a linker.

. "$(dirname "$0")/lib.sh"
cd "${1:?usage: symbols.sh BUILD}" || exit 2

defined() { # nm option, file
    nm $1 --defined-only --format=posix "$2" 2>/dev/null |
        awk -v file="$2" 'NF >= 2 && $1 !~ /:$/ { print file ":" $1 }'
}

for library in libbastion.a libbastionc.a libbastion.so; do
    [ -e "$library" ] || echo "$library:0:" | complain "it is missing"
done
# longjmp() and its other names are the program's: see plat/longjmp.c.
defined -g libbastion.a |
    grep -vE ':(bsti?_|longjmp$|_longjmp$|siglongjmp$|__longjmp_chk$)' |
    complain "symbols of the runtime begin with bst_ or bsti_"
defined -g libbastionc.a | grep -vE ':bstc_' |
    complain "symbols of the compiler begin with bstc_"
defined -D libbastion.so | grep -vE ':bst_' |
    complain "the shared library exports bst_ only"
finish
