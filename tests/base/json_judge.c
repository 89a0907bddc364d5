/*
 * What json_check says of texts, for a test that is a script. Standard input holds texts, each after
 * a line with its size in bytes. For each one it prints "good" with the number of values whose
 * places were noted, or "bad".
 */
#include "base/json_check.h"

#include <stdio.h>
#include <stdlib.h>

static bool judge(struct json_check *check, struct json_values *values, size_t size)
{
    char *text = malloc(size ? size : 1); /* no byte more: the sanitizer sees what is read beyond */
    enum json_verdict verdict = JSON_NO_MEMORY;

    if (text && fread(text, 1, size, stdin) == size) verdict = json_check(check, text, size, values);
    if (verdict == JSON_GOOD) printf("good %u\n", values->count);
    if (verdict == JSON_BAD) puts("bad");
    free(text);
    return verdict != JSON_NO_MEMORY;
}

int main(void)
{
    struct json_check check = {0};
    struct json_values values = {0};
    bool judged = true;
    size_t size;

    while (judged && scanf("%zu", &size) == 1)
        judged = getchar() == '\n' && judge(&check, &values, size);
    json_check_free(&check);
    json_values_free(&values);
    return judged && feof(stdin) ? 0 : 1;
}
