#include "relp_frame.h"

#define NUMBER_DIGITS 9
#define COMMAND_MAX   32

/* The characters from `at` on that are of the kind, up to one more than `most`. */
static size_t relp_run(struct span text, size_t at, bool (*is)(char), size_t most)
{
    size_t size = 0;

    while (at + size < text.size && size <= most && is(text.text[at + size])) size++;
    return size;
}

static bool relp_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool relp_is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* A word from `*at` on and the character behind it, which is left to be read. */
static enum relp_verdict relp_word(struct span text, size_t *at, bool (*is)(char), size_t most,
                                   struct span *out)
{
    size_t size = relp_run(text, *at, is, most);

    *out = (struct span){text.text + *at, size};
    if (size > most) return RELP_WRONG;
    *at += size;
    if (*at == text.size) return RELP_MORE;
    return size ? RELP_FRAME : RELP_WRONG;
}

static enum relp_verdict relp_blank(struct span text, size_t *at)
{
    if (*at == text.size) return RELP_MORE;
    return text.text[(*at)++] == ' ' ? RELP_FRAME : RELP_WRONG;
}

static uint32_t relp_number(struct span digits)
{
    uint32_t number = 0;

    for (size_t i = 0; i < digits.size; i++)
        number = number * 10 + (uint32_t)(digits.text[i] - '0');
    return number;
}

static enum relp_verdict relp_head(struct span text, size_t *at, struct relp_frame *out,
                                   struct span *size)
{
    struct span txnr;
    enum relp_verdict verdict = relp_word(text, at, relp_is_digit, NUMBER_DIGITS, &txnr);

    if (verdict == RELP_FRAME) verdict = relp_blank(text, at);
    if (verdict == RELP_FRAME)
        verdict = relp_word(text, at, relp_is_letter, COMMAND_MAX, &out->command);
    if (verdict == RELP_FRAME) verdict = relp_blank(text, at);
    if (verdict == RELP_FRAME) verdict = relp_word(text, at, relp_is_digit, NUMBER_DIGITS, size);
    if (verdict == RELP_FRAME) out->txnr = relp_number(txnr);
    return verdict;
}

enum relp_verdict relp_frame_read(struct span text, struct relp_frame *out)
{
    struct span digits;
    size_t at = 0, size;
    enum relp_verdict verdict = text.size ? relp_head(text, &at, out, &digits) : RELP_MORE;

    if (verdict != RELP_FRAME) return verdict;
    size = relp_number(digits);
    if (size > RELP_ANSWER_MAX) return RELP_WRONG;
    if (text.text[at] == ' ') at++;
    else if (size) return RELP_WRONG;
    if (text.size - at <= size) return RELP_MORE;
    out->data = (struct span){text.text + at, size};
    out->size = at + size + 1;
    return text.text[at + size] == '\n' ? RELP_FRAME : RELP_WRONG;
}

void relp_frame_add(struct bytes *out, uint32_t txnr, const char *command, struct span data)
{
    bytes_printf(out, "%u %s %u", txnr, command, (unsigned)data.size);
    if (data.size) {
        bytes_add_text(out, " ");
        bytes_add(out, data.text, data.size);
    }
    bytes_add_text(out, "\n");
}

unsigned relp_answer_code(struct span data, struct span *rest, struct span *offers)
{
    const char *end = data.size ? memchr(data.text, '\n', data.size) : NULL;
    size_t size = end ? (size_t)(end - data.text) : data.size;
    struct span code = {data.text, 3};

    *rest = *offers = (struct span){"", 0};
    if (size < 3 || relp_run(code, 0, relp_is_digit, 3) != 3) return 0;
    if (size > 3 && data.text[3] != ' ') return 0;
    if (size > 4) *rest = (struct span){data.text + 4, size - 4};
    if (end) *offers = (struct span){end + 1, data.size - size - 1};
    return relp_number(code);
}

struct span relp_offer(struct span offers, const char *name)
{
    size_t size = strlen(name);

    while (offers.size) {
        const char *end = memchr(offers.text, '\n', offers.size);
        struct span line = {offers.text, end ? (size_t)(end - offers.text) : offers.size};

        if (line.size > size && !memcmp(line.text, name, size) && line.text[size] == '=')
            return (struct span){line.text + size + 1, line.size - size - 1};
        offers.text += line.size + (end != NULL);
        offers.size -= line.size + (end != NULL);
    }
    return (struct span){0};
}
