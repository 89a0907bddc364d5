/*
 * NameConstraints ::= SEQUENCE { permitted [0] IMPLICIT Subtrees OPTIONAL,
 *                                excluded [1] IMPLICIT Subtrees OPTIONAL }
 * Subtrees        ::= SEQUENCE OF SEQUENCE { base GeneralName,
 *                                            minimum [0] IMPLICIT INTEGER DEFAULT 0,
 *                                            maximum [1] IMPLICIT INTEGER OPTIONAL }
 */
#include "name_constraints.h"
#include "value.h"

static bool read_subtree(struct der *cursor, struct subtree *subtree)
{
    struct der inside;

    if (!der_enter(cursor, "subtree of names", DER_SEQUENCE, &inside) ||
        !general_name_read(&inside, true, &subtree->base))
        return false;
    if (der_next_is(&inside, DER_CONTEXT(0))) {
        const unsigned char *at = inside.at;

        if (!der_tagged(&inside, "minimum", DER_CONTEXT(0), DER_INTEGER, &subtree->minimum))
            return false;
        if (subtree->minimum.size == 1 && !subtree->minimum.data[0] &&
            !der_odd(&inside, DER_E_DEFAULT, "minimum", at))
            return false;
    }
    if (der_more(&inside) &&
        !der_tagged(&inside, "maximum", DER_CONTEXT(1), DER_INTEGER, &subtree->maximum))
        return false;
    return der_end(&inside, "subtree of names");
}

void subtrees_begin(struct der *cursor, struct der_fault *fault, struct der_bytes list)
{
    der_begin_with(cursor, fault, DER_BORNE, list.data, list.size);
}

bool subtrees_next(struct der *cursor, struct subtree *subtree)
{
    *subtree = (struct subtree){0};
    if (der_more(cursor) && read_subtree(cursor, subtree)) return true;
    *subtree = (struct subtree){0};
    return false;
}

static bool read_subtrees(struct der *der, unsigned number, struct der_bytes *list)
{
    const unsigned char *at = der->at;
    struct subtree subtree;
    struct der inside;

    if (!der_next_is(der, DER_CONTEXT_CONSTRUCTED(number))) return !der->fault->error;
    if (!der_enter(der, "subtrees of names", DER_CONTEXT_CONSTRUCTED(number), &inside))
        return false;
    if (!der_more(&inside) && !der_odd(der, DER_E_EMPTY, "subtrees of names", at)) return false;
    *list = der_rest(&inside);
    while (subtrees_next(&inside, &subtree)) { }
    return !der->fault->error;
}

static bool name_constraints_read_constraints(struct der *whole,
                                              struct name_constraints *constraints)
{
    struct der inside;

    return der_enter(whole, "name constraints", DER_SEQUENCE, &inside) &&
           der_end(whole, "name constraints") &&
           read_subtrees(&inside, 0, &constraints->permitted) &&
           read_subtrees(&inside, 1, &constraints->excluded) &&
           der_end(&inside, "name constraints");
}

bool name_constraints_read(struct der_bytes value, struct name_constraints *constraints,
                           struct der_fault *fault, struct der_remarks *remarks)
{
    struct der whole;

    *constraints = (struct name_constraints){0};
    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (name_constraints_read_constraints(&whole, constraints)) return true;
    *constraints = (struct name_constraints){0};
    return false;
}
