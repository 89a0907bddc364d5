#include "event_trouble.h"

#include <stddef.h>

unsigned event_trouble_written(const struct told_entry *entries, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        switch (entries[i].id) {
        case 100:
        case 203:
            return 0;
        case 200:
        case 201:
        case 202:
        case 302:
            return entries[i].id;
        }
    }
    return 0;
}

bool event_trouble_space(const struct told_entry *entries, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (entries[i].id == 210) return true;
        if (entries[i].id == 211 || entries[i].id == 100) return false;
    }
    return false;
}

bool event_trouble_configuration(const struct told_entry *entries, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (entries[i].id == 400 || entries[i].id == 402) return entries[i].id == 402;
    return false;
}

static const char *sentence_of(unsigned id)
{
    switch (id) {
    case 205: return "lines of a journal that had been on disk are not as they were written";
    case 206: return "events of the CA were lost to a journal";
    case 208: return "the CA stopped, and not all that waited for a journal was written";
    case 407: return "the delivery found damage in the journal";
    case 408: return "lines were removed from the journal before they were delivered";
    default:  return NULL;
    }
}

const char *event_trouble_lost(const struct told_entry *entries, unsigned count, unsigned at,
                               int64_t now)
{
    if (at >= count || now - entries[at].seconds > EVENT_TROUBLE_DAYS * INT64_C(86400)) return NULL;
    for (unsigned i = 0; i < at; i++) if (entries[i].id == entries[at].id) return NULL;
    return sentence_of(entries[at].id);
}
