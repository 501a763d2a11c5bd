# Shared by the tests of this folder; see tests/e2e/lib.sh.
. tests/e2e/lib.sh
hostile=$tree/tests/hostile
tab=$(printf '\t')
esc=$(printf '\033')
newline='
'
seed=${HOSTILE_SEED:-0}
compilers=
for cc in gcc clang; do
    ! command -v $cc >/dev/null 2>&1 || compilers="$compilers $cc"
done

# Whether the Nth of many is tried: one of EVERY, or all at night.
in_sample() { # n every
    [ "${HOSTILE-}" = all ] || [ $((($1 + seed) % $2)) = 0 ]
}

# Compiles a generated NAME.bst.c strictly, by both compilers, as each C that
# there is, also with trigraphs, or in a third of these ways; its header as C++.
compiles_everywhere() { # name [flag...]
    unit=$1
    shift
    flags="-Wall -Wextra -Werror -I$tree/runtime/include -I. $*"
    way=0
    for cc in $compilers; do
        for std in c11 c17 c2x; do
            for more in '' '-trigraphs -Wno-trigraphs'; do
                way=$((way + 1))
                in_sample $way 3 || continue
                # shellcheck disable=SC2086
                $cc -std=$std -pedantic $flags $more -fsyntax-only \
                    "$unit.bst.c" || return 1
            done
        done
        echo "#include \"$unit.bst.h\"" >"$unit.cpp"
        plus=g++
        [ $cc = gcc ] || plus=clang++
        # shellcheck disable=SC2086
        $plus -std=c++17 $flags -fsyntax-only "$unit.cpp" || return 1
    done
}
