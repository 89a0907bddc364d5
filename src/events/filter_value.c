#include "filter_value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

static enum filter_value filter_value_unknown(struct filter *filter, const char *word)
{
    struct glob *unknown = &filter->unknown[filter->unknown_count];

    if (strncasecmp(word, FILTER_TYPE_PREFIX, sizeof FILTER_TYPE_PREFIX - 1))
        return FILTER_VALUE_WRONG;
    if (filter->unknown_count == FILTER_MAX) return FILTER_VALUE_MANY;
    if (!glob_read(unknown, word)) return FILTER_VALUE_WRONG;
    unknown->whole = true;              /* a type that a later version may have */
    filter->unknown_count++;
    return FILTER_VALUE_TAKEN;
}

static enum filter_value filter_value_type(struct filter *filter, struct span text)
{
    char word[LINE_TYPE_MAX + 1];
    uint32_t found;

    if (text.size >= sizeof word) return FILTER_VALUE_WRONG;
    memcpy(word, text.text, text.size);
    word[text.size] = 0;
    if (!(found = filter_types_like(word))) return filter_value_unknown(filter, word);
    filter->types |= found;
    return FILTER_VALUE_TAKEN;
}

static struct span filter_value_word(const char *text)
{
    struct span word = {text, strcspn(text, ",")};

    while (word.size && strchr(BLANKS, word.text[word.size - 1])) word.size--;
    return word;
}

static enum filter_value filter_value_types(struct filter *filter, const char *text,
                                            struct span *wrong)
{
    enum filter_value result;

    text += strspn(text, BLANKS);
    do {
        struct span word = filter_value_word(text);

        if ((result = filter_value_type(filter, word))) {
            *wrong = word;
            return result;
        }
        text += strcspn(text, ",");
        if (*text) text++;
        text += strspn(text, BLANKS);
    } while (*text);
    return result;
}

static bool filter_value_number(const char **at, int64_t *number)
{
    size_t digits = strspn(*at, "0123456789");

    if (!digits || digits > 10) return false;
    *number = strtoll(*at, NULL, 10);
    *at += digits;
    return *number <= INT32_MAX;
}

static enum filter_value filter_value_request(struct filter *filter, const char *text)
{
    int64_t first = 0, last;
    bool good = filter_value_number(&text, &first);

    last = first;
    if (good && *text == '-') text++, good = filter_value_number(&text, &last);
    if (!good || *text || last < first) return FILTER_VALUE_WRONG;
    if (filter->request_count == FILTER_MAX) return FILTER_VALUE_MANY;
    filter->requests[filter->request_count].first = first;
    filter->requests[filter->request_count++].last = last;
    return FILTER_VALUE_TAKEN;
}

static enum filter_value filter_value_glob(struct glob *globs, unsigned *count, const char *text)
{
    if (*count == FILTER_MAX) return FILTER_VALUE_MANY;
    if (!glob_read(&globs[*count], text)) return FILTER_VALUE_WRONG;
    ++*count;
    return FILTER_VALUE_TAKEN;
}

static enum filter_value filter_value_serial(struct filter *filter, const char *text)
{
    if (filter->serial_count == FILTER_MAX) return FILTER_VALUE_MANY;
    if (!filter_serial(text, strlen(text), filter->serials[filter->serial_count]))
        return FILTER_VALUE_WRONG;
    filter->serial_count++;
    return FILTER_VALUE_TAKEN;
}

enum filter_value filter_value_add(struct filter *filter, enum filter_criterion criterion,
                                   const char *text, struct span *wrong)
{
    *wrong = (struct span){text, strlen(text)};
    switch (criterion) {
    case FILTER_TYPES:    return filter_value_types(filter, text, wrong);
    case FILTER_REQUESTS: return filter_value_request(filter, text);
    case FILTER_REQUESTERS:
        return filter_value_glob(filter->requesters, &filter->requester_count, text);
    case FILTER_SUBJECTS:
        return filter_value_glob(filter->subjects, &filter->subject_count, text);
    case FILTER_TEMPLATES:
        return filter_value_glob(filter->templates, &filter->template_count, text);
    case FILTER_SERIALS:  return filter_value_serial(filter, text);
    }
    return FILTER_VALUE_WRONG;
}
