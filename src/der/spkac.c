/*
 * SignedPublicKeyAndChallenge ::= SEQUENCE { info, signatureAlgorithm, signature BIT STRING }
 * info                        ::= SEQUENCE { key, challenge IA5String }
 */
#include "spkac.h"
#include "text.h"
#include "value.h"

static bool spkac_read_challenge(struct der *info, struct spkac *spkac)
{
    const unsigned char *at = info->at;
    struct der_value challenge;

    if (!der_checked(info, "challenge", &challenge)) return false;
    spkac->challenge_size = challenge.content.size;
    if (challenge.tag == DER_IA5_STRING) return true;
    return der_is_text(challenge.tag) ? der_odd(info, DER_E_CHOICE, "challenge", at)
                                      : der_refuse(info, DER_E_CHOICE, "challenge", at);
}

static bool spkac_read_info(struct der *outer, struct spkac *spkac)
{
    const unsigned char *first = outer->at;
    struct der info;

    if (!der_enter(outer, "KEYGEN request", DER_SEQUENCE, &info)) return false;
    spkac->info = (struct der_bytes){first, (size_t)(outer->at - first)};
    return public_key_read(&info, "public key", &spkac->key) &&
           spkac_read_challenge(&info, spkac) && der_end(&info, "challenge");
}

static bool read_spkac(struct der *whole, struct spkac *spkac)
{
    struct der outer;

    return der_enter(whole, "KEYGEN request", DER_SEQUENCE, &outer) &&
           der_end(whole, "KEYGEN request") && spkac_read_info(&outer, spkac) &&
           algorithm_read(&outer, "signature algorithm", &spkac->signature_algorithm) &&
           der_whole_bits(&outer, "signature", &spkac->signature) && der_end(&outer, "signature");
}

bool spkac_read(const void *data, size_t size, struct spkac *spkac, struct der_fault *fault,
                struct der_remarks *remarks)
{
    struct der whole;

    *spkac = (struct spkac){0};
    der_begin_with(&whole, fault, remarks, data, size);
    if (read_spkac(&whole, spkac)) return true;
    *spkac = (struct spkac){0};
    return false;
}

struct der_value spkac_secret_challenge(const struct spkac *spkac)
{
    struct der_value challenge = {0};
    struct der_fault fault;
    struct public_key key;
    struct der whole, info;

    der_begin_with(&whole, &fault, DER_BORNE, spkac->info.data, spkac->info.size);
    if (der_enter(&whole, "KEYGEN request", DER_SEQUENCE, &info) &&
        public_key_read(&info, "public key", &key))
        der_any(&info, "challenge", &challenge);
    return challenge;
}
