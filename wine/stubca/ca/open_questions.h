/*
 * How this CA behaves where the contract for exit modules leaves it open.
 *
 * The contract's section I counts the questions; what has a name here can be chosen by a scenario (`setting NAME=WORD`).
 * The first word of each is the default. All zero is all defaults.
 */
#ifndef STUBCA_OPEN_QUESTIONS_H
#define STUBCA_OPEN_QUESTIONS_H

enum choice {
    CHOICE_CONTEXTS, CHOICE_AFTER_NOTIFY, CHOICE_CA_CONTEXT, CHOICE_DATES, CHOICE_RETRIEVE_EVENT, CHOICE_FAILED_EVENT,
    CHOICE_INITIALIZE_FAILURE, CHOICE_LOCATION, CHOICE_UNKNOWN_NAME, CHOICE_WRONG_TYPE, CHOICE_BAD_INDEX,
    CHOICE_ENUM_MISUSE, CHOICE_ENUM_FLAGS, CHOICE_LOAD_ORDER, CHOICE_EXIT_COUNT, CHOICE_THROWN, CHOICE_CA_ACCESS,
    CHOICE_REQUEST_ATTRIBUTES, CHOICE_AFTER_SHUTDOWN, CHOICE_REQUEST_NAMES, CHOICE_RELEASE_MESSAGE, CHOICE_ROWS,
    CHOICE_EMPTY_TEXT, CHOICE_HASHES, CHOICE_UNISSUED, CHOICE_DENIED_MESSAGE, CHOICE_WARNING_STATUS, CHOICE_REQUEST_TYPE,
    CHOICE_DER, CHOICE_SIGNERS, CHOICE_UNREADABLE, CHOICE_SAN_ATTRIBUTE, CHOICE_COUNT
};

struct choice_rule {
    const char *name;
    const char *words;                  /* parted by |, the default first */
    const char *question;               /* of section I: "I-2" */
};
extern const struct choice_rule choice_rules[CHOICE_COUNT];

struct open_questions {
    int chosen[CHOICE_COUNT];           /* which word, from 0 */
};

/* Choose by a word that is one of the rule's. */
void open_questions_set(struct open_questions *choices, enum choice choice, const char *word);

#endif
