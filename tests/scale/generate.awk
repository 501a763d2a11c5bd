# generate.awk -v shape=SHAPE -v n=N - a large .bst on standard output.
#
# `groups` is one supervisor of N groups, `mixed` N lines of everything in the
# proportions of a real program, `wrong` N mistakes, `deep` N groups in
# supervisors that are nested as deep as is allowed, `padded` N groups on lines
# of 100 bytes.

function header() {
    print "message add { i64 n; }\nmessage get =!> total;"
    print "message total { i64 value; }"
    print "actor worker { state { i64 sum = 0; keep u64 served; }"
    print "    on start => worker_start;"
    print "    on add => worker_add; on get =!> worker_get; }"
    print "outside sends " first ".add asks " first ".get within 1s;"
}

# Twelve lines, the last two of them in the supervisor at the end.
function unit(i, count) {
    printf "/// Message number %d.\n", i
    printf "message add%d { i64 n; u32 samples[8]; }\n", i
    printf "message get%d =!> total%d;\nmessage total%d { i64 value; }\n", \
        i, i, i
    printf "actor worker%d {\n    state { i64 sum = 0; keep u64 served; }\n", i
    printf "    on #add%d => worker%d_add;\n", i, i
    printf "    on get%d =!> { answer->value = self->sum; }\n", i
    printf "    on start sends g%d.add%d", (i + 1) % count, (i + 1) % count
    if (i > 0)
        printf " asks h%d.get%d within 1s", i - 1, i - 1
    print ""
    printf "        => worker%d_start;\n}\n", i
}

BEGIN {
    if (shape == "mixed") {
        count = int(n / 13)
        for (i = 0; i < count; i++)
            unit(i, count)
        printf "outside asks h%d.get%d within 1s;\n", count - 1, count - 1
        print "supervisor root {"
        for (i = 0; i < count; i++)
            printf "    children worker%d as h%d;\n    children worker%d " \
                "as g%d { redundancy 2; mailbox 64; }\n", i, i, i, i
        print "}"
        exit
    }
    first = shape == "wrong" ? "nobody0" : "w0"
    header()
    print "supervisor root {"
    for (i = 0; i < n; i++) {
        if (shape == "deep" && i % 250 == 0)
            for (k = 0; k < 250; k++)
                printf "supervisor s%d_%d {", i, k
        if (shape == "padded")
            printf "    children worker as w%-9d { redundancy 2; mailbox 64; " \
                "} // with a comment at the very end, too\n", i
        else if (shape == "wrong")
            printf "    children nobody%d;\n", i
        else
            printf "    children worker as w%d { redundancy 2; }\n", i
        if (shape == "deep" && (i % 250 == 249 || i == n - 1))
            for (k = 0; k < 250; k++)
                printf "}"
    }
    print "}"
}
