#!/bin/sh
# imports.sh BUILD - imports that lead out of the project: none is opened, and
# nothing of the file is shown, however its path is spelt.

area=imports
. tests/hostile/lib.sh

# A project, and outside of it a secret that would be correct .bst.
prepare() {
    mkdir -p project/sub outside
    echo 'message secret; /* do not show */' >outside/secret.bst
    cp outside/secret.bst secret.bst
    cp outside/secret.bst project/sub/own.bst
    ln -s ../outside/secret.bst project/link.bst
    ln -s ../outside project/folder
    ln -s "$(pwd)/outside/secret.bst" project/absolute.bst
    ln -s link.bst project/chain.bst
    ln -s /proc/self/fd/0 project/stdin.bst
    ln -s loop.bst project/loop.bst
    ln -s ../../project-x project/sub/near
    mkdir project-x
    cp outside/secret.bst project-x/x.bst
    mkfifo project/fifo.bst
    mkdir project/dir.bst
}

spellings() {
    cat <<END
../outside/secret.bst
../secret.bst
./../secret.bst
sub/../../secret.bst
sub/.././../secret.bst
sub//..//..//secret.bst
..//secret.bst
link.bst
folder/secret.bst
absolute.bst
chain.bst
sub/../link.bst
../project-x/x.bst
sub/near/x.bst
$(pwd)/outside/secret.bst
$(pwd)/project/sub/own.bst
//etc/passwd
/etc/passwd
../../../../../../../../../../../../../../etc/passwd
/proc/self/fd/0
/dev/stdin
stdin.bst
/dev/zero
file:///etc/passwd
file:../secret.bst
http://localhost/secret.bst
~/secret.bst
\$HOME/secret.bst
fifo.bst
dir.bst
loop.bst
sub
.
..

-
END
}

# No call opens a file of ours that lies outside; the loader's are another's.
opened_outside() {
    grep -E 'open(at)?\(' trace | grep -E 'secret|passwd|fd/0|zero|stdin' |
        grep -v ENOENT
}

one_spelling() { # path
    printf 'import "%s";\nactor a { on start => f; }\n' "$1" >project/p.bst
    echo 'supervisor r { children a; }' >>project/p.bst
    if [ -n "$strace" ]; then
        set -- strace -f -e trace=open,openat,openat2 -o trace "$bastionc"
    else
        set -- "$bastionc"
    fi
    for root in project/p.bst ./project/p.bst "$(pwd)/project/p.bst"; do
        echo 'message stdin_is_read;' |
            timeout 10 "$@" -o project "$root" >out 2>&1
        code=$?
        [ $code = 1 ] && grep -q '^error\[E0207\]' out || {
            cat out
            echo "status $code"
            return 1
        }
        ! grep -qE 'do not show|root:|stdin_is_read' out || return 1
        [ ! -e project/p.bst.c ] || return 1
        [ -z "$strace" ] || ! opened_outside || return 1
    done
}

escapes() {
    prepare
    spellings >spellings
    n=0
    while IFS= read -r path; do
        n=$((n + 1))
        one_spelling "$path" || {
            echo "spelt: $path"
            return 1
        }
    done <spellings
    [ $n -ge 30 ]
}

# The same project can import what is its own.
own_files() {
    prepare
    for path in sub/own.bst ./sub/own.bst sub/../sub/own.bst sub//own.bst; do
        printf 'import "%s";\nactor a { on start => f; }\n' "$path" \
            >project/p.bst
        echo 'supervisor r { children a; }' >>project/p.bst
        "$bastionc" -o project project/p.bst || return 1
        grep -q KIND_secret project/p.bst.c || return 1
    done
}

strace=
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
    strace=yes
fi
fresh escapes
check "no way out of the project" escapes
fresh own
check "own files" own_files
[ -n "$strace" ] || skip "no file outside is opened" "no strace"
exit $status
