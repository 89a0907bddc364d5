#include "template_names.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define OID_MOST   128                  /* characters of an OID that is kept; Windows makes 80 */
#define CANDIDATES 4

struct candidate {
    char name[TEMPLATE_NAME_MOST * 4 + 1];
    uint64_t seen;                      /* how often, less than that where others came between */
};

struct template_row {
    char oid[OID_MOST + 1];
    struct candidate *candidates;       /* owned: CANDIDATES */
};

void template_names_free(struct template_names *names)
{
    for (unsigned i = 0; i < names->count; i++) free(names->rows[i].candidates);
    free(names->rows);
    *names = (struct template_names){0};
}

static bool is_oid(const char *text, size_t size)
{
    size_t dots = 0;

    for (size_t i = 0; i < size; i++) {
        if (text[i] != '.' && (text[i] < '0' || text[i] > '9')) return false;
        dots += text[i] == '.';
    }
    return dots > 0;
}

/* What a template may be called, and a reader may be shown as its name. */
static bool is_name(const char *text, size_t size)
{
    size_t count = 0;
    uint32_t point;

    if (is_oid(text, size)) return false;
    for (size_t i = 0; i < size; count++) {
        i += utf8_next(text + i, size - i, &point);
        if (!utf8_is_plain(point) || point == 0xFFFD || count == TEMPLATE_NAME_MOST) return false;
    }
    return size;
}

static struct template_row *template_names_row_of(const struct template_names *names,
                                                  const char *oid, size_t size)
{
    for (unsigned i = 0; i < names->count && size <= OID_MOST; i++)
        if (!memcmp(names->rows[i].oid, oid, size) && !names->rows[i].oid[size])
            return &names->rows[i];
    return NULL;
}

static struct template_row *template_names_make_row(struct template_names *names, const char *oid,
                                                    size_t size)
{
    struct template_row *row;

    if (size > OID_MOST || names->count == TEMPLATE_NAMES_MOST) return NULL;
    if (!names->rows) names->rows = calloc(TEMPLATE_NAMES_MOST, sizeof *names->rows);
    if (!names->rows) return NULL;
    row = &names->rows[names->count];
    if (!(row->candidates = calloc(CANDIDATES, sizeof *row->candidates))) return NULL;
    memcpy(row->oid, oid, size);
    names->count++;
    return row;
}

/*
 * Count a name. Where all places are taken by others, each of those loses one, and one that has
 * none left gives its place away: a name that is seen with more than a fifth of all requests stays,
 * whatever else is sent.
 */
static void count_name(struct template_row *row, const char *name, size_t size)
{
    struct candidate *free_one = NULL;

    for (int i = CANDIDATES; i--;) {
        struct candidate *each = &row->candidates[i];

        if (!each->seen) {
            free_one = each;
        } else if (!strncasecmp(each->name, name, size) && !each->name[size]) {
            each->seen++;
            return;
        }
    }
    if (free_one) {
        memcpy(free_one->name, name, size);
        free_one->name[size] = 0;
        free_one->seen = 1;
        return;
    }
    for (int i = 0; i < CANDIDATES; i++) row->candidates[i].seen--;
}

void template_names_learn(struct template_names *names, struct event *event)
{
    struct bytes oid = {0}, name = {0};
    struct template_row *row;

    if (event_template(event, &oid) && !oid.failed && is_oid(oid.data, oid.size) &&
        event_attribute(event, "CertificateTemplate", &name) && !name.failed &&
        is_name(name.data, name.size)) {
        row = template_names_row_of(names, oid.data, oid.size);
        if (!row) row = template_names_make_row(names, oid.data, oid.size);
        if (row) count_name(row, name.data, name.size);
    }
    bytes_free(&oid);
    bytes_free(&name);
}

const char *template_names_find(const struct template_names *names, const char *oid, size_t size)
{
    const struct template_row *row = template_names_row_of(names, oid, size);
    const struct candidate *most = row ? row->candidates : NULL;

    for (int i = 1; row && i < CANDIDATES; i++)
        if (row->candidates[i].seen > most->seen) most = &row->candidates[i];
    return most && most->seen ? most->name : NULL;
}

void template_names_add_to(const struct template_names *names, const char *told, size_t size,
                           struct bytes *out)
{
    const char *name = size ? template_names_find(names, told, size) : NULL;

    if (name) {
        bytes_add_text(out, name);
        bytes_add_text(out, " (");
    }
    bytes_add(out, told, size);
    if (name) bytes_add_text(out, ")");
}

bool template_names_add(const struct template_names *names, struct event *event, struct bytes *out)
{
    struct bytes told = {0};
    bool found = event_template(event, &told);

    if (found) template_names_add_to(names, told.data, told.size, out);
    out->failed |= told.failed;
    bytes_free(&told);
    return found;
}
