/* What is told of a journal in plain words: the decision, for all that a look can find. */
#include "lib/test.h"

#include "page/state.h"

#include <string.h>
#include <wchar.h>

#define SECOND 10000000ull

/* A journal that is being written, found by somebody who may see everything. */
static const struct look_facts sound = {.service = LOOK_RUNNING, .service_start = 1000 * SECOND, .has_drive = true, .has_folder = true,
    .has_free = true, .free_bytes = 5000ull << 20, .files = 3, .bytes = 1 << 20, .has_line = true, .type = L"certificate.issued",
    .subject = L"request/7", .time = 2000 * SECOND, .sequence = 42};

static void decide(struct look_facts facts, bool active, enum state_health health, const WCHAR *part, int line)
{
    WCHAR text[STATE_TEXT_MAX];
    enum state_health got;

    wmemset(text, L'x', STATE_TEXT_MAX);
    got = state_decide(&facts, active, 1024, text);
    if (!check_int(got, health) | !check(wcsnlen(text, STATE_TEXT_MAX) < STATE_TEXT_MAX && wcsstr(text, part)))
        test_note("    from line %d: %.300ls", line, text);
}
#define told(facts, active, health, part) decide((facts), (active), (health), (part), __LINE__)

#define with(...) ({ struct look_facts facts = sound; __VA_ARGS__; facts; })
#define type_is(text) wcscpy(facts.type, text)

TEST(a_journal_that_is_written_is_good)
{
    told(sound, true, STATE_GOOD, L"its events are recorded");
    told(with(facts.service_start = 0), true, STATE_GOOD, L"its events are recorded");
    told(with(facts.time = 1000 * SECOND - 1), true, STATE_GOOD, L"its events are recorded");        /* times in lines are cut */
    told(with(facts.has_tail = true), true, STATE_GOOD, L"its events are recorded");
    told(with(facts.has_free = false), true, STATE_GOOD, L"its events are recorded");
    told(sound, false, STATE_WARNING, L"Recording ends when");
}

TEST(a_ca_that_runs_without_writing_is_trouble)
{
    told(with(facts.time = 900 * SECOND), true, STATE_BAD, L"nothing was recorded since");
    told(with(type_is(L"module.stopped")), true, STATE_BAD, L"nothing was recorded since");
    told(with(facts.files = 0, facts.has_line = false), true, STATE_BAD, L"this folder has no journal");
    told(with(facts.time = 900 * SECOND), false, STATE_WARNING, L"not among the CA's active exit modules");
    told(with(facts.files = 0, facts.has_line = false), false, STATE_WARNING, L"Nothing is recorded");
}

TEST(damage_on_record_is_told_unless_something_is_worse)
{
    told(with(facts.broken = 40), true, STATE_WARNING, L"Events are recorded, but: Event 40 of the journal reports that lines before it");
    told(with(facts.broken = 40, facts.service = LOOK_STOPPED, type_is(L"module.stopped")), true, STATE_WARNING, L"Event 40 of the journal");
    told(with(facts.broken = 40, facts.time = 900 * SECOND), true, STATE_BAD, L"nothing was recorded since");
    told(with(facts.broken = 40), false, STATE_WARNING, L"Recording ends when");
}

TEST(a_stopped_ca_has_closed_its_journal_or_not)
{
    told(with(facts.service = LOOK_STOPPED, type_is(L"module.stopped")), true, STATE_NEUTRAL, L"closed properly");
    told(with(facts.service = LOOK_STOPPED, type_is(L"ca.stopping")), true, STATE_NEUTRAL, L"closed properly");
    told(with(facts.service = LOOK_STOPPED), true, STATE_WARNING, L"without closing");
    told(with(facts.service = LOOK_STOPPED, type_is(L"module.stopped"), facts.has_tail = true), true, STATE_WARNING, L"only partly written");
    told(with(facts.service = LOOK_STOPPED, facts.files = 0, facts.has_line = false), true, STATE_NEUTRAL, L"no journal yet");
    told(with(facts.service = LOOK_STOPPED, type_is(L"module.stopped")), false, STATE_WARNING, L"will be recorded");
    told(with(facts.service = LOOK_STARTING), true, STATE_NEUTRAL, L"starting or stopping");
    told(with(facts.service = LOOK_NO_SERVICE), true, STATE_WARNING, L"not known");
}

TEST(what_keeps_the_recorder_from_writing_comes_first)
{
    struct look_facts refused = with(facts.error = ERROR_ACCESS_DENIED);

    told(with(facts.has_drive = false), true, STATE_BAD, L"The drive of the journal is missing");
    told(with(facts.free_bytes = (1024ull << 20) - 1), true, STATE_BAD, L"The disk has 1023 MiB free, less than MinFreeMiB (1 GiB). Denied, pending");
    told(with(facts.free_bytes = 256ull << 20), true, STATE_BAD, L"are counted and not recorded. Below 256 MiB nothing is written");
    told(with(facts.free_bytes = (256ull << 20) - 1), true, STATE_BAD,
         L"The disk has 255 MiB free, less than a quarter of MinFreeMiB (256 MiB). Nothing is written");
    told(with(facts.free_bytes = 1024ull << 20), true, STATE_GOOD, L"its events are recorded");
    told(refused, true, STATE_WARNING, L"only administrators");
    told(with(facts.error = ERROR_CRC), true, STATE_BAD, L"error 23");
    told(with(facts.has_line = false), true, STATE_BAD, L"no intact line");
    wmemset(refused.refused, L'r', LOOK_WHY_MAX - 1);
    told(refused, true, STATE_BAD, L"CertWitness does not write into this folder. rrr");
}

TEST(a_folder_above_that_others_could_take_away_is_told_where_nothing_worse_is)
{
    struct look_facts above = with(wcscpy(facts.above, L"E:\\PKI: It can."));

    told(above, true, STATE_WARNING, L"Events are recorded, but: E:\\PKI: It can.");
    told(above, false, STATE_WARNING, L"is not among the CA's active exit modules any more");
    above.has_line = false;
    told(above, true, STATE_BAD, L"no intact line");
}

TEST(a_size_is_told_with_the_number_of_files)
{
    struct look_facts one = with(facts.files = 1, facts.bytes = 12345ull << 20);
    WCHAR text[200];

    state_size(&one, text, ARRAYSIZE(text));
    check_wide(text, L"12 GiB in 1 file");
    state_size(&sound, text, ARRAYSIZE(text));
    check_wide(text, L"1 MiB in 3 files");
}

TEST(the_last_event_is_told_with_its_request_and_cut_where_there_is_no_room)
{
    WCHAR text[200], small[20];

    state_last_event(&sound, text, ARRAYSIZE(text));
    check(!wcsncmp(text, L"certificate.issued (request/7), ", 32));
    state_last_event(&(struct look_facts){0}, text, ARRAYSIZE(text));
    check_wide(text, L"none yet");
    state_last_event(&sound, small, ARRAYSIZE(small));
    check_int(wcsnlen(small, ARRAYSIZE(small)), ARRAYSIZE(small) - 1);
}
