#define _GNU_SOURCE
#include "trust.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct trust {
    uid_t account;                      /* that delivers */
    const struct notes *wrong;
    bool good;
};

static uid_t trust_account(const char *state)
{
    struct stat found;

    return geteuid() || stat(state, &found) ? geteuid() : found.st_uid;
}

/* `what`, as in ", the folder of the state", follows the path, `means` is why it matters. */
static void trust_judge(struct trust *trust, const char *path, const char *what, bool sticky,
                        const char *means)
{
    struct stat found;
    bool owned, open;

    if (stat(path, &found)) return;
    owned = !found.st_uid || found.st_uid == trust->account;
    open = (found.st_mode & 022) && !(sticky && (found.st_mode & S_ISVTX));
    if (owned && !open) return;
    trust->good = false;
    if (!owned)
        notes_add(trust->wrong,
                  "%s%s belongs to the account with the number %u, and so can be changed by others "
                  "than root and the account that delivers. %s Look at it, then: chown root %s",
                  path, what, (unsigned)found.st_uid, means, path);
    else
        notes_add(trust->wrong,
                  "%s%s has the mode %03o, and so can be changed by others than root and the "
                  "account that delivers. %s Look at it, then: chmod go-w %s",
                  path, what, (unsigned)found.st_mode & 0777, means, path);
}

static void trust_judge_configuration(struct trust *trust, const char *file)
{
    static const char means[] = "Whoever changes the configuration says where the journal goes.";
    char *given = strdup(file), *real = realpath(file, NULL), *folder;

    trust_judge(trust, file, "", false, means);
    if (given) {
        folder = dirname(given);
        trust_judge(trust, folder, ", the folder of the configuration,", true, means);
        if (real) {
            char *leads = dirname(real), *whole = realpath(folder, NULL);

            if (!whole || strcmp(leads, whole))
                trust_judge(trust, leads, ", the folder of the configuration,", true, means);
            free(whole);
        }
    }
    free(real);
    free(given);
}

bool trust_look(const struct config *config, const struct notes *wrong)
{
    struct trust trust = {.account = trust_account(config->state), .wrong = wrong, .good = true};

    trust_judge_configuration(&trust, config->file);
    trust_judge(&trust, config->state, ", the folder of the state,", false,
                "Whoever changes the state says which lines are left out.");
    return trust.good;
}
