#!/bin/sh
# coverage.sh BUILD - coverage after a run of the tests of a MODE=cov build: a
# line for each file, lines and branches, the least covered first; then the
# compiler, the runtime and both. A branch is covered when it was taken.

build=${1:?usage: coverage.sh BUILD}
find "$build/obj/runtime" "$build/obj/compiler" "$build/grammar" \
    -name '*.gcda' 2>/dev/null |
    xargs -r gcov -b -n 2>/dev/null |
    awk -F "'" '
    /^File / { file = $2 }
    # "Lines executed:97.50% of 40"
    /^Lines executed:/ { keep(0) }
    /^Taken at least once:/ { keep(1) }
    function keep(what, part, hit) {
        if (file !~ /^(runtime|compiler)\//)
            return
        split($0, part, /[:% ]+/)
        hit = part[what ? 5 : 3] * part[what ? 7 : 5] / 100
        # A header is reported by each file that includes it; the best counts.
        if (!((file, what) in all) || hit > covered[file, what]) {
            all[file, what] = part[what ? 7 : 5]
            covered[file, what] = hit
        }
        names[file] = 1
    }
    function percent(hit, of) { return of ? 100 * hit / of : 100 }
    function line(name, a, b, c, d) {
        printf "%6.1f %% of %5d lines  %6.1f %% of %5d branches  %s\n",
            percent(a, b), b, percent(c, d), d, name
    }
    END {
        for (file in names) {
            line(file, covered[file, 0], all[file, 0], covered[file, 1],
                all[file, 1])
            part = file
            sub(/\/.*/, "", part)
            for (what = 0; what < 2; what++) {
                hits[part, what] += covered[file, what]
                sums[part, what] += all[file, what]
                hits["both", what] += covered[file, what]
                sums["both", what] += all[file, what]
            }
        }
        # These names come last when sorted.
        order[1] = "compiler"; order[2] = "runtime"; order[3] = "both"
        for (i = 1; i <= 3; i++)
            if (sums[order[i], 0])
                line("zz" i order[i], hits[order[i], 0], sums[order[i], 0],
                    hits[order[i], 1], sums[order[i], 1])
    }' | sort -k11.1,11.3 -k1n | sed 's/zz[123]\(.*\)/all of \1/; s/all of both/all files/'
