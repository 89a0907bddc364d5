/* Reading of what a key may be used for. */
#include "usage.h"
#include "value.h"

/* SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL } */
static bool read_basic(struct der *whole, struct basic_constraints *constraints)
{
    struct der inside;

    if (!der_enter(whole, "basic constraints", DER_SEQUENCE, &inside) ||
        !der_end(whole, "basic constraints"))
        return false;
    if (der_next_is(&inside, DER_BOOLEAN)) {
        const unsigned char *at = inside.at;

        if (!der_boolean(&inside, "CA flag", &constraints->ca)) return false;
        if (!constraints->ca && !der_odd(&inside, DER_E_DEFAULT, "CA flag", at)) return false;
    }
    if (der_more(&inside) && !der_integer(&inside, "path length", &constraints->path_length))
        return false;
    return der_end(&inside, "basic constraints");
}

bool basic_constraints_read(struct der_bytes value, struct basic_constraints *constraints,
                            struct der_fault *fault, struct der_remarks *remarks)
{
    struct der whole;

    *constraints = (struct basic_constraints){0};
    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (read_basic(&whole, constraints)) return true;
    *constraints = (struct basic_constraints){0};
    return false;
}

bool key_usage_read(struct der_bytes value, uint32_t *bits, struct der_fault *fault,
                    struct der_remarks *remarks)
{
    struct der whole;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (der_flags(&whole, "key usage", DER_BIT_STRING, bits) && der_end(&whole, "key usage"))
        return true;
    *bits = 0;
    return false;
}

bool purposes_begin(struct der *cursor, struct der_fault *fault, struct der_remarks *remarks,
                    struct der_bytes value)
{
    struct der whole;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (!der_enter(&whole, "purposes", DER_SEQUENCE, cursor) || !der_end(&whole, "purposes"))
        return false;
    return der_more(cursor) || der_odd(cursor, DER_E_EMPTY, "purposes", value.data);
}

bool purposes_next(struct der *cursor, struct der_bytes *oid)
{
    *oid = (struct der_bytes){0};
    return der_more(cursor) && der_oid(cursor, "purpose", oid);
}
