#!/bin/sh
# run.sh BUILD - what `bastionc explain` says is true, and complete.
#
# A page is compiler/explain/CODE.md. Its first block marked `wrong` must give
# its code and no other, and each block marked `right` nothing. Further words
# of the mark: `later` for what is right but not compiled yet (E0900), `latin1`
# for a text in that encoding; a block marked with the name of a file stands
# beside the block before it. A block of `sh` is a command line.
#
# modes: release asan cov

build=${1:?usage: run.sh BUILD}
bastionc=$(cd "$build" && pwd)/bastionc
folder=$build/tests/explain
status=0
rm -rf "$folder"
mkdir -p "$folder"

verdict() { # name; fails if the file `wrong` says something
    if [ -s "$folder/wrong" ]; then
        sed 's/^/# /' "$folder/wrong"
        echo "not ok explain: $1"
        status=1
    else
        echo "ok explain: $1"
    fi
    : >"$folder/wrong"
}

# Each block of a page goes to a folder NUMBER.KIND, where KIND is the mark
# with dots: 1.bst.wrong, 2.bst.right.later.
split() { # page, folder
    awk -v folder="$2" '
    /^```[a-z]+ / {
        $1 = substr($1, 4)
        if ($2 ~ /\.bst$/) {
            file = block "/" $2
        } else {
            block = folder "/" ++count
            for (i = 1; i <= NF; i++)
                block = block "." $i
            system("mkdir -p " block)
            file = block "/example.bst"
        }
        next
    }
    /^```/ { if (file) close(file); file = ""; next }
    file { print > file }' "$1"
}

# Prints the codes that a block gives, each once, in one line.
codes_of() { # block
    (
        cd "$1" || exit
        case $1 in
        *.latin1)
            iconv -f UTF-8 -t ISO-8859-1 example.bst >converted &&
                mv converted example.bst
            ;;
        esac
        case $1 in
        *.sh.*)
            command=$(cat example.bst)
            echo 'actor a { on start => a_start; }
                supervisor root { children a; }' >shop.bst
            # shellcheck disable=SC2086
            "$bastionc" ${command#bastionc } --diagnostics=short 2>err
            ;;
        *) "$bastionc" check -Wextra --diagnostics=short example.bst 2>err ;;
        esac
        echo "status $?" >>err
        sed -n 's/.*\[\([EW][0-9]*\)\]$/\1/p' err | sort -u | tr '\n' ' '
    )
}

sorted() { # code...
    printf '%s\n' "$@" | sort | tr '\n' ' '
}

check_page() { # page
    code=$(basename "$1" .md)
    split "$1" "$folder/$code"
    rights=0
    for block in "$folder/$code"/*; do
        codes=$(codes_of "$block")
        case $block in
        *.wrong.later) wanted=$(sorted "$code" E0900) ;;
        *.wrong*) wanted="$code " ;;
        *.right.later) wanted='E0900 ' rights=1 ;;
        *) wanted= rights=1 ;;
        esac
        [ "$codes" = "$wanted" ] || {
            echo "$block gives '$codes' instead of '$wanted'"
            cat "$block/err"
        }
    done >"$folder/wrong"
    case $(echo "$folder/$code"/1.*) in
    *.wrong*) [ $rights = 1 ] || echo "no right example" ;;
    *) echo "the first example is not wrong" ;;
    esac >>"$folder/wrong"
    # What is printed is all of the page that is no mark.
    "$bastionc" explain "$code" >"$folder/printed" || echo 'cannot be printed' \
        >>"$folder/wrong"
    sed -e '1s/^# //' -e 's/^## \(.*\)/\1:/' -e '/^```/d' "$1" |
        sed '/^$/d' >"$folder/page"
    sed -e 's/^    //' -e '/^$/d' -e '/^and [a-z]*\.bst:$/d' \
        "$folder/printed" | diff - "$folder/page" |
        grep '^[<>] *[^ ]' | grep -v '^[<>]  *' >>"$folder/wrong"
    verdict "$code"
}

: >"$folder/wrong"
for page in compiler/explain/*.md; do
    check_page "$page"
done

# A code that is reported has a page, and a page is of a code that is reported.
cat compiler/*.c compiler/*/*.c | grep -o '"[EW]0[0-9][0-9][0-9]"' |
    tr -d '"' | sort -u >"$folder/used"
for page in compiler/explain/*.md; do
    basename "$page" .md
done | sort -u | diff "$folder/used" - >"$folder/wrong"
verdict "every code has a page, every page a code"

"$bastionc" explain --list | cut -d' ' -f1 | diff "$folder/used" - \
    >"$folder/wrong"
verdict "--list"

compiler/explain/page.sh compiler/explain/*.md |
    diff grammar/DIAGNOSTICS.md - >"$folder/wrong" ||
    echo 'make bless renews grammar/DIAGNOSTICS.md' >>"$folder/wrong"
verdict "grammar/DIAGNOSTICS.md is up to date"

"$bastionc" explain E0021 >"$folder/out" 2>"$folder/err"
{
    [ $? = 2 ] || echo 'the status is not 2'
    [ ! -s "$folder/out" ] || echo 'there is output'
    grep -q 'did you mean `E0001`' "$folder/err" || cat "$folder/err"
} >"$folder/wrong"
verdict "an unknown code: 2"

"$bastionc" explain e0201 | head -n 1 | grep -qx 'E0201: .*' ||
    echo 'e0201 is unknown' >"$folder/wrong"
verdict "a code in small letters"
exit $status
