#!/bin/sh
# The Makefile keeps its promises: nothing is made twice, everything that depends on a change is made again, and the same sources
# give the same bytes in another folder at another time. Runs in a copy, so that nobody else's build is disturbed.
#
# In the copy everything is generated, linked, finished and packed anew, but of the objects only one of each folder and all that are compiled
# of generated sources: all objects come of the same few commands, and -Wdate-time refuses a source that asks for the time. The others come
# from here. EVERY_OBJECT=1 has them all compiled again, for minutes.
unset MAKEFLAGS MFLAGS MAKELEVEL
here=$PWD
copy=$here/build/tmp/elsewhere/a-longer-name
log=$copy/../make.log
plan=6 count=0 failed=0

say() {                                 # say CODE SENTENCE
    count=$((count + 1))
    if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failed=1; fi
}

would_make() { make -n "$@" | grep -v '^\.ci/packages'; }
comment() { sed 's/^/# /'; }

same() {                                # same FOLDER: here and there
    diff -r "$1" "$here/$1" >"$copy/../diff" 2>&1 && return 0
    comment <"$copy/../diff"
    return 1
}

# The first of each folder. Folders of headers or of nothing have none.
sample() {
    for folder in build/obj/src/* build/obj/wine/* build/linux/src/*; do
        find "$folder" -name '*.o' | LC_ALL=C sort | head -n 1
    done
    find build/obj/gen -name '*.o'
    find build/obj -name '*.res'
}

echo "1..$plan"
rm -rf "$copy" && mkdir -p "$copy/gen" "$copy/build"
cp -a Makefile README.md LICENSE .ci .github idl src tests wine "$copy" && cp -a gen/README.md gen/.gitignore "$copy/gen"
cd "$copy" || exit 1

(cd "$here" && ls gen/*.* | grep -v README) >../generated
make -j2 $(cat ../generated) >"$log" 2>&1 && same gen
say $? "the same is generated in another folder" || comment <"$log"

# From now on with the times of here, so that what comes from here is not older than what it was made of.
rm -rf gen && cp -a "$here/gen" . && cp -a "$here/build/obj" "$here/build/linux" "$here/build/include" build
if [ -n "${EVERY_OBJECT:-}" ]; then find build -name '*.o' -delete; else rm -f $(sample); fi
missing=$(find "$here/build/obj" "$here/build/linux" -name '*.o' | wc -l)
missing=$((missing - $(find build/obj build/linux -name '*.o' | wc -l)))
make -j2 all >"$log" 2>&1 && faketime -f +1000d make dist >>"$log" 2>&1 && [ $missing -gt 10 ]
say $? "programs are made there, and three years later packages" || comment <"$log"
echo "# $missing objects, $(grep -c ' CC ' "$log") of them compiled"

same build/bin && same build/symbols && same build/dist && cmp build/native/certwitness "$here/build/native/certwitness"
say $? "they are the same bytes: programs, debug symbols, packages, SBOM and sums"

left=$(would_make all)
[ -z "$left" ]
say $? "a second make does nothing"
echo "$left" | head -n 5 | comment

remakes() {                             # remakes SOURCE PART...
    again=$(would_make -W "$1" all)
    shift
    ok=0
    for part in "$@"; do
        echo "$again" | grep -q "$part" || { echo "# not made again: $part"; ok=1; }
    done
    return $ok
}

remakes idl/certexit.idl gen/certexit.h gen/certexit_i.c gen/certwitness.tlb src/recorder/exit.o certwitness.dll certexitps.dll stubca.exe
say $? "a changed IDL makes again what depends on it"

remakes src/recorder/messages.mc gen/messages src/recorder/eventlog.o src/recorder/certwitness.res certwitness.dll
say $? "changed messages make again what depends on them"
exit $failed
