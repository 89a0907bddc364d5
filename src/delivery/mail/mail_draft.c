#include "mail_draft.h"
#include "mime.h"

#include "journal/line.h"

#include <stdio.h>

#define DIGITS 32

/* The next line of the head, without its CR and LF. False: the text has no end of a line. */
static bool draft_line(struct span *text, struct span *line)
{
    const char *end = text->size ? memchr(text->text, '\n', text->size) : NULL;
    size_t size = end ? (size_t)(end - text->text) : 0;

    if (!end || !size || end[-1] != '\r') return false;
    *line = (struct span){text->text, size - 1};
    text->text += size + 1;
    text->size -= size + 1;
    return true;
}

static bool draft_field(struct span line, const char *name, struct span *value)
{
    size_t size = strlen(name);

    if (line.size < size || memcmp(line.text, name, size)) return false;
    *value = (struct span){line.text + size, line.size - size};
    return true;
}

/* Letters that an address in a command of SMTP may have. */
static bool draft_is_address(struct span text)
{
    if (!text.size || text.size >= MAIL_DRAFT_TO) return false;
    if (!memchr(text.text, '@', text.size)) return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.text[i] <= ' ' || text.text[i] > '~' || strchr("<>,;:\"\\()[]", text.text[i]))
            return false;
    return true;
}

struct draft {
    struct span date, to, subject;
};

/* Fields that expiry writes, and no others. */
static bool draft_head(struct span *text, struct draft *draft)
{
    static const char *const fixed[] = {"X-Unsent: 1", "MIME-Version: 1.0",
                                        "Content-Type: text/plain; charset=utf-8",
                                        "Content-Transfer-Encoding: 8bit"};
    struct span line;

    while (draft_line(text, &line) && line.size) {
        bool known = draft_field(line, "Date: ", &draft->date) ||
                     draft_field(line, "To: ", &draft->to) ||
                     draft_field(line, "Subject: ", &draft->subject);

        for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) known |= span_is(line, fixed[i]);
        if (!known) return false;
    }
    return !line.size && draft->subject.size && (!draft->to.text || draft_is_address(draft->to));
}

static void draft_body(struct span text, struct bytes *out)
{
    struct bytes lines = {0};

    for (size_t i = 0; i < text.size; i++)
        if (text.text[i] != '\r') bytes_add(&lines, text.text + i, 1);
    mime_text_headers(out);
    bytes_add_text(out, "\r\n");
    mime_text(out, (struct span){lines.size ? lines.data : "", lines.size});
    if (lines.failed) bytes_fail(out);
    bytes_free(&lines);
}

bool mail_draft_read(struct span text, const struct target *target, char to[MAIL_DRAFT_TO],
                     struct bytes *out)
{
    char hash[LINE_HASH_SIZE + 1], *single = to;
    struct draft draft = {0};
    struct span rest = text;

    if (!draft_head(&rest, &draft)) return false;
    snprintf(to, MAIL_DRAFT_TO, "%.*s", (int)draft.to.size, draft.to.size ? draft.to.text : "");
    if (FAILED(hash_hex(text.text, text.size, hash))) bytes_fail(out);
    if (draft.date.size) mime_header(out, "Date", draft.date);
    bytes_printf(out, "From: %.200s\r\n", target->from);
    if (*to) mime_addresses(out, "To", &single, 1);
    else mime_addresses(out, "To", target->to.values, target->to.count);
    bytes_printf(out, "Message-ID: <expiry.%.*s@", DIGITS, hash);
    bytes_add_text(out, strrchr(target->from, '@') + 1);
    bytes_add_text(out, ">\r\nAuto-Submitted: auto-generated\r\n"
                        "X-Auto-Response-Suppress: All\r\n");
    mime_header(out, "Subject", draft.subject);
    draft_body(rest, out);
    return true;
}
