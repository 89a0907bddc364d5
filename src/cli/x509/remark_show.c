#include "remark_show.h"

#include <stdio.h>
#include <string.h>

static void remark_show(struct outline *outline, const struct der_remark *remark)
{
    char text[224], line[256];

    der_remark_text(remark, text, sizeof text);
    if (outline->as_json) {
        outline_group(outline, NULL, NULL, NULL);
        outline_word(outline, "text", NULL, text);
        outline_number(outline, "offset", NULL, (int64_t)remark->offset);
        outline_close(outline);
        return;
    }
    snprintf(line, sizeof line, "%s, offset %llu", text, (unsigned long long)remark->offset);
    outline_word(outline, NULL, "Remark", line);
}

void remarks_show(struct outline *outline, const struct der_remarks *remarks)
{
    size_t listed = der_remarks_listed(remarks);

    if (!listed) return;
    if (outline->as_json) outline_list(outline, "remarks", NULL);
    for (size_t i = 0; i < listed; i++) remark_show(outline, &remarks->list[i]);
    if (outline->as_json) outline_close(outline);
    if (remarks->count > listed)
        outline_number(outline, "remarksLeftOut", "More remarks, left out",
                       (int64_t)(remarks->count - listed));
}

void remarks_put_ber(struct der_remarks *remarks, const char *what, size_t offset)
{
    remarks->count++;
    memmove(remarks->list + 1, remarks->list, (DER_REMARKS_MAX - 1) * sizeof *remarks->list);
    remarks->list[0] = (struct der_remark){.error = DER_R_BER, .what = what, .offset = offset};
}
