#!/bin/sh
# `certwitness cert` of files: what it says of certificates, requests and CRLs against what openssl's own program says, of the system's roots and
# of new ones; and what it takes for a file of certificates.
program=build/native/src/cli/certwitness
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
count=0 failed=0
echo 1..11

# Each check reads lines of what went wrong.
result() {
    count=$((count + 1))
    if [ -s "$work/wrong" ]; then
        sed 's/^/# /' "$work/wrong" | head -20
        echo "not ok $count - $1"; failed=1
    else echo "ok $count - $1"; fi
    : >"$work/wrong"
}
: >"$work/wrong"

field() { jq -r "$1" "$work/json"; }
plain() { sed 's/^[^=]*=//' | tr -d ':\n' | tr 'A-F' 'a-f'; }

# serial, fingerprints, dates and subject of a certificate in DER
compare() {
    "$program" cert --json "$1" >"$work/json" 2>"$work/error" || { echo "$2: $(cat "$work/error")" >>"$work/wrong"; return; }
    ours="$(field .sha256) $(field .sha1) $(date -u -d "$(field .notBefore)" +%s) $(date -u -d "$(field .notAfter)" +%s)"
    openssl x509 -inform der -in "$1" -noout -startdate -enddate >"$work/dates"
    theirs="$(openssl x509 -inform der -in "$1" -noout -fingerprint -sha256 | plain) $(openssl x509 -inform der -in "$1" -noout -fingerprint -sha1 | plain)"
    theirs="$theirs $(date -u -d "$(sed -n 's/notBefore=//p' "$work/dates")" +%s) $(date -u -d "$(sed -n 's/notAfter=//p' "$work/dates")" +%s)"
    [ "$ours" = "$theirs" ] || printf '%s:\n  %s\n  %s\n' "$2" "$ours" "$theirs" >>"$work/wrong"
    serial=$(openssl x509 -inform der -in "$1" -noout -serial | plain)
    [ "$(field .serialNumber | sed 's/^0*//')" = "$(echo "$serial" | sed 's/^0*//')" ] || echo "$2: serial number $serial" >>"$work/wrong"
}

for root in $(ls /usr/share/ca-certificates/mozilla/*.crt | head -12); do
    openssl x509 -in "$root" -outform der -out "$work/der"
    compare "$work/der" "$root"
done
result "root certificates have openssl's serial numbers, dates and fingerprints"

openssl ecparam -name prime256v1 -genkey -noout -out "$work/key"
openssl req -new -x509 -key "$work/key" -subj "/C=DE/O=Demo/CN=a" -addext "subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:a@corp.example,DNS:a.example" \
    -days 20 -outform der -out "$work/der" 2>/dev/null
compare "$work/der" "a new certificate"
[ "$(field .subject)" = "CN=a, O=Demo, C=DE" ] || field .subject >>"$work/wrong"
[ "$(field '[.extensions[] | select(.name == "subjectAltName") | .names[] | .type + ":" + .value] | join(",")')" = upn:a@corp.example,dns:a.example ] ||
    field .extensions >>"$work/wrong"
result "a new certificate too, with its subject and user principal name"

openssl req -new -key "$work/key" -subj "/CN=r" -addext "keyUsage=digitalSignature" -outform der -out "$work/der" 2>/dev/null
"$program" cert --json "$work/der" >"$work/json" 2>>"$work/wrong"
[ "$(field '.type + " " + .subject + " " + .attributes[0].name + " " + .attributes[0].extensions[0].usages[0]')" = "request CN=r extensionRequest Digital Signature" ] ||
    field . >>"$work/wrong"
result "a request shows what it asks for"

openssl req -new -x509 -key "$work/key" -subj /CN=ca -out "$work/ca" 2>/dev/null
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\ncrlnumber=%s/number\ndefault_md=sha256\ndefault_crl_days=7\n' "$work" "$work" >"$work/conf"
printf 'R\t300101000000Z\t260101000000Z,keyCompromise\t0A\tunknown\t/CN=a\nR\t300101000000Z\t260102000000Z\t0B\tunknown\t/CN=b\n' >"$work/index"
echo 4D >"$work/number"
openssl ca -gencrl -config "$work/conf" -keyfile "$work/key" -cert "$work/ca" -out "$work/crl" 2>/dev/null
openssl crl -in "$work/crl" -outform der -out "$work/der"
"$program" cert --json --entries 10 "$work/der" >"$work/json" 2>>"$work/wrong"
[ "$(field '.type + " " + .issuer + " \(.count) " + ([.entries[].serialNumber] | join(",")) + " \(.extensions[] | select(.name == "cRLNumber") | .number)"')" = "crl CN=ca 2 0a,0b 77" ] ||
    field . >>"$work/wrong"
result "a CRL shows its number and its entries"

cut="$work/$(printf 'c\033[31mut')"
head -c 100 "$work/der" >"$cut"
"$program" cert "$cut" >"$work/out" 2>"$work/error"; code=$?
[ $code = 1 ] || echo "exit code $code" >>"$work/wrong"
[ "$(cat "$work/error")" = "certwitness: $work/c\\u{1b}[31mut: the length of the certificate runs past the end at byte 1" ] || cat "$work/error" >>"$work/wrong"
[ ! -s "$work/out" ] || cat "$work/out" >>"$work/wrong"
result "what is cut off is refused with the reason, and its file's name cannot steer a terminal"

# says WANT FILE [INPUT]: WANT is the exit code and the kind and fingerprint of each thing in it
says() {
    got=$("$program" cert --json "$2" <"${3:-/dev/null}" 2>"$work/error" | jq -r '.type + " " + .sha256[:8]' | paste -sd,)
    "$program" cert --json "$2" <"${3:-/dev/null}" >/dev/null 2>&1; got="$? $got"
    [ "$got" = "$1" ] || { echo "$2: $got, not $1"; cat "$work/error"; } >>"$work/wrong"
}
fingerprint() { sha256sum "$1" | head -c 8; }
sed -n '/BEGIN/,/END/p' "$work/ca" >"$work/ca.pem"
openssl x509 -in "$work/ca" -outform der -out "$work/ca.der"
openssl req -new -key "$work/key" -subj "/CN=r" -outform der -out "$work/r.der" 2>/dev/null
ca="certificate $(fingerprint "$work/ca.der")" crl="crl $(fingerprint "$work/der")" request="request $(fingerprint "$work/r.der")"
base64 -w 0 "$work/r.der" >"$work/base64"
base64 -w 60 "$work/r.der" | sed 's/$/\r/' >"$work/base64.crlf"
{ printf '\357\273\277-----BEGIN NEW CERTIFICATE REQUEST-----\r\n'; cat "$work/base64.crlf"; printf -- '-----END NEW CERTIFICATE REQUEST-----\r\n'; } >"$work/new.pem"
sed 's/CERTIFICATE/ANY LABEL AT ALL/' "$work/ca.pem" >"$work/label.pem"
iconv -f UTF-8 -t UTF-16LE "$work/new.pem" >"$work/new.16"
{ printf '\376\377'; iconv -f UTF-8 -t UTF-16BE "$work/ca.pem"; } >"$work/ca.16"
for form in r.der base64 base64.crlf new.pem new.16; do says "0 $request" "$work/$form"; done
for form in ca.pem ca.der label.pem ca.16; do says "0 $ca" "$work/$form"; done
says "0 $crl" - "$work/der"
says "0 $ca" - "$work/ca.pem"
result "DER, PEM with any label, base64 alone, CRLF, a mark, UTF-16 and standard input are all the same"

{ echo "subject=CN = ca"; cat "$work/ca.pem" "$work/crl" "$work/new.pem"; } >"$work/several"
says "0 $ca,$crl,$request" "$work/several"
"$program" cert "$work/several" >"$work/out"
[ "$(grep -c '^$' "$work/out") $(sed -n 's/^    From: //p' "$work/out" | paste -sd,)" = "2 block 1, CERTIFICATE,block 2, X509 CRL,block 3, NEW CERTIFICATE REQUEST" ] || cat "$work/out" >>"$work/wrong"
"$program" cert --json "$work/ca.der" "$work/crl" >"$work/out" || echo "exit code $?" >>"$work/wrong"
[ "$(jq -r .type "$work/out" | paste -sd,)" = "certificate,crl" ] || cat "$work/out" >>"$work/wrong"
result "several blocks and several files are shown one after the other"

# refused FILE REASON
refused() {
    "$program" cert "$work/$1" >"$work/out" 2>"$work/error"; code=$?
    [ "$code $(cat "$work/error")" = "1 certwitness: $work/$1: $2" ] && [ ! -s "$work/out" ] || { echo "$code $(cat "$work/error")" >>"$work/wrong"; }
}
: >"$work/empty"; refused empty "it is empty, at byte 0"
printf 'MAA=\001' >"$work/odd"; refused odd "it is neither DER nor base64, at byte 4"
printf '\377\376' >"$work/mark"; refused mark "it is empty, at byte 0"
printf 'MAA=' >"$work/nothing"; refused nothing "the certificate info is missing at byte 2"
head -n 3 "$work/ca.pem" >"$work/unended"; refused unended "it has no END line that says the same, at byte 27"
sed '2s/M/*/' "$work/ca.pem" >"$work/star"; refused star "its base64 is wrong, at byte 28"
cp "$work/key" "$work/secret"; "$program" cert "$work/secret" >"$work/out" 2>&1 && echo "a key was accepted" >>"$work/wrong"
sed -n 2p "$work/secret" | grep -qF -f - "$work/out" && cat "$work/out" >>"$work/wrong"
grep -q "private key, and no business" "$work/out" || cat "$work/out" >>"$work/wrong"
openssl crl2pkcs7 -nocrl -certfile "$work/ca.pem" -outform der -out "$work/p7b" 2>>"$work/wrong"
says "0 $ca" "$work/p7b"
openssl cms -sign -signer "$work/ca.pem" -inkey "$work/key" -nodetach -binary -stream -indef -in "$work/r.der" -outform der -out "$work/ber" 2>>"$work/wrong"
refused ber "the length of the CMS is indefinite at byte 1"
{ cat "$work/star" "$work/ca.pem"; } >"$work/half"
says "1 $ca" "$work/half"
result "what is no certificate is refused at the byte that offends, keys are never shown, and the blocks behind go on"

"$program" cert "$work/none" >"$work/out" 2>&1; code=$?
[ "$code $(cat "$work/out")" = "2 certwitness: $work/none: cannot be read: there is no such file or folder" ] || cat "$work/out" >>"$work/wrong"
"$program" cert >"$work/out" 2>&1; [ "$?" = 2 ] || cat "$work/out" >>"$work/wrong"
"$program" cert --entries x "$work/ca.der" >"$work/out" 2>&1; [ "$?" = 2 ] || cat "$work/out" >>"$work/wrong"
"$program" cert --sequence 1 --serial 2 /tmp >"$work/out" 2>&1; [ "$?" = 2 ] || cat "$work/out" >>"$work/wrong"
"$program" cert --sequence 1 "$work" >"$work/out" 2>&1; [ "$?" = 2 ] && grep -q "no journal in this folder" "$work/out" || cat "$work/out" >>"$work/wrong"
result "what cannot be done ends with 2 and says so"

"$program" cert "$work/ca.der" >"$work/brief"; "$program" cert --full "$work/ca.der" >"$work/full"
[ "$(awk 'length > 100' "$work/brief")" = "" ] || cat "$work/brief" >>"$work/wrong"
signature=$(openssl x509 -in "$work/ca" -noout -text | sed -n '/Signature Value/,$p' | tail -n +2 | tr -d ' \n')
sed -n '/^    Signature:/,/^    SHA-1/p' "$work/full" | grep '^        ' | tr -d ' \n' | grep -qx "$signature" || cat "$work/full" >>"$work/wrong"
grep -q "^    Signature: $(echo "$signature" | head -c 47)\.\.\. ([0-9]* bytes)$" "$work/brief" || cat "$work/brief" >>"$work/wrong"
result "long values are shortened, and whole with --full, as openssl has them"

if [ -n "$WINEPREFIX" ] && [ -f build/bin/certwitness.exe ]; then
    for form in several new.16 star; do
        wine build/bin/certwitness.exe cert --json "$(winepath -w "$work/$form")" 2>"$work/error" >"$work/out"; code=$?
        "$program" cert --json "$work/$form" 2>/dev/null >"$work/want"; want=$?
        [ $code = $want ] && cmp "$work/out" "$work/want" >>"$work/wrong" 2>&1 || cat "$work/error" >>"$work/wrong"
    done
    wine build/bin/certwitness.exe cert --json - <"$work/der" >"$work/out" 2>&1
    "$program" cert --json - <"$work/der" | cmp - "$work/out" >>"$work/wrong" 2>&1
    result "the Windows program says the same, of standard input too"
else
    count=$((count + 1)); echo "ok $count - the Windows program says the same # SKIP outside of wine/run"
fi
exit $failed
