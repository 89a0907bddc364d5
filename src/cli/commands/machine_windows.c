/* install, uninstall, enable and disable: their options become an order for src/setup, and what that tells goes to the console. */
#include "machine.h"

#include "cli/terminal/console.h"
#include "base/bytes.h"
#include "settings/settings.h"
#include "setup/setup.h"

#include <string.h>

struct spoken {
    bool dry_run;
};

static void tell(void *context, enum tone tone, const WCHAR *text)
{
    const struct spoken *spoken = context;
    char line[LISTENER_TEXT_MAX * 3];
    struct bytes plain = {0};

    if (!WideCharToMultiByte(CP_UTF8, 0, text, -1, line, sizeof line, NULL, NULL)) return;
    if (tone == TONE_REFUSED) {
        console_note("%s", line);
        return;
    }
    bytes_add_text(&plain, tone == TONE_TOUCHED ? "    " : tone == TONE_WHAT && spoken->dry_run ? "would " : "");
    console_add_text(&plain, line, strlen(line), 0);                    /* names in the registry may hold anything */
    bytes_add_text(&plain, "\n");
    console_write(plain.data, plain.size);
    bytes_free(&plain);
}

static enum outcome give(struct setup_order *order, const struct options *options)
{
    struct spoken spoken = {option_given(options, "dry-run")};
    struct listener listener = {tell, &spoken};

    order->dry_run = spoken.dry_run;
    order->restart = option_given(options, "restart");
    return setup_run(order, &listener) == SETUP_DONE ? OUTCOME_FINE : OUTCOME_CANNOT;
}

/* The value of an option in UTF-16; `*out` stays NULL where it was not given. False: it cannot be, the console has been told. */
static bool wide_option(const struct options *options, const char *name, WCHAR room[SETTINGS_PATH_MAX], const WCHAR **out)
{
    const char *value = option_value(options, name);

    if (!value) return true;
    if (!*value || !MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, value, -1, room, SETTINGS_PATH_MAX)) {
        console_note(*value ? "--%s: that is too long, or no text" : "--%s: it is empty", name);
        return false;
    }
    *out = room;
    return true;
}

enum outcome machine_install(const struct options *options)
{
    struct setup_order order = {.verb = SETUP_INSTALL, .console_only = option_given(options, "console-only"),
                                .register_only = option_given(options, "register-only")};
    WCHAR ca[SETTINGS_PATH_MAX], journal[SETTINGS_PATH_MAX];

    if (!wide_option(options, "ca", ca, &order.ca) || !wide_option(options, "journal", journal, &order.journal)) return OUTCOME_CANNOT;
    if ((order.console_only && order.register_only) || ((order.console_only || order.register_only) && (order.ca || order.journal))) {
        console_note("--console-only and --register-only touch no CA: they go with neither --ca nor --journal, nor with each other");
        return OUTCOME_CANNOT;
    }
    return give(&order, options);
}

enum outcome machine_uninstall(const struct options *options)
{
    struct setup_order order = {.verb = SETUP_UNINSTALL, .purge = option_given(options, "purge")};

    return give(&order, options);
}

static enum outcome list(enum setup_verb verb, const struct options *options)
{
    struct setup_order order = {.verb = verb};
    WCHAR ca[SETTINGS_PATH_MAX];

    return wide_option(options, "ca", ca, &order.ca) ? give(&order, options) : OUTCOME_CANNOT;
}

enum outcome machine_enable(const struct options *options)
{
    return list(SETUP_ENABLE, options);
}

enum outcome machine_disable(const struct options *options)
{
    return list(SETUP_DISABLE, options);
}
