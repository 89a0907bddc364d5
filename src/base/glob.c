#include "glob.h"

#include "utf8.h"
#include "case_fold.h"

#include <string.h>

bool glob_read(struct glob *pattern, const char *text)
{
    size_t size = strlen(text);
    uint32_t point;

    pattern->count = 0;
    pattern->whole = strpbrk(text, "*?") != NULL;
    if (!size || size > GLOB_MAX) return false;
    for (size_t at = 0; at < size;) {
        at += utf8_next(text + at, size - at, &point);
        pattern->points[pattern->count++] = case_fold(point);
    }
    return true;
}

/* Where the text is: `point` stands at `at`, and the next one `length` bytes on. */
struct walk {
    const char *text;
    size_t size, at, length;
    uint32_t point;
};

static bool glob_look(struct walk *walk)
{
    if (walk->at == walk->size) return false;
    walk->length = utf8_next(walk->text + walk->at, walk->size - walk->at, &walk->point);
    walk->point = case_fold(walk->point);
    return true;
}

static bool glob_begins(const struct glob *pattern, struct walk walk)
{
    for (unsigned i = 0; i < pattern->count; i++, walk.at += walk.length)
        if (!glob_look(&walk) || walk.point != pattern->points[i]) return false;
    return true;
}

static bool is_within(const struct glob *pattern, struct walk walk)
{
    for (; glob_look(&walk); walk.at += walk.length)
        if (walk.point == pattern->points[0] && glob_begins(pattern, walk)) return true;
    return false;
}

/* What does not fit is tried again from one character further behind the last *: earlier ones need
 * not be looked at again. */
static bool glob_is_like(const struct glob *pattern, struct walk walk)
{
    unsigned i = 0, star = 0;           /* 1 + where the last * stood */
    size_t from = 0;

    while (glob_look(&walk)) {
        if (i < pattern->count && pattern->points[i] == '*') {
            star = ++i;
            from = walk.at;
        } else if (i < pattern->count &&
                   (pattern->points[i] == '?' || pattern->points[i] == walk.point)) {
            i++;
            walk.at += walk.length;
        } else if (star) {
            walk.at = from;
            glob_look(&walk);
            from = walk.at += walk.length;
            i = star;
        } else {
            return false;
        }
    }
    while (i < pattern->count && pattern->points[i] == '*') i++;
    return i == pattern->count;
}

bool glob_matches(const struct glob *pattern, const char *text, size_t size)
{
    struct walk walk = {.text = text, .size = size};

    return pattern->whole ? glob_is_like(pattern, walk) : is_within(pattern, walk);
}
