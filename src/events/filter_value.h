/*
 * The values of a filter's criteria as people write them: on a command line, and in the
 * configuration of the delivery.
 */
#ifndef FILTER_VALUE_H
#define FILTER_VALUE_H

#include "filter.h"
#include "base/span.h"

enum filter_criterion {
    FILTER_TYPES,                       /* "pending, crl": words of filter_types_like with commas
                                         * between them. One that begins with FILTER_TYPE_PREFIX may
                                         * be a type that this version does not know, or a pattern
                                         * of such types */
    FILTER_REQUESTS,                    /* "42", "40-50" */
    FILTER_REQUESTERS,                  /* a search text (glob.h), as are the following */
    FILTER_SUBJECTS,
    FILTER_TEMPLATES,
    FILTER_SERIALS                      /* "6d:00:2a" (filter_serial) */
};

enum filter_value {
    FILTER_VALUE_TAKEN,
    FILTER_VALUE_WRONG,                 /* it is none of this criterion */
    FILTER_VALUE_MANY                   /* FILTER_MAX are there already; of the types, of those that
                                         * this version does not know */
};

/*
 * Add a value to a criterion. Else `*wrong` is the part of `text` that is at fault: of types the
 * first such word, which may be empty; of others all. The filter may have types of the
 * words before it then.
 */
enum filter_value filter_value_add(struct filter *filter, enum filter_criterion criterion,
                                   const char *text, struct span *wrong);

#endif
