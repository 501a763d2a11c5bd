#!/bin/sh
# words.sh KIND - prints the words of the language, one on a line and sorted:
# keywords, settings, types, events or hooks. They come from the tables of the
# compiler, so that what editors highlight can be compared with them.

cd "$(dirname "$0")/../../compiler" || exit 2
case ${1-} in
keywords) sed -n 's/^ *X([A-Z]*, *"`\([a-z]*\)`").*/\1/p' token.h ;;
settings) sed -n 's/^X([A-Z_]*, *"\([a-z_]*\)".*/\1/p' attrs.def ;;
types) sed -n 's/^ *{"\([a-z0-9]*\)", "[^"]*", BSTC_TYPE_.*/\1/p' fields.c ;;
events) sed -n 's/^EVENT(\([a-z_]*\),.*/\1/p' lsp/words.def ;;
hooks) sed -n 's/^HOOK(\([a-z_]*\),.*/\1/p' lsp/words.def ;;
*)
    echo "usage: words.sh keywords|settings|types|events|hooks" >&2
    exit 2
    ;;
esac | LC_ALL=C sort
