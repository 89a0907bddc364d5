/* Mail messages over a connection: SMTP. */
#ifndef NET_MAIL_H
#define NET_MAIL_H

#include "base/span.h"
#include "net.h"

#define NET_MAIL_SAID 256               /* bytes of an answer, with its zero */

/* How far it got: what the far end has answered last, or has not answered. */
enum net_mail_stage {
    NET_MAIL_GREETING,                  /* nothing was said yet */
    NET_MAIL_HELLO,
    NET_MAIL_STARTTLS,
    NET_MAIL_LOGIN,
    NET_MAIL_FROM,
    NET_MAIL_RECIPIENT,
    NET_MAIL_DATA,                      /* the command, */
    NET_MAIL_CONTENT                    /* and the message that follows it */
};

struct net_mail_answer {
    bool taken;                         /* the far end has taken the message */
    enum net_mail_stage stage;          /* else: where it ended, */
    unsigned code;                      /* the far end's answer there, 0: none, */
    char said[NET_MAIL_SAID];           /* its last line, and */
    struct net_failure failure;         /* what is wrong */
};

/*
 * Send a message to one recipient. The addresses are ASCII without blanks and angle brackets; the
 * message's lines end in CRLF. Each message has a connection of its own: events are rare, and
 * servers end idle connections.
 */
void net_mail(struct net *net, const char *from, const char *recipient, struct span message,
              struct net_mail_answer *answer);

/* "in answer to STARTTLS", for a sentence; "" for the greeting. */
const char *net_mail_stage_words(enum net_mail_stage stage);

#endif
