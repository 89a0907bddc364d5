#include "splunk.h"

#include "base/json_doc.h"

int64_t splunk_code(struct span body)
{
    struct json_doc doc = {0};
    int64_t code;

    if (!json_doc_parse(&doc, body) ||
        !json_doc_number(&doc, json_find(&doc, JSON_ROOT, "code"), &code) || code < 0)
        code = SPLUNK_NONE;
    json_doc_free(&doc);
    return code;
}

/* The data's format; an event without a field, or with an empty one; indexed fields. */
bool splunk_refuses(int64_t code)
{
    return code == 6 || code == 12 || code == 13 || code == 15;
}

bool splunk_wants_hands(int64_t code)
{
    switch (code) {
    case 1: case 2: case 3: case 4:     /* the token is disabled, missing, wrong */
    case 5:                             /* no data has come */
    case 7:                             /* the index is wrong */
    case 10: case 11:                   /* the channel is missing, wrong */
    case 14:                            /* acknowledgements are off */
    case 16:                            /* no token may be in the URL */
    case 17:                            /* the collector is healthy: the URL asks for that */
    case 21: case 22:                   /* the token is wrong, disabled */
        return true;
    default: return false;
    }
}
