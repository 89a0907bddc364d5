/* The choices, with their words. wine/README.md says what each means. */
#include "open_questions.h"

#include <string.h>

const struct choice_rule choice_rules[CHOICE_COUNT] = {
    [CHOICE_CONTEXTS] = {"contexts", "lenient|strict", "I-2"},
    [CHOICE_AFTER_NOTIFY] = {"after-notify", "refused|answered", "I-2"},
    [CHOICE_CA_CONTEXT] = {"ca-context", "zero|own", "I-2"},
    [CHOICE_DATES] = {"dates", "utc|local", "I-3"},
    [CHOICE_RETRIEVE_EVENT] = {"retrieve-event", "on|off", "I-4"},
    [CHOICE_FAILED_EVENT] = {"failed-event", "on|off", "I-6"},
    [CHOICE_INITIALIZE_FAILURE] = {"initialize-failure", "continue|abort", "I-7"},
    [CHOICE_LOCATION] = {"location", "caller|first|bound|refused", "I-8"},
    [CHOICE_UNKNOWN_NAME] = {"unknown-name", "invalid|empty|not-found", "I-9"},
    [CHOICE_WRONG_TYPE] = {"wrong-type", "invalid|empty", "I-9"},
    [CHOICE_BAD_INDEX] = {"bad-index", "not-found|invalid|empty", "I-9"},
    [CHOICE_ENUM_MISUSE] = {"enum-misuse", "unexpected|end", "I-10"},
    [CHOICE_ENUM_FLAGS] = {"enum-flags", "checked|ignored", "I-10"},
    [CHOICE_LOAD_ORDER] = {"load-order", "listed|reversed", "I-16"},
    [CHOICE_EXIT_COUNT] = {"exit-count", "active|loaded", "I-16"},
    [CHOICE_THROWN] = {"thrown", "stays|dropped", "I-17"},
    [CHOICE_CA_ACCESS] = {"ca-access", "zero|empty", "I-18"},
    [CHOICE_REQUEST_ATTRIBUTES] = {"request-attributes", "whole|cut", "I-19"},
    [CHOICE_AFTER_SHUTDOWN] = {"after-shutdown", "answered|suspended", "I-21"},
    [CHOICE_REQUEST_NAMES] = {"request-names", "requested|issued", "I-22"},
    [CHOICE_RELEASE_MESSAGE] = {"release-message", "revoked|released", "I-23"},
    [CHOICE_ROWS] = {"rows", "kept|volatile", "I-25"},
    [CHOICE_EMPTY_TEXT] = {"empty-text", "bstr|null", "I-26"},
    [CHOICE_HASHES] = {"hashes", "spaced|plain", "I-27"},
    [CHOICE_UNISSUED] = {"unissued", "told|denied|bare", "I-28"},
    [CHOICE_DENIED_MESSAGE] = {"denied-message", "told|plain", "I-29"},
    [CHOICE_WARNING_STATUS] = {"warning-status", "zero|told", "I-30"},
    [CHOICE_REQUEST_TYPE] = {"request-type", "full|bare", "I-31"},
    [CHOICE_DER] = {"der", "strict|lenient", "I-32"},
    [CHOICE_SIGNERS] = {"signers", "known|chained|any", "I-33"},
    [CHOICE_UNREADABLE] = {"unreadable", "refused|recorded", "I-34"},
    [CHOICE_SAN_ATTRIBUTE] = {"san-attribute", "off|on", "I-35"},
    [CHOICE_CHALLENGE] = {"challenge", "compared|ignored", "I-36"},
};

void open_questions_set(struct open_questions *choices, enum choice choice, const char *word)
{
    size_t size = strlen(word);
    int number = 0;

    for (const char *c = choice_rules[choice].words; *c; number++) {
        size_t next = strcspn(c, "|");

        if (next == size && !memcmp(c, word, size)) choices->chosen[choice] = number;
        c += next + (c[next] == '|');
    }
}
