#include "date_check.h"

#include "base/timestamp.h"

#include <inttypes.h>
#include <stdlib.h>

#define ROUNDING  60                    /* seconds: a CA may keep its dates to the minute */
#define ZONE_STEP 15                    /* minutes: all time zones are whole quarters of an hour */
#define ZONE_MOST (14 * 60)
#define SUMMER    60                    /* minutes between a zone's two offsets */

static bool date_check_read_date(struct event *event, const char *path, int64_t *seconds)
{
    const struct json_doc *doc = event_doc(event);
    struct span text = json_doc_span(doc, json_find(doc, JSON_ROOT, path));
    int64_t micros;

    if (text.size < 20 || text.text[text.size - 1] != 'Z' || !timestamp_of_line(text, &micros))
        return false;
    *seconds = micros / 1000000;
    return true;
}

static void add(struct date_check *check, int64_t told, int64_t real)
{
    int64_t ahead = told - real,
            steps = (ahead + (ahead < 0 ? -1 : 1) * ZONE_STEP * 30) / (ZONE_STEP * 60);
    int minutes = (int)(steps * ZONE_STEP);
    bool first = check->compared == check->odd;

    check->compared++;
    if (llabs(ahead - steps * ZONE_STEP * 60) > ROUNDING || steps > ZONE_MOST / ZONE_STEP ||
        steps < -ZONE_MOST / ZONE_STEP) {
        check->odd++;
        return;
    }
    check->off += minutes != 0;
    if (first || minutes < check->least) check->least = minutes;
    if (first || minutes > check->most) check->most = minutes;
}

void date_check_add(struct date_check *check, struct event *event)
{
    const struct x509 *certificate = event_x509(event);
    uint64_t before = check->compared;
    int64_t seconds;

    if (!certificate) return;
    if (certificate->not_before != DER_TIME_NONE &&
        date_check_read_date(event, "certificate/NotBefore", &seconds))
        add(check, seconds, certificate->not_before);
    if (certificate->not_after != DER_TIME_NONE &&
        date_check_read_date(event, "certificate/NotAfter", &seconds))
        add(check, seconds, certificate->not_after);
    check->certificates += check->compared > before;
}

enum date_verdict date_check_verdict(const struct date_check *check)
{
    if (!check->compared) return DATES_NOT_COMPARED;
    if (check->odd || check->most - check->least > SUMMER) return DATES_MIXED;
    return check->off ? DATES_LOCAL : DATES_UTC;
}

const char *date_verdict_word(enum date_verdict verdict)
{
    static const char *const words[] = {"not compared", "UTC", "local", "mixed"};

    return words[verdict];
}

static void add_offset(struct bytes *out, int minutes)
{
    bytes_printf(out, "%c%02d:%02d", minutes < 0 ? '-' : '+', abs(minutes) / 60, abs(minutes) % 60);
}

void date_check_tell(const struct date_check *check, struct bytes *out)
{
    switch (date_check_verdict(check)) {
    case DATES_NOT_COMPARED:
        bytes_add_text(out, "There is no certificate to compare the CA's dates with.");
        return;
    case DATES_UTC:
        bytes_printf(out,
                     "The CA reports dates in UTC: NotBefore and NotAfter are as in the "
                     "certificates (%" PRIu64 " dates).",
                     check->compared);
        return;
    case DATES_LOCAL:
        bytes_add_text(
            out,
            "The CA reports dates in local time, not in UTC: NotBefore and NotAfter are off by ");
        add_offset(out, check->least);
        if (check->most != check->least) {
            bytes_add_text(out, " to ");
            add_offset(out, check->most);
        }
        bytes_printf(out, " from those in the certificate (%" PRIu64 " of %" PRIu64 " dates).",
                     check->off, check->compared);
        bytes_add_text(out, " The dates in the certificates are right; other dates of the CA "
                            "(SubmittedWhen, RevokedWhen) will be off likewise.");
        return;
    case DATES_MIXED:
        bytes_printf(out,
                     "The CA's dates differ from the certificates' without one reason: of %" PRIu64
                     " compared, %" PRIu64 " are off by some time zone's "
                     "offset, ",
                     check->compared, check->off);
        bytes_printf(out, "%" PRIu64 " by no time zone's. The dates in the certificates are right.",
                     check->odd);
    }
}
