/* Reading of distribution points and access descriptions. */
#include "location.h"
#include "name.h"
#include "value.h"

static bool location_begin_list(struct der *cursor, struct der_fault *fault,
                                struct der_remarks *remarks, struct der_bytes value,
                                const char *what)
{
    struct der whole;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (!der_enter(&whole, what, DER_SEQUENCE, cursor) || !der_end(&whole, what)) return false;
    return der_more(cursor) || der_odd(cursor, DER_E_EMPTY, what, value.data);
}

/* [0] EXPLICIT CHOICE { [0] IMPLICIT GeneralNames, [1] IMPLICIT RelativeDistinguishedName }
 * OPTIONAL */
static bool read_point_name(struct der *der, struct der_bytes *names, struct der_bytes *relative)
{
    struct der explicit;

    if (!der_next_is(der, DER_CONTEXT_CONSTRUCTED(0))) return !der->fault->error;
    if (!der_enter(der, "name of a distribution point", DER_CONTEXT_CONSTRUCTED(0), &explicit))
        return false;
    if (der_next_is(&explicit, DER_CONTEXT_CONSTRUCTED(1)))
        name_set_read(&explicit, "name of a distribution point", DER_CONTEXT_CONSTRUCTED(1),
                      relative);
    else
        general_names_read(&explicit, "name of a distribution point", DER_CONTEXT_CONSTRUCTED(0),
                           names);
    return der_end(&explicit, "name of a distribution point");
}

static bool read_reasons(struct der *der, uint32_t tag, bool *has, uint32_t *reasons)
{
    if (!der_next_is(der, tag)) return !der->fault->error;
    *has = der_flags(der, "reasons", tag, reasons);
    return *has;
}

/* SEQUENCE { name [0] OPTIONAL, reasons [1] IMPLICIT BIT STRING OPTIONAL, cRLIssuer [2] IMPLICIT
 * GeneralNames OPTIONAL } */
static bool read_point(struct der *cursor, struct distribution_point *point)
{
    struct der inside;

    if (!der_enter(cursor, "distribution point", DER_SEQUENCE, &inside)
        || !read_point_name(&inside, &point->names, &point->relative)
        || !read_reasons(&inside, DER_CONTEXT(1), &point->has_reasons, &point->reasons))
        return false;
    if (der_more(&inside) &&
        !general_names_read(&inside, "issuer of a CRL", DER_CONTEXT_CONSTRUCTED(2), &point->issuer))
        return false;
    return der_end(&inside, "distribution point");
}

bool distribution_points_begin(struct der *cursor, struct der_fault *fault,
                               struct der_remarks *remarks, struct der_bytes value)
{
    return location_begin_list(cursor, fault, remarks, value, "distribution points");
}

bool distribution_points_next(struct der *cursor, struct distribution_point *point)
{
    *point = (struct distribution_point){0};
    if (der_more(cursor) && read_point(cursor, point)) return true;
    *point = (struct distribution_point){0};
    return false;
}

/* [tag] IMPLICIT BOOLEAN DEFAULT FALSE */
static bool read_flag(struct der *der, const char *what, unsigned number, bool *flag)
{
    const unsigned char *at = der->at;
    struct der_bytes content;

    if (!der_next_is(der, DER_CONTEXT(number))) return !der->fault->error;
    if (!der_tagged(der, what, DER_CONTEXT(number), DER_BOOLEAN, &content)) return false;
    *flag = content.data[0];
    return *flag || der_odd(der, DER_E_DEFAULT, what, at);
}

static bool read_issuing_point(struct der *whole, struct issuing_point *point)
{
    struct der inside;

    return der_enter(whole, "issuing distribution point", DER_SEQUENCE, &inside) &&
           der_end(whole, "issuing distribution point") &&
           read_point_name(&inside, &point->names, &point->relative) &&
           read_flag(&inside, "flag for users' certificates", 1, &point->only_users) &&
           read_flag(&inside, "flag for CAs' certificates", 2, &point->only_cas) &&
           read_reasons(&inside, DER_CONTEXT(3), &point->has_reasons, &point->reasons) &&
           read_flag(&inside, "flag for an indirect CRL", 4, &point->indirect) &&
           read_flag(&inside, "flag for attribute certificates", 5, &point->only_attributes) &&
           der_end(&inside, "issuing distribution point");
}

bool issuing_point_read(struct der_bytes value, struct issuing_point *point,
                        struct der_fault *fault, struct der_remarks *remarks)
{
    struct der whole;

    *point = (struct issuing_point){0};
    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (read_issuing_point(&whole, point)) return true;
    *point = (struct issuing_point){0};
    return false;
}

bool access_descriptions_begin(struct der *cursor, struct der_fault *fault,
                               struct der_remarks *remarks, struct der_bytes value)
{
    return location_begin_list(cursor, fault, remarks, value, "access descriptions");
}

bool access_descriptions_next(struct der *cursor, struct access_description *description)
{
    struct der inside;

    *description = (struct access_description){0};
    if (der_more(cursor) && der_enter(cursor, "access description", DER_SEQUENCE, &inside) &&
        der_oid(&inside, "access method", &description->method) &&
        general_name_read(&inside, false, &description->location) &&
        der_end(&inside, "access description"))
        return true;
    *description = (struct access_description){0};
    return false;
}
