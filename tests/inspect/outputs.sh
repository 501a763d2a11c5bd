#!/bin/sh
# outputs.sh BUILD FOLDER - writes what bastionc shows of the programs here.
# run.sh compares it with expected/, `make bless` renews that.

build=${1:?usage: outputs.sh BUILD FOLDER}
to=${2:?usage: outputs.sh BUILD FOLDER}
cd "$(dirname "$0")" || exit 1
mkdir -p "$to"

# show FILE COMMAND...: the exit status stands in the last line.
show() {
    file=$1
    shift
    "$build/bastionc" "$@" >"$to/$file" 2>/dev/null
    code=$?
    [ $code = 0 ] || echo "status $code" >>"$to/$file"
}

for name in shop stream cycle; do
    show $name.plan plan $name.bst
    show $name.dot graph $name.bst
    show $name.mmd graph --mermaid $name.bst
    show $name.graph.json graph --json $name.bst
    show $name.tree.dot graph --tree --dot $name.bst
    show $name.tree.mmd graph --tree --mermaid $name.bst
done
show shop.plan.json plan --json shop.bst
show stream.plan.json plan --json stream.bst
show shop.pml model shop.bst
show stream.pml model --mailbox=1 stream.bst
show deadlock.pml model deadlock.bst
show shop.messages.mmd graph --messages --mermaid shop.bst
show stream.streams.dot graph --streams stream.bst
show stream.streams.json graph --streams --json stream.bst
