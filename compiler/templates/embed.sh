#!/bin/sh
# embed.sh FOLDER - prints the files of all templates as a table in C.
#
# FOLDER/TEMPLATE/NAME.in becomes the row {TEMPLATE, NAME, its bytes}.

cd "${1:?usage: embed.sh FOLDER}" || exit 1
export LC_ALL=C
echo '/* Generated from compiler/templates by embed.sh. Do not edit. */'
echo '#include "templates.h"'
rows=
count=0
for file in */*.in */.*.in; do
    [ -f "$file" ] || continue
    echo "static const char file_$count[] = {"
    od -An -v -tu1 "$file" | sed 's/  *\([0-9][0-9]*\)/\1,/g'
    echo '0};'
    name=${file#*/}
    rows="$rows    {\"${file%%/*}\", \"${name%.in}\", file_$count},
"
    count=$((count + 1))
done
echo 'const struct bstc_template bstc_templates[] = {'
printf '%s' "$rows"
echo '    {0, 0, 0},'
echo '};'
