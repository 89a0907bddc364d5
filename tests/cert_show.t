#!/bin/sh
# What the reader says of certificates, requests and CRLs against what openssl's own program says, of the system's roots and of new ones.
print=build/native/tests/native/cert_print
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
count=0 failed=0
echo 1..5

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
    "$print" --json "$1" >"$work/json" 2>"$work/error" || { echo "$2: $(cat "$work/error")" >>"$work/wrong"; return; }
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
"$print" --json "$work/der" >"$work/json" 2>>"$work/wrong"
[ "$(field '.type + " " + .subject + " " + .attributes[0].name + " " + .attributes[0].extensions[0].usages[0]')" = "request CN=r extensionRequest Digital Signature" ] ||
    field . >>"$work/wrong"
result "a request shows what it asks for"

openssl req -new -x509 -key "$work/key" -subj /CN=ca -out "$work/ca" 2>/dev/null
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\ncrlnumber=%s/number\ndefault_md=sha256\ndefault_crl_days=7\n' "$work" "$work" >"$work/conf"
printf 'R\t300101000000Z\t260101000000Z,keyCompromise\t0A\tunknown\t/CN=a\nR\t300101000000Z\t260102000000Z\t0B\tunknown\t/CN=b\n' >"$work/index"
echo 4D >"$work/number"
openssl ca -gencrl -config "$work/conf" -keyfile "$work/key" -cert "$work/ca" -out "$work/crl" 2>/dev/null
openssl crl -in "$work/crl" -outform der -out "$work/der"
"$print" --json --entries 10 "$work/der" >"$work/json" 2>>"$work/wrong"
[ "$(field '.type + " " + .issuer + " \(.count) " + ([.entries[].serialNumber] | join(",")) + " \(.extensions[] | select(.name == "cRLNumber") | .number)"')" = "crl CN=ca 2 0a,0b 77" ] ||
    field . >>"$work/wrong"
result "a CRL shows its number and its entries"

head -c 100 "$work/der" >"$work/cut"
"$print" "$work/cut" >"$work/out" 2>"$work/error" && echo "it was accepted" >>"$work/wrong"
[ "$(cat "$work/error")" = "the length of the certificate runs past the end at byte 1" ] || cat "$work/error" >>"$work/wrong"
[ ! -s "$work/out" ] || cat "$work/out" >>"$work/wrong"
result "what is cut off is refused with the reason"
exit $failed
