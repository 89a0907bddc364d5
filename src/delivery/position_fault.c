#include "position_fault.h"

#include "base/error_text.h"

#include <inttypes.h>
#include <stdio.h>

/* As long as it is away. */
static void position_tell_away(const char *journal, const char *reason, char *why)
{
    snprintf(why, POSITION_FAULT_MAX,
             "the journal cannot be read: %.200s: %s. Nothing is lost: delivery goes on by itself "
             "once it is back (is it mounted? was it renamed? may this account read it?)",
             journal, reason);
}

static void position_tell_changed(const struct position *position, char *why)
{
    snprintf(why, POSITION_FAULT_MAX,
             "line %" PRIu64 " of the journal was changed since it was delivered, or [state] "
             "is that of another journal. Keep the journal as evidence and verify it; "
             "certwitness-delivery seek goes on elsewhere",
             position->sequence);
}

static void position_tell_set_back(const struct position *position, char *why)
{
    snprintf(why, POSITION_FAULT_MAX,
             "the journal was set back: it ends before line %" PRIu64 ", which was delivered. "
             "If an older copy was restored, certwitness-delivery seek says where to go on",
             position->sequence);
}

static void position_tell_other_ca(const struct position *position,
                                   const struct position_check *check, char *why)
{
    snprintf(why, POSITION_FAULT_MAX,
             "the journal is that of the CA %.100s, but its state belongs to the CA %.100s; "
             "correct [journal], or give this destination another name",
             check->ca, position->ca);
}

enum position_fault position_fault(const char *journal, const struct position *position,
                                   const struct position_check *check,
                                   char why[POSITION_FAULT_MAX])
{
    char reason[ERROR_TEXT_MAX];

    *why = 0;
    switch (check->verdict) {
    case POSITION_FINE:
    case POSITION_PRUNED: return POSITION_SOUND;
    case POSITION_UNREADABLE:
        position_tell_away(journal, error_text(check->hr, reason), why);
        return POSITION_WAITS;
    case POSITION_NOWHERE:
        position_tell_away(journal, "no file of a journal is in this folder", why);
        return POSITION_WAITS;
    case POSITION_CHANGED:  position_tell_changed(position, why); break;
    case POSITION_SET_BACK: position_tell_set_back(position, why); break;
    case POSITION_OTHER_CA: position_tell_other_ca(position, check, why); break;
    }
    return POSITION_HALTS;
}
