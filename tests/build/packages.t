#!/bin/sh
# .ci/packages, which installs what is missing, and the number of jobs that make has when nobody says one. In place of dpkg, sudo and apt stand
# programs of ours that tell what they are asked; sudo hands nothing of the environment on, as Debian's.
work=$PWD/build/tmp/packages
rm -rf "$work" && mkdir -p "$work/bin"
count=0 failed=0

say() {                                 # say CODE SENTENCE
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" && return
    sed 's/^/# /' "$work/log" "$work/apt"
    echo "not ok $count - $2"
    failed=1
}

program() { { echo '#!/bin/sh'; cat; } >"$work/bin/$1" && chmod +x "$work/bin/$1"; }
program id <<'END'
echo 1000
END
program sudo <<END
exec env -i PATH="$work/bin:/usr/bin:/bin" "\$@"
END
# Whatever is asked for is there once it has been installed.
program dpkg-query <<END
shift 3
[ ! -e "$work/installed" ] || printf 'installed %s\n' "\$@"
END
program apt-get <<END
{ echo "\$@"; env; readlink /proc/self/fd/0; } >>"$work/apt"
case " \$* " in *" install "*) touch "$work/installed" ;; esac
END

echo 1..4
: >"$work/apt"
PATH="$work/bin:$PATH" .ci/packages one two >"$work/log" 2>&1 && grep -q ' install .* one two$' "$work/apt" && grep -q ' update$' "$work/apt"
say $? "an ordinary user has what is missing installed by sudo"
[ "$(grep -c '^DEBIAN_FRONTEND=noninteractive$' "$work/apt")" = 2 ]
say $? "no package asks anything behind sudo either"
[ "$(grep -c '^/dev/null$' "$work/apt")" = 2 ]
say $? "nor waits for somebody to answer"

# jobs WANT MAKEFLAGS [ARGUMENT...]: how many a goal of ours sees
cat >"$work/jobs.mk" <<'END'
include Makefile
tell tell2: ; @echo $(filter -j%,$(MAKEFLAGS))
END
jobs() {
    want=$1 flags=$2
    shift 2
    got=$(env -u MAKELEVEL -u MFLAGS MAKEFLAGS="$flags" make -s --no-print-directory -f "$work/jobs.mk" "$@" 2>>"$work/log" | xargs)
    [ "$got" = "$want" ] || echo "make $*, MAKEFLAGS=$flags: $got, not $want" >>"$work/log"
}
: >"$work/log"
jobs "-j$(nproc)" "" tell
jobs "-j1" "" -j1 tell
jobs "-j3" "" -j3 tell
jobs "-j1" "-j1" tell
jobs "" "" tell tell2
[ ! -s "$work/log" ]
say $? "make uses all processors where nobody says how many, for one goal"
exit $failed
