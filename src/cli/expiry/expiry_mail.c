#include "expiry_mail.h"

#include "base/error_text.h"
#include "base/file_system.h"
#include "base/file_write.h"
#include "base/plural.h"
#include "cli/inventory/fact_words.h"
#include "cli/terminal/console.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MEMORY    (8u << 20)
#define TEXT_MOST (16u << 20)           /* bytes of one message */

struct mail_item {
    uint8_t owner[8], end[8], sequence[8];
    struct expiry_item item;
};

bool expiry_mail_begin(struct expiry_mail *mail)
{
    char reason[ERROR_TEXT_MAX];
    HRESULT hr;

    sorter_begin(&mail->items, sizeof(struct mail_item), offsetof(struct mail_item, item), MEMORY);
    if (SUCCEEDED(hr = folder_make(mail->folder))) return true;
    console_note("--eml %s: the folder cannot be used: %s", mail->folder, error_text(hr, reason));
    return false;
}

void expiry_mail_add(struct expiry_mail *mail, const struct expiry_item *item,
                     const struct fact *fact)
{
    struct mail_item record = {.item = *item};

    sorter_put(record.owner,
               site_owners_find(mail->owners, fact->issuance.texts[FACT_REQUESTER]));
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

static void mail_row(const struct expiry_mail *mail, const struct mail_item *item,
                     const struct fact *fact, struct bytes *out)
{
    struct bytes text = {0};

    fact_words_date(fact->issuance.not_after, out);
    bytes_printf(out, "  (%s)", item->item.not_after <= mail->expiry->now ? "expired" : "ends");
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
        fact_words_renewal(&item->item.fate, &text);
        add_plain(out, "    ", &text);
    }
    bytes_add_text(out, "\r\n");
    out->failed |= text.failed;
    bytes_free(&text);
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

static void mail_head(const struct expiry_mail *mail, const struct site_owner *owner,
                      uint64_t count, struct bytes *out)
{
    add_date(mail->expiry->now, out);
    if (owner) {
        bytes_add_text(out, "To: ");
        bytes_add_text(out, owner->mail);
        bytes_add_text(out, "\r\n");
    }
    bytes_printf(out, "Subject: %" PRIu64 " %s\r\n", count,
                 plural(count, "certificate ends soon", "certificates end soon"));
    bytes_add_text(out, "X-Unsent: 1\r\nMIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: 8bit\r\n\r\n");
}

/* Characters of the address that no file system minds. */
static void mail_path(const struct expiry_mail *mail, const struct site_owner *owner,
                      struct bytes *out)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@-_.";

    bytes_add_text(out, mail->folder);
    if (!owner) bytes_add_text(out, "/unowned");
    else bytes_printf(out, "/owner-%u-", owner->line);
    for (const char *at = owner ? owner->mail : ""; *at; at++)
        bytes_add(out, strchr(good, *at) ? at : "_", 1);
    bytes_add(out, ".eml", 5);
}

static bool mail_write(struct expiry_mail *mail, uint64_t owner, uint64_t count,
                       const struct bytes *rows)
{
    const struct site_owner *who =
        owner < mail->owners->count ? &mail->owners->list[owner] : NULL;
    struct bytes text = {0}, path = {0};
    char reason[ERROR_TEXT_MAX];
    HRESULT hr = E_OUTOFMEMORY;

    mail_head(mail, who, count, &text);
    bytes_add(&text, rows->data, rows->size);
    mail_path(mail, who, &path);
    if (!text.failed && !path.failed && !rows->failed)
        hr = file_put(path.data, text.data, text.size);
    if (FAILED(hr))
        console_note("--eml %s: a message cannot be written: %s", mail->folder,
                     error_text(hr, reason));
    mail->written += SUCCEEDED(hr);
    bytes_free(&text);
    bytes_free(&path);
    return SUCCEEDED(hr);
}

static bool write_all(struct expiry_mail *mail, struct facts *facts)
{
    struct bytes rows = {.limit = TEXT_MOST};
    uint64_t owner = 0, count = 0;
    const struct mail_item *item;
    struct fact fact;
    bool good = true;

    sorter_sort(&mail->items);
    while (good && (item = sorter_next(&mail->items)) && facts_at(facts, item->item.place, &fact)) {
        if (count && sorter_get(item->owner) != owner) {
            good = mail_write(mail, owner, count, &rows);
            bytes_reset(&rows, TEXT_MOST);
            count = 0;
        }
        owner = sorter_get(item->owner);
        count++;
        mail_row(mail, item, &fact, &rows);
    }
    if (good && count) good = mail_write(mail, owner, count, &rows);
    bytes_free(&rows);
    return good && SUCCEEDED(mail->items.hr) && SUCCEEDED(facts->hr);
}

bool expiry_mail_end(struct expiry_mail *mail, struct facts *facts, bool write)
{
    bool good = !write || write_all(mail, facts);

    sorter_free(&mail->items);
    return good;
}
