/*
 * An event that was read: what a line's data holds, asked for by those who show, filter, count or
 * hand it on.
 *
 * Values are found by the places that the reader noted. Nothing is decoded before something is
 * asked for that needs it, and then once. What the line holds may be forged: whatever is not as the
 * recorder writes it is as if it were not there. {0} is an event with no line. Memory is kept from
 * line to line: at most some 10 MiB after a line that was made for it, less than 1 MiB after any
 * that the recorder writes.
 */
#ifndef EVENT_H
#define EVENT_H

#include "der/pkcs10.h"
#include "der/x509.h"
#include "base/json_doc.h"
#include "identity.h"
#include "journal/reader.h"

enum event_der { EVENT_CERTIFICATE, EVENT_REQUEST, EVENT_DERS };

struct event {
    struct line line;                   /* borrowed views */
    bool unverified; /* nothing but its own hash vouches for the line (reader.h); for the caller to
                        say after event_set */
    bool no_memory;                     /* since event_set memory ran out for something that was
                                         * asked for, so an answer may be wrong */
    bool parsed;
    struct json_doc doc;                /* owned, as are the bytes below; use event_doc */
    struct bytes der[EVENT_DERS];
    unsigned char
        *converted[EVENT_DERS];         /* the DER that they stand for, where they are BER; owned */
    unsigned tried;                     /* bits: what has been decoded, what has been read */
    struct x509 certificate;
    struct pkcs10 request;
    bool has_certificate, has_request;
};

/* From now on the event is that of this line (reader.h, line.h), whose text has to hold as long as
 * it is asked. */
void event_set(struct event *event, const struct line *line);
/* The same of a line that a reader gave, which has parsed it. */
void event_set_item(struct event *event, const struct reader_item *item);
void event_free(struct event *event);

/* The type without "certwitness.": "certificate.issued". A view into the line. */
struct span event_type(const struct event *event);
bool event_type_is(const struct event *event, const char *type);
/* The number that the subject tells, "request/42". False: there is none. Nothing is parsed. */
bool event_request_id(const struct event *event, int64_t *id);

/* The data; a document of nothing where it cannot be parsed: `no_memory`, or a line that json_check
 * does not accept. */
const struct json_doc *event_doc(struct event *event);
/* The value at a path of names, "request/StatusCode", as in json_find. */
bool event_number(struct event *event, const char *path, int64_t *number);
bool event_text(struct event *event, const char *path,
                struct bytes *out); /* UTF-8, may be hostile; appended */

/*
 * What is known under one name though it may stand in several places. Each appends UTF-8 that may
 * be hostile; false: there is none.
 *
 * requester: RequesterName, else CallerName. subject: the certificate's, else the request's, as the
 * CA tells it, else as it stands in the certificate or the request; where that is empty, the UPN or
 * the first alternative name, and of a renewal the subject of the certificate that it renews.
 * template: as the CA tells it, a name or an OID, else as it stands in the certificate. serial:
 * hexadecimal digits as the CA tells it, else of the certificate.
 */
bool event_requester(struct event *event, struct bytes *out);
bool event_subject(struct event *event, struct bytes *out);
bool event_template(struct event *event, struct bytes *out);
bool event_serial(struct event *event, struct bytes *out);

/* As the CA tells it, and nothing else. */
bool event_told_template(struct event *event, struct bytes *out);

/* Whether `is` says so of any name of whom the event is about: subject, user principal name, every
 * alternative name. */
bool event_any_name(struct event *event,
                    bool (*is)(const void *context, const char *text, size_t size),
                    const void *context);
/* The template's name where the certificate has it (those of version 1). */
bool event_template_name(struct event *event, struct bytes *out);
/* The value of an attribute in RequestAttributes, "CertificateTemplate:User"; its name in any case.
 * It is the requester's word. One that may have been cut off counts as not there. */
bool event_attribute(struct event *event, const char *name, struct bytes *out);

/* The element of "missing" for a value whose size is told in its place, or in the place of its
 * rest; JSON_NONE: there is none. */
json_at event_left_out(struct event *event, const char *name);

/* The bytes of RawCertificate and RawRequest; size 0 where there are none. They hold until the next
 * event_set. */
struct span event_der(struct event *event, enum event_der which);
/* The same, read; NULL: not there, or refused, which only what cannot be read is: what is odd in
 * form is borne, and BER read as the DER that it stands for. Of a request that comes in CMS, the
 * first in it. */
const struct x509 *event_x509(struct event *event);
const struct pkcs10 *event_pkcs10(struct event *event);
/* Either of them, for who asks what the event's certificate stands for. */
void event_identity(struct event *event, struct identity *identity);
/* The caller, where it is not the requester: who asked on behalf of somebody else. */
bool event_other_caller(struct event *event, struct bytes *out);

#endif
