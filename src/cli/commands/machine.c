#include "machine.h"

#include "cli/commands.h"

static const struct option_row install_options[] = {
    {"ca", "NAME", "this CA only; otherwise all of this machine"},
    {"journal", "DIR",
     "where the CA's journal lies; otherwise where it is set, or below %ProgramData%"},
    {"register-only", NULL, "register the module and touch no CA: the other nodes of a cluster"},
    {"console-only", NULL, "register what the CA's snap-in needs, on a machine without a CA"},
    {"restart", NULL, "restart the CA's service in the end"},
    {"dry-run", NULL, "list every key and file that would be touched, and touch none"},
    {0},
};

const struct command command_install = {
    .name = "install", .operands = "", .options = install_options, .run = machine_install,
    .summary = "register the exit module and have the CA use it",
    .more =
            "Registers the certwitness.dll that lies beside this program, makes the\n"
            "journal's folder, and adds CertWitness.Exit to the CA's exit modules, after\n"
            "those in the list. None of them is removed or moved. Everything is checked\n"
            "before anything is written; what is done already is left alone, so it can be\n"
            "run again at any time. The CA uses the module from its next start on. Needs an\n"
            "elevated prompt.\n\n"
            "  certwitness install --dry-run\n"
            "  certwitness install --restart\n"
            "  certwitness install --ca \"Issuing CA 1\" --journal \"E:\\CertWitness\\CA 1\"\n",
};

static const struct option_row uninstall_options[] = {
    {"purge", NULL, "remove the journals and the settings too, for good; lists them and asks"},
    {"yes", NULL, "with --purge: do not ask; for scripts"},
    {"restart", NULL, "restart the CA's service, so that it lets go of the module"},
    {"dry-run", NULL, "list every key and file that would be touched, and touch none"},
    {0},
};

const struct command command_uninstall = {
    .name = "uninstall", .operands = "", .options = uninstall_options, .run = machine_uninstall,
    .summary = "take the exit module out of the CA and the registry",
    .more =
            "Takes CertWitness.Exit out of the exit modules of every CA of this machine,\n"
            "leaves the others as they are, and unregisters the certwitness.dll beside this\n"
            "program. The journal and its settings are kept, unless --purge is given. A CA\n"
            "that runs has the file loaded until it is restarted; it can be deleted then.\n\n"
            "--purge lists what it will remove and what stays elsewhere, and asks. Where\n"
            "nobody can be asked it refuses, unless --yes is given.\n\n"
            "  certwitness uninstall --restart\n"
            "  certwitness uninstall --purge --dry-run\n"
            "  certwitness uninstall --purge --yes\n",
};

static const struct option_row active_options[] = {
    {"ca", "NAME", "this CA only; otherwise all of this machine"},
    {"restart", NULL, "restart the CA's service in the end"},
    {"dry-run", NULL, "list every key that would be touched, and touch none"},
    {0},
};

const struct command command_enable = {
    .name = "enable", .operands = "", .options = active_options, .run = machine_enable,
    .summary = "add the module to the CA's exit modules",
    .more =
            "Adds CertWitness.Exit to the list after the modules in it, and\n"
            "touches nothing else. The module has to be registered (install does both).\n\n"
            "  certwitness enable --restart\n",
};

const struct command command_disable = {
    .name = "disable", .operands = "", .options = active_options, .run = machine_disable,
    .summary = "take the module out of the CA's exit modules",
    .more =
            "Takes CertWitness.Exit out of the list and touches nothing else: the module\n"
            "stays registered, journal and settings stay as they are.\n\n"
            "  certwitness disable --restart\n",
};

static const struct option_row status_options[] = {
    {"json", NULL, "one JSON object instead of text"},
    {0},
};

const struct command command_status = {
    .name = "status", .operands = "", .options = status_options, .run = machine_status,
    .summary = "whether this machine's CA is recorded, and what is wrong",
    .more =
            "Tells whether the module is registered and which CAs use it, its version, where\n"
            "the journals lie, their last events and gaps, and our entries in the event log;\n"
            "the same of the delivery, if this machine has one; then what is wrong and how\n"
            "to mend it. Of a journal the newest four files are read and checked; \"verify\"\n"
            "reads all of it. Exit code 1 when something is wrong.\n\n"
            "  certwitness status\n"
            "  certwitness status --json\n",
};

static const struct option_row settings_options[] = {
    {"ca", "NAME",
     "this CA only; otherwise all of this machine, and to change a setting it has to be one"},
    {"json", NULL, "one JSON object instead of text"},
    {"dry-run", NULL, "set, reset: judge the values and say what would be changed"},
    {0},
};

const struct command command_settings = {
    .name = "settings",
    .operands = "[check|get|set|reset NAME[=VALUE]...]",
    .operands_most = 65,
    .options = settings_options,
    .run = machine_settings,
    .summary = "show, check and change the settings",
    .more = "Without a word: every setting with its value, default and range, and where the\n"
            "value comes from.\n\n"
            "set      judges every value, then writes all of them or none. They take effect\n"
            "         when the CA is restarted. The scheduled task follows RetainDays.\n"
            "get      prints one value; of a list one item to a line\n"
            "reset    removes values, so that the defaults are in force\n"
            "check    lists what the registry holds that is refused, and why, also when the\n"
            "         journal's folder is; and values that nothing reads, since their names\n"
            "         are misspelt. With NAME=VALUE it judges values that are not set yet.\n"
            "         Exit code 1 when something is refused\n\n"
            "set and reset need an elevated prompt.\n\n"
            "  certwitness settings\n"
            "  certwitness settings set RetainDays=365 \"JournalDirectory=E:\\Journal\"\n"
            "  certwitness settings set \"Properties=Officer\\n!RawRequest\" --dry-run\n"
            "  certwitness settings get RetainDays\n"
            "  certwitness settings reset RetainDays\n"
            "  certwitness settings check\n",
};
