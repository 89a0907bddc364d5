#include "expiry_mail.h"

#include "base/error_text.h"
#include "base/file_system.h"
#include "base/file_write.h"
#include "base/plural.h"
#include "cli/inventory/fact_words.h"
#include "cli/terminal/console.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MEMORY    (8u << 20)
#define TEXT_MOST (1u << 20)            /* bytes of one message: more than anybody reads */
#define ROW_MOST  (64u << 10)           /* far more than a row has */

struct mail_item {
    uint8_t owner[8], end[8], sequence[8];
    struct expiry_item item;
};

/* Of struct expiry_mail's `files`. */
enum { FILE_NONE, FILE_WANTED, FILE_WRITTEN };

/* What is to be told of the CA itself goes to its owner. */
static void count_own(struct expiry_mail *mail)
{
    mail->own_certificates = mail->own_crls = 0;
    for (unsigned i = 0; i < mail->owns->count; i++) {
        mail->own_certificates += mail->owns->list[i].is_told && mail->owns->list[i].certificate;
        mail->own_crls += mail->owns->list[i].is_told && mail->owns->list[i].crl;
    }
    if (mail->own_certificates || mail->own_crls)
        mail->files[site_owners_of_ca(mail->owners)] = FILE_WANTED;
}

bool expiry_mail_begin(struct expiry_mail *mail)
{
    char reason[ERROR_TEXT_MAX];
    HRESULT hr;

    sorter_begin(&mail->items, sizeof(struct mail_item), offsetof(struct mail_item, item), MEMORY);
    mail->files = calloc((size_t)mail->owners->count + 1, 1);
    hr = mail->files ? folder_make(mail->folder) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr)) {
        count_own(mail);
        return true;
    }
    free(mail->files);
    mail->files = NULL;
    console_note("--eml %s: the folder cannot be used: %s", mail->folder, error_text(hr, reason));
    return false;
}

void expiry_mail_add(struct expiry_mail *mail, const struct expiry_item *item,
                     const struct fact *fact)
{
    struct mail_item record = {.item = *item};
    uint64_t owner = site_owners_find(mail->owners, fact->issuance.texts[FACT_REQUESTER]);

    mail->files[owner] = FILE_WANTED;
    sorter_put(record.owner, owner);
    memcpy(record.end, item->end, 8);
    memcpy(record.sequence, item->sequence, 8);
    sorter_add(&mail->items, &record);
}

static void add_plain(struct bytes *out, const char *label, const struct bytes *text)
{
    bytes_add_text(out, label);
    console_add_text(out, text->size ? text->data : "", text->size, 200);
    bytes_add_text(out, "\r\n");
}

static void mail_row(const struct expiry_mail *mail, struct facts *facts,
                     const struct mail_item *item, const struct fact *fact, struct bytes *out)
{
    struct bytes text = {0};

    if (item->item.not_after == FACT_NO_TIME) bytes_add_text(out, "End not known");
    else {
        fact_words_date(fact->issuance.not_after, out);
        bytes_printf(out, "  (%s)", item->item.not_after <= mail->expiry->now ? "expired" : "ends");
    }
    fact_words_name(fact, &text);
    add_plain(out, "  ", &text);
    text.size = 0;
    fact_words_template_name(fact, mail->names, &text);
    add_plain(out, "    template ", &text);
    text.size = 0;
    bytes_add(&text, fact->issuance.texts[FACT_REQUESTER].text,
              fact->issuance.texts[FACT_REQUESTER].size);
    add_plain(out, "    requester ", &text);
    text.size = 0;
    bytes_add(&text, fact->issuance.texts[FACT_SERIAL].text,
              fact->issuance.texts[FACT_SERIAL].size);
    add_plain(out, "    serial number ", &text);
    if (item->item.fate.ground) {
        text.size = 0;
        fact_words_renewal(&item->item.fate, facts, &text);
        add_plain(out, "    ", &text);
    }
    bytes_add_text(out, "\r\n");
    out->failed |= text.failed;
    bytes_free(&text);
}

static void mail_certificate(const struct expiry_mail *mail,
                             const struct service_certificate *each, struct bytes *out)
{
    fact_words_date(each->not_after, out);
    bytes_printf(out, "  (%s)  the CA's certificate %" PRId64 "\r\n",
                 each->not_after <= mail->expiry->now ? "expired" : "ends", each->index);
    add_plain(out, "    subject ", &each->subject);
    bytes_printf(out, "    serial number %s\r\n\r\n", each->serial);
}

static void mail_crl(const struct service_crl *crl, struct bytes *out)
{
    fact_words_date(service_crl_due(crl), out);
    bytes_printf(out, "  (late)  %s %" PRId64 "\r\n    %s\r\n", expiry_own_crl(crl), crl->index,
                 expiry_own_remark(crl));
    if (crl->times == CRL_TIMES_KNOWN && crl->next_update != DER_TIME_NONE) {
        bytes_add_text(out, "    next update ");
        fact_words_time(crl->next_update, out);
        bytes_add_text(out, "\r\n");
    }
    bytes_add_text(out, "\r\n");
}

static void mail_own(const struct expiry_mail *mail, struct bytes *out)
{
    for (unsigned i = 0; i < mail->owns->count; i++) {
        const struct expiry_own *own = &mail->owns->list[i];

        if (own->is_told && own->certificate) mail_certificate(mail, own->certificate, out);
        if (own->is_told && own->crl) mail_crl(own->crl, out);
    }
}

/* RFC 5322's form, in UTC; names of days and months do not depend on the locale here. */
static void add_date(int64_t now, struct bytes *out)
{
    static const char days[] = "ThuFriSatSunMonTueWed", months[] = "JanFebMarAprMayJunJulAugSepOct"
                                                                   "NovDec";
    struct bytes text = {0};
    unsigned month = 0;

    fact_words_time(now, &text);
    if (text.size == 19)
        month = (unsigned)(text.data[5] - '0') * 10 + (unsigned)(text.data[6] - '0');
    if (month >= 1 && month <= 12)
        bytes_printf(out, "Date: %.3s, %.2s %.3s %.4s %.8s +0000\r\n",
                     days + (now / 86400 % 7 + 7) % 7 * 3, text.data + 8, months + (month - 1) * 3,
                     text.data, text.data + 11);
    bytes_free(&text);
}

static void add_subject(uint64_t certificates, unsigned crls, struct bytes *out)
{
    bytes_add_text(out, "Subject: ");
    if (certificates)
        bytes_printf(out, "%" PRIu64 " %s", certificates,
                     plural(certificates, "certificate ends soon", "certificates end soon"));
    if (crls)
        bytes_printf(out, "%s%u %s", certificates ? ", " : "", crls,
                     plural(crls, "CRL is late", "CRLs are late"));
    bytes_add_text(out, "\r\n");
}

static void mail_head(const struct expiry_mail *mail, const struct site_owner *owner,
                      uint64_t certificates, unsigned crls, struct bytes *out)
{
    add_date(mail->expiry->now, out);
    if (owner) {
        bytes_add_text(out, "To: ");
        bytes_add_text(out, owner->mail);
        bytes_add_text(out, "\r\n");
    }
    add_subject(certificates, crls, out);
    bytes_add_text(out, "X-Unsent: 1\r\nMIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: 8bit\r\n\r\n");
}

/* NULL: of what has no owner. */
static const struct site_owner *owner_of(const struct expiry_mail *mail, uint64_t number)
{
    return number < mail->owners->count ? &mail->owners->list[number] : NULL;
}

/* Characters of the address that no file system minds. */
static void mail_path(const struct expiry_mail *mail, uint64_t number, struct bytes *out)
{
    const struct site_owner *owner = owner_of(mail, number);
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@-_.";

    bytes_add_text(out, mail->folder);
    if (!owner) bytes_add_text(out, "/unowned");
    else bytes_printf(out, "/owner-%u-", owner->line);
    for (const char *at = owner ? owner->mail : ""; *at; at++)
        bytes_add(out, strchr(good, *at) ? at : "_", 1);
    bytes_add(out, ".eml", 5);
}

/* False: standard error has been told. */
static bool is_free(const struct expiry_mail *mail, uint64_t owner)
{
    struct bytes path = {0};
    char reason[ERROR_TEXT_MAX];
    FILE *there = NULL;
    bool failed;

    mail_path(mail, owner, &path);
    failed = path.failed;
    if (failed)
        console_note("--eml %s: %s", mail->folder, error_text(E_OUTOFMEMORY, reason));
    else if ((there = file_open(path.data, "rb")))
        console_note("--eml: %s of an earlier run is still there. Send it or remove it first: with "
                     "--state nothing tells again of what is in it. No message was written",
                     path.data);
    if (there) fclose(there);
    bytes_free(&path);
    return !failed && !there;
}

/* With `keeps`, before the first is written: one that was written in vain would come again. */
static bool all_are_free(const struct expiry_mail *mail)
{
    bool good = true;

    for (uint64_t owner = 0; mail->keeps && owner <= mail->owners->count; owner++)
        if (mail->files[owner] != FILE_NONE && !is_free(mail, owner)) good = false;
    return good;
}

/* With `keeps`; no file had been there. The state is not changed, and the next run tells all. */
static void take_back(struct expiry_mail *mail)
{
    for (uint64_t owner = 0; mail->keeps && owner <= mail->owners->count; owner++) {
        struct bytes path = {0};

        if (mail->files[owner] != FILE_WRITTEN) continue;
        mail_path(mail, owner, &path);
        if (path.failed || FAILED(file_remove(path.data)))
            console_note("--eml %s: a message of this run cannot be removed: remove it, the next "
                         "run writes it again", mail->folder);
        bytes_free(&path);
    }
}

static bool mail_write(struct expiry_mail *mail, uint64_t owner, uint64_t count,
                       const struct bytes *rows)
{
    struct bytes text = {0}, path = {0};
    char reason[ERROR_TEXT_MAX];
    HRESULT hr = E_OUTOFMEMORY;

    if (owner == site_owners_of_ca(mail->owners)) {
        mail_head(mail, owner_of(mail, owner), count + mail->own_certificates, mail->own_crls,
                  &text);
        mail_own(mail, &text);
    } else mail_head(mail, owner_of(mail, owner), count, 0, &text);
    if (rows->size) bytes_add(&text, rows->data, rows->size);
    mail_path(mail, owner, &path);
    if (!text.failed && !path.failed && !rows->failed)
        hr = file_put(path.data, text.data, text.size);
    if (FAILED(hr))
        console_note("--eml %s: a message cannot be written: %s", mail->folder,
                     error_text(hr, reason));
    else mail->files[owner] = FILE_WRITTEN;
    bytes_free(&text);
    bytes_free(&path);
    return SUCCEEDED(hr);
}

/* The CA's owner, who has no certificate that ends. */
static bool write_own(struct expiry_mail *mail)
{
    unsigned owner = site_owners_of_ca(mail->owners);
    struct bytes none = {0};

    return mail->files[owner] != FILE_WANTED || mail_write(mail, owner, 0, &none);
}

/* Those that the message has no room for. */
static void mail_more(uint64_t count, struct bytes *out)
{
    if (count)
        bytes_printf(out, "And %" PRIu64 " more, for which this message has no room. certwitness "
                     "expiry without --state shows all.\r\n", count);
}

static bool write_all(struct expiry_mail *mail, struct facts *facts)
{
    struct bytes rows = {.limit = TEXT_MOST};
    uint64_t owner = 0, count = 0, more = 0;
    const struct mail_item *item;
    struct fact fact;
    bool good = true;

    sorter_sort(&mail->items);
    while (good && (item = sorter_next(&mail->items)) && facts_at(facts, item->item.place, &fact)) {
        if (count && sorter_get(item->owner) != owner) {
            mail_more(more, &rows);
            good = mail_write(mail, owner, count, &rows);
            bytes_reset(&rows, TEXT_MOST);
            count = more = 0;
        }
        owner = sorter_get(item->owner);
        count++;
        if (rows.size > TEXT_MOST - ROW_MOST) more++;
        else mail_row(mail, facts, item, &fact, &rows);
    }
    mail_more(more, &rows);
    if (good && count) good = mail_write(mail, owner, count, &rows);
    good = good && SUCCEEDED(mail->items.hr) && SUCCEEDED(facts->hr) && write_own(mail);
    bytes_free(&rows);
    return good && SUCCEEDED(mail->items.hr) && SUCCEEDED(facts->hr);
}

bool expiry_mail_write(struct expiry_mail *mail, struct facts *facts)
{
    return all_are_free(mail) && write_all(mail, facts);
}

void expiry_mail_end(struct expiry_mail *mail, bool keep)
{
    if (!keep) take_back(mail);
    free(mail->files);
    mail->files = NULL;
    sorter_free(&mail->items);
}
