#!/bin/sh
# The runner itself: a test that crashes, hangs, prints no plan, or fewer results than it planned, fails the run.
work=build/tmp/harness
rm -rf "$work" && mkdir -p "$work"
count=0 failed=0

program() { printf '#!/bin/sh\n%s\n' "$2" >"$work/$1.t" && chmod +x "$work/$1.t"; }
passes() { TEST_SECONDS=2 prove --exec tests/run "$work/$1.t" >"$work/log" 2>&1; }

say() {                                 # say CODE SENTENCE
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" && return
    sed 's/^/# /' "$work/log"
    echo "not ok $count - $2"
    failed=1
}

fails() {                               # fails NAME SENTENCE
    if passes "$1"; then say 1 "$2"; else say 0 "$2"; fi
}

echo 1..7
program good 'echo 1..1; echo ok 1'
passes good
say $? "a test that passes passes"
program crash 'echo 1..1; echo ok 1; kill -SEGV $$'
fails crash "a test that crashes fails, though all its results were good"
program hang 'echo 1..1; echo ok 1; sleep 60'
fails hang "a test that hangs is ended and fails"
program silent 'exit 0'
fails silent "a test that prints no plan fails"
program short 'echo 1..3; echo ok 1'
fails short "a test that prints fewer results than it planned fails"
program child '(sleep 20 & ) ; echo 1..1; echo ok 1'
start=$(date +%s)
passes child
say $? "a test that leaves a process behind passes"
[ $(($(date +%s) - start)) -lt 15 ]
say $? "and does not hold up the run"
exit $failed
