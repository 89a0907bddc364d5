/* Any bytes as BER: the DER that they stand for has a bounded size and begins with the same tag.
 * And as what KEYGEN made, and as the settings that openssl puts behind a certificate. */
#include "lib/der_walk.h"
#include "der/ber.h"
#include "der/spkac.h"
#include "der/trust.h"
#include "cli/x509/cert_show.h"

#include <stdlib.h>

static void walk_others_of(const void *data, size_t size)
{
    struct spkac spkac;
    struct trust trust;
    struct der_fault fault;
    bool strict = spkac_read(data, size, &spkac, &fault, NULL);

    must(strict == !fault.error && fault.offset <= size);
    must(spkac_read(data, size, &spkac, &fault, DER_BORNE) || !strict);
    if (spkac.info.size) {
        struct der_value challenge = spkac_secret_challenge(&spkac);

        within(challenge.whole);
        must(challenge.tag && challenge.content.size == spkac.challenge_size);
    }
    within(spkac.key.bits), within(spkac.signature), within(spkac.info);
    if (!trust_read((struct der_bytes){data, size}, &trust, &fault, DER_BORNE))
        must(fault.error && fault.offset <= size);
    within(trust.trusted), within(trust.rejected), within(trust.alias.whole), within(trust.key_id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t der_size, at;
    unsigned char *der;

    walk_begin(data, size);
    walk_others_of(data, size);
    walk_shown(data, size, CERT_KEYGEN);
    if ((der = ber_to_der(data, size, &der_size, &at))) {
        must(der_size && der_size <= 2 * size + 64 && at < size);
        must(der[0] == (data[0] & 0xDF) || der[0] == data[0]);
        free(der);
    }
    return 0;
}
