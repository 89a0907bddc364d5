#include "trail.h"

#include "base/bytes.h"

void trail_write(const char *file, const char *did)
{
    struct bytes sentence = {0};
    char who[TRAIL_WHO];

    trail_who(who);
    bytes_add_text(&sentence, who);
    bytes_add_text(&sentence, " ");
    bytes_add_text(&sentence, did);
    bytes_add(&sentence, "", 1);
    trail_put(file, sentence.failed ? did : sentence.data);
    bytes_free(&sentence);
}
