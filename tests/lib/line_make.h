/* A line as the journal makes it of data that nobody has looked at yet. */
#ifndef LINE_MAKE_H
#define LINE_MAKE_H

#include "journal/line.h"

/* As line_make_checked; E_INVALIDARG as well for data that line_check_data refuses. */
static inline HRESULT line_make(struct bytes *out, const struct line_place *place, const char *type,
                                const char *subject, int64_t time, struct span data, char *hash)
{
    HRESULT hr = line_check_data(data);

    return FAILED(hr) ? hr : line_make_checked(out, place, type, subject, time, data, hash);
}

#endif
