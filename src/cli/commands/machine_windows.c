/* install, uninstall, enable and disable: their options become an order for src/setup, and what
 * that tells goes to the console. */
#include "machine.h"

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/terminal/console.h"
#include "cli/terminal/paragraph.h"
#include "cli/terminal/question.h"
#include "settings/settings.h"
#include "setup/setup.h"
#include "base/utf16_windows.h"

#include <string.h>

const bool machine_commands_work = true;

/* What is told, on its way to the console. Notes follow the steps; what to do next is the last
 * paragraph. */
struct spoken {
    bool dry_run;
    struct bytes notes, next;
};

static void write_line(const char *line, unsigned indent)
{
    paragraph_print(line, strlen(line), indent);
}

static void write_notes(struct spoken *spoken)
{
    for (size_t at = 0; at < spoken->notes.size; at += strlen(spoken->notes.data + at) + 1)
        write_line(spoken->notes.data + at, 0);
    spoken->notes.size = 0;
}

static void machine_tell(void *context, enum tone tone, const WCHAR *text)
{
    struct spoken *spoken = context;
    char line[LISTENER_TEXT_MAX * 3];

    if (!utf16_put_utf8(text, line, sizeof line)) return;
    switch (tone) {
    case TONE_DONE:    write_line(line, 0); break;
    case TONE_TOUCHED: if (spoken->dry_run) write_line(line, 4); break;
    case TONE_NOTE:    bytes_add(&spoken->notes, line, strlen(line) + 1); break;
    case TONE_NEXT:
        bytes_printf(&spoken->next, "%s%s", spoken->next.size ? " " : "", line);
        break;
    case TONE_REFUSED: console_note("%s", line); break;
    }
}

static bool agrees(void *context)
{
    write_notes(context);
    if (!question_can_be_asked()) {
        console_note("without a terminal nobody can be asked whether to remove this for good: add "
                     "--yes to remove it");
        return false;
    }
    return question_agreed("Remove this for good?");
}

static enum outcome machine_give(struct setup_order *order, const struct options *options)
{
    struct spoken spoken = {option_given(options, "dry-run"), {0}, {0}};
    struct listener listener = {.tell = machine_tell, .agrees = agrees, .context = &spoken};
    enum setup_result result;

    order->dry_run = spoken.dry_run;
    order->restart = option_given(options, "restart");
    if ((result = setup_run(order, &listener)) != SETUP_REFUSED) write_notes(&spoken);
    if (spoken.next.size) {
        bytes_add(&spoken.next, "", 1);
        console_write("\n", 1);
        if (!spoken.next.failed) write_line(spoken.next.data, 0);
    }
    bytes_free(&spoken.notes);
    bytes_free(&spoken.next);
    return result == SETUP_DONE ? OUTCOME_FINE : OUTCOME_CANNOT;
}

/* The value of an option in UTF-16; `*out` stays NULL where it was not given. False: it cannot be,
 * the console has been told. */
static bool wide_option(const struct options *options, const char *name,
                        WCHAR room[SETTINGS_PATH_MAX], const WCHAR **out)
{
    const char *value = option_value(options, name);

    if (!value) return true;
    if (!*value || !utf16_from_utf8(value, room, SETTINGS_PATH_MAX)) {
        console_note(*value ? "--%s: that is too long, or no text" : "--%s: it is empty", name);
        return false;
    }
    *out = room;
    return true;
}

enum outcome machine_install(const struct options *options)
{
    struct setup_order order = {.verb = SETUP_INSTALL,
                                .console_only = option_given(options, "console-only"),
                                .register_only = option_given(options, "register-only")};
    WCHAR ca[SETTINGS_PATH_MAX], journal[SETTINGS_PATH_MAX];

    if (!wide_option(options, "ca", ca, &order.ca) ||
        !wide_option(options, "journal", journal, &order.journal))
        return OUTCOME_CANNOT;
    if ((order.console_only && order.register_only) ||
        ((order.console_only || order.register_only) && (order.ca || order.journal))) {
        console_note("--console-only and --register-only touch no CA: they go with neither --ca "
                     "nor --journal, nor with each other");
        return OUTCOME_CANNOT;
    }
    return machine_give(&order, options);
}

enum outcome machine_uninstall(const struct options *options)
{
    struct setup_order order = {.verb = SETUP_UNINSTALL, .purge = option_given(options, "purge"),
                                .agreed = option_given(options, "yes")};

    return machine_give(&order, options);
}

static enum outcome machine_list(enum setup_verb verb, const struct options *options)
{
    struct setup_order order = {.verb = verb};
    WCHAR ca[SETTINGS_PATH_MAX];

    return wide_option(options, "ca", ca, &order.ca) ? machine_give(&order, options)
                                                     : OUTCOME_CANNOT;
}

enum outcome machine_enable(const struct options *options)
{
    return machine_list(SETUP_ENABLE, options);
}

enum outcome machine_disable(const struct options *options)
{
    return machine_list(SETUP_DISABLE, options);
}
