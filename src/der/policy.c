/* Reading of policies. */
#include "policy.h"
#include "text.h"
#include "value.h"

#define CPS    "1.3.6.1.5.5.7.2.1"
#define NOTICE "1.3.6.1.5.5.7.2.2"

/* Enter a value that is a list of at least one. */
static bool policy_begin_list(struct der *cursor, struct der_fault *fault,
                              struct der_remarks *remarks, struct der_bytes value, const char *what)
{
    struct der whole;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (!der_enter(&whole, what, DER_SEQUENCE, cursor) || !der_end(&whole, what)) return false;
    return der_more(cursor) || der_odd(cursor, DER_E_EMPTY, what, value.data);
}

static bool policy_read_text(struct der *der, const char *what, struct der_value *text)
{
    const unsigned char *at = der->at;

    return der_checked(der, what, text) &&
           (der_is_text(text->tag) || der_odd(der, DER_E_CHOICE, what, at));
}

/* NoticeReference ::= SEQUENCE { organization DisplayText, noticeNumbers SEQUENCE OF INTEGER } */
static bool read_reference(struct der *notice, struct policy_qualifier *qualifier)
{
    struct der reference, numbers;
    struct der_bytes number;

    if (!der_enter(notice, "notice reference", DER_SEQUENCE, &reference) ||
        !policy_read_text(&reference, "organization of a notice", &qualifier->organization) ||
        !der_enter(&reference, "numbers of a notice", DER_SEQUENCE, &numbers) ||
        !der_end(&reference, "notice reference"))
        return false;
    qualifier->numbers = der_rest(&numbers);
    while (der_more(&numbers)) der_integer(&numbers, "number of a notice", &number);
    return !numbers.fault->error;
}

/* UserNotice ::= SEQUENCE { NoticeReference OPTIONAL, DisplayText OPTIONAL } */
static bool policy_read_notice(struct der *der, struct policy_qualifier *qualifier)
{
    struct der notice;

    if (!der_enter(der, "user notice", DER_SEQUENCE, &notice)) return false;
    if (der_next_is(&notice, DER_SEQUENCE) && !read_reference(&notice, qualifier)) return false;
    if (der_more(&notice) && !policy_read_text(&notice, "text of a notice", &qualifier->text))
        return false;
    return der_end(&notice, "user notice");
}

static bool read_qualifier(struct der *der, struct policy_qualifier *qualifier)
{
    struct der inside;
    bool ok;

    if (!der_enter(der, "policy qualifier", DER_SEQUENCE, &inside) ||
        !der_oid(&inside, "policy qualifier", &qualifier->oid))
        return false;
    if (der_oid_is(qualifier->oid, CPS))
        ok = der_read(&inside, "practice statement", DER_IA5_STRING, &qualifier->cps);
    else if (der_oid_is(qualifier->oid, NOTICE)) ok = policy_read_notice(&inside, qualifier);
    else ok = der_checked(&inside, "policy qualifier", &qualifier->other);
    return ok && der_end(&inside, "policy qualifier");
}

void policy_qualifiers_begin(struct der *cursor, struct der_fault *fault,
                             struct der_bytes qualifiers)
{
    der_begin_with(cursor, fault, DER_BORNE, qualifiers.data, qualifiers.size);
}

bool policy_qualifiers_next(struct der *cursor, struct policy_qualifier *qualifier)
{
    *qualifier = (struct policy_qualifier){0};
    if (der_more(cursor) && read_qualifier(cursor, qualifier)) return true;
    *qualifier = (struct policy_qualifier){0};
    return false;
}

bool policies_begin(struct der *cursor, struct der_fault *fault, struct der_remarks *remarks,
                    struct der_bytes value)
{
    return policy_begin_list(cursor, fault, remarks, value, "policies");
}

static bool read_policy(struct der *cursor, struct policy *policy)
{
    struct policy_qualifier qualifier;
    struct der inside, list;

    if (!der_enter(cursor, "policy", DER_SEQUENCE, &inside) ||
        !der_oid(&inside, "policy", &policy->oid))
        return false;
    if (!der_more(&inside)) return der_end(&inside, "policy");
    const unsigned char *first = inside.at;
    if (!der_enter(&inside, "policy qualifiers", DER_SEQUENCE, &list) ||
        !der_end(&inside, "policy"))
        return false;
    if (!der_more(&list) && !der_odd(&inside, DER_E_EMPTY, "policy qualifiers", first))
        return false;
    policy->qualifiers = der_rest(&list);
    while (policy_qualifiers_next(&list, &qualifier)) { }
    return !list.fault->error;
}

bool policies_next(struct der *cursor, struct policy *policy)
{
    *policy = (struct policy){0};
    if (der_more(cursor) && read_policy(cursor, policy)) return true;
    *policy = (struct policy){0};
    return false;
}

bool policy_mappings_begin(struct der *cursor, struct der_fault *fault, struct der_remarks *remarks,
                           struct der_bytes value)
{
    return policy_begin_list(cursor, fault, remarks, value, "policy mappings");
}

bool policy_mappings_next(struct der *cursor, struct policy_mapping *mapping)
{
    struct der inside;

    *mapping = (struct policy_mapping){0};
    if (der_more(cursor) && der_enter(cursor, "policy mapping", DER_SEQUENCE, &inside) &&
        der_oid(&inside, "policy of the issuer", &mapping->issuer) &&
        der_oid(&inside, "policy of the subject", &mapping->subject) &&
        der_end(&inside, "policy mapping"))
        return true;
    *mapping = (struct policy_mapping){0};
    return false;
}

/* SEQUENCE { requireExplicitPolicy [0] IMPLICIT INTEGER OPTIONAL, inhibitPolicyMapping [1] IMPLICIT
 * INTEGER OPTIONAL } */
static bool policy_read_constraints(struct der *whole, struct policy_constraints *constraints)
{
    struct der inside;

    if (!der_enter(whole, "policy constraints", DER_SEQUENCE, &inside) ||
        !der_end(whole, "policy constraints"))
        return false;
    if (der_next_is(&inside, DER_CONTEXT(0)) &&
        !der_tagged(&inside, "explicit policy", DER_CONTEXT(0), DER_INTEGER,
                    &constraints->require_explicit))
        return false;
    if (der_next_is(&inside, DER_CONTEXT(1)) &&
        !der_tagged(&inside, "policy mapping", DER_CONTEXT(1), DER_INTEGER,
                    &constraints->inhibit_mapping))
        return false;
    return der_end(&inside, "policy constraints");
}

bool policy_constraints_read(struct der_bytes value, struct policy_constraints *constraints,
                             struct der_fault *fault, struct der_remarks *remarks)
{
    struct der whole;

    *constraints = (struct policy_constraints){0};
    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (policy_read_constraints(&whole, constraints)) return true;
    *constraints = (struct policy_constraints){0};
    return false;
}
