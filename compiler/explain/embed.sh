#!/bin/sh
# embed.sh PAGE.md... - prints C with the table of all explanations.
#
# A page begins with `# CODE: TITLE`. Its lines become strings, as C limits the
# length of one string. The table is sorted by code, as the shell sorts files.

echo '#include "explain.h"'
echo
for page in "$@"; do
    code=$(basename "$page" .md)
    echo "static const char *const ${code}_lines[] = {"
    sed -n -e '1,2d' -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/    "&",/p' \
        "$page"
    echo '    NULL};'
done
echo 'const struct bstc_page bstc_pages[] = {'
for page in "$@"; do
    code=$(basename "$page" .md)
    title=$(sed -n "1s/^# $code: //p" "$page" | sed 's/\\/\\\\/g; s/"/\\"/g')
    [ -n "$title" ] || {
        echo "$page:1: the first line is not \`# $code: TITLE\`" >&2
        exit 1
    }
    echo "    {\"$code\", \"$title\", ${code}_lines},"
done
echo '    {NULL, NULL, NULL}};'
