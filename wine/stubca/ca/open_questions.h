/*
 * The stub CA's behaviour where the contract for exit modules is open.
 *
 * The contract's section I numbers the open questions; those with a name here can be set in a
 * scenario (`setting NAME=WORD`). The first word of each is the default. All zero is all defaults.
 */
#ifndef STUBCA_OPEN_QUESTIONS_H
#define STUBCA_OPEN_QUESTIONS_H

enum choice {
    CHOICE_CONTEXTS,
    CHOICE_AFTER_NOTIFY,
    CHOICE_CA_CONTEXT,
    CHOICE_DATES,
    CHOICE_RETRIEVE_EVENT,
    CHOICE_FAILED_EVENT,
    CHOICE_INITIALIZE_FAILURE,
    CHOICE_LOCATION,
    CHOICE_UNKNOWN_NAME,
    CHOICE_WRONG_TYPE,
    CHOICE_BAD_INDEX,
    CHOICE_ENUM_MISUSE,
    CHOICE_ENUM_FLAGS,
    CHOICE_LOAD_ORDER,
    CHOICE_EXIT_COUNT,
    CHOICE_THROWN,
    CHOICE_CA_ACCESS,
    CHOICE_REQUEST_ATTRIBUTES,
    CHOICE_AFTER_SHUTDOWN,
    CHOICE_REQUEST_NAMES,
    CHOICE_RELEASE_MESSAGE,
    CHOICE_ROWS,
    CHOICE_EMPTY_TEXT,
    CHOICE_HASHES,
    CHOICE_UNISSUED,
    CHOICE_DENIED_MESSAGE,
    CHOICE_WARNING_STATUS,
    CHOICE_REQUEST_TYPE,
    CHOICE_DER,
    CHOICE_SIGNERS,
    CHOICE_UNREADABLE,
    CHOICE_SAN_ATTRIBUTE,
    CHOICE_CHALLENGE,
    CHOICE_COUNT
};

struct choice_rule {
    const char *name;
    const char *words;                  /* separated by |, the default first */
    const char *question;               /* its number in section I: "I-2" */
};
extern const struct choice_rule choice_rules[CHOICE_COUNT];

struct open_questions {
    int chosen[CHOICE_COUNT];           /* index of the chosen word, from 0 */
};

/* Set a choice to one of its rule's words. */
void open_questions_set(struct open_questions *choices, enum choice choice, const char *word);

#endif
