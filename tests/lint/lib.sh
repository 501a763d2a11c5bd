# Shared by the lint checks. A check runs in the root of a tree, prints what
# is wrong as FILE:LINE: TEXT, and ends with `finish`.

# Findings are made in the last part of a pipe, which is another process.
wrong=$(mktemp) || exit 2
trap 'rm -f "$wrong"' EXIT

# Prints standard input and remembers that something is wrong, unless empty.
complain() { # sentence
    found=$(cat)
    [ -n "$found" ] || return 0
    printf '%s\n' "$found" | sed "s|\$|  <- $1|"
    echo wrong >"$wrong"
}

finish() {
    [ ! -s "$wrong" ] || exit 1
    exit 0
}

# Prints the files below these folders that have one of the endings.
files() { # "ending..." folder...
    endings=$1
    shift
    for folder in "$@"; do
        [ -d "$folder" ] || continue
        for ending in $endings; do
            find "$folder" -name "*.$ending" -type f
        done
    done | grep -v -e '^tests/golden/' -e '/build/' -e '^build/' | sort
}

# Prints FILE:LINE:TEXT for the files, without block comments and without the
# contents of string literals, so that a word in them is no finding.
code() { # file...
    [ $# -gt 0 ] || return 0
    awk '
    FNR == 1 { inside = 0 }
    {
        text = $0
        out = ""
        while (text != "") {
            if (inside) {
                at = index(text, "*/")
                if (!at) { text = ""; break }
                text = substr(text, at + 2)
                inside = 0
                out = out " "
            } else if (match(text, /"([^"\\]|\\.)*"|\/\*/)) {
                token = substr(text, RSTART, RLENGTH)
                out = out substr(text, 1, RSTART - 1)
                text = substr(text, RSTART + RLENGTH)
                if (token == "/*") inside = 1
                else if (out ~ /#[ \t]*include[ \t]*$/) out = out token
                else out = out "\"\""
            } else {
                out = out text
                text = ""
            }
        }
        if (out !~ /^[ \t]*$/) print FILENAME ":" FNR ":" out
    }' "$@"
}

# Prints FILE:LINE:"header" or FILE:LINE:<header> for each include.
includes() { # file...
    [ $# -gt 0 ] || return 0
    code "$@" | sed -nE \
        's/^([^:]*:[0-9]+:)[ \t]*#[ \t]*include[ \t]*(["<][^">]*[">]).*/\1\2/p'
}
