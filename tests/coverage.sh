#!/bin/sh
# coverage.sh BUILD - line coverage after a run of the tests of a MODE=cov
# build: one line for each file, the least covered first, and the total.

build=${1:?usage: coverage.sh BUILD}
find "$build/obj/runtime" "$build/obj/compiler" -name '*.gcda' |
    xargs -r gcov -n 2>/dev/null |
    awk -F "'" '
    /^File / { file = $2 }
    /^Lines executed:/ && file ~ /^(runtime|compiler)\// {
        split($0, part, /[:% ]+/)
        lines = part[5]
        # A header is reported by each file that includes it; the best counts.
        hit = part[3] * lines / 100
        if (!(file in all) || hit > covered[file]) {
            all[file] = lines
            covered[file] = hit
        }
        file = ""
    }
    END {
        for (file in all) {
            printf "%6.1f %% of %5d  %s\n", 100 * covered[file] / all[file],
                all[file], file
            lines_all += all[file]
            lines_covered += covered[file]
        }
        if (lines_all)
            printf "%6.1f %% of %5d  zz all files\n",
                100 * lines_covered / lines_all, lines_all
    }' | sort -k4.1,4.2 -k1n | sed 's/zz all/all/'
