#!/bin/sh
# The Makefile keeps its promises: nothing is made twice, everything that depends on a change is made again, and the same sources
# give the same bytes in another folder. Runs in a copy, so that nobody else's build is disturbed.
unset MAKEFLAGS MFLAGS MAKELEVEL
here=$PWD
copy=$here/build/tmp/elsewhere/a-longer-name
plan=5 count=0 failed=0

say() {                                 # say CODE SENTENCE
    count=$((count + 1))
    if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failed=1; fi
}

would_make() { make -n "$@" | grep -v '^\.ci/packages'; }
comment() { sed 's/^/# /'; }

echo "1..$plan"
rm -rf "$copy" && mkdir -p "$copy/gen"
cp -r Makefile README.md LICENSE .ci idl src tests wine "$copy" && cp gen/README.md gen/.gitignore "$copy/gen"
cd "$copy" || exit 1

make -j2 dist >"$copy/../make.log" 2>&1
say $? "everything is built from nothing, two at a time, in another folder" || comment <"$copy/../make.log"
[ -d build/dist ] || comment <"$copy/../make.log"

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

make -s -C "$here" dist >/dev/null
ok=0
for file in build/dist/*.zip build/dist/*/bin/*; do
    cmp "$file" "$here/$file" >&2 || ok=1
done
say $ok "the zip and what is in it are the same bytes, made in two folders"
exit $failed
