/*
 * A journal as a CA leaves it after two years, and its answers: ../README.md.
 *
 *   generate --out FOLDER --answers FILE [--certificates 10000] [--seed 1] [--days 730] [--absent 0]
 *
 * The folder is made, or is empty. Exit code 0; 2 if it could not be done.
 */
#include "answers.h"
#include "renewals.h"

#include <getopt.h>
#include <stdlib.h>

#define UNTIL (1793491200 * SECOND)     /* 2026-11-01T00:00:00Z */

enum { DAYS_LEAST = 700, DAYS_MOST = 3650, CERTIFICATES_LEAST = 500 };

static uint64_t number(const char *option, const char *text, uint64_t least, uint64_t most)
{
    char *end;
    uint64_t value = strtoull(text, &end, 10);

    if (*end || !*text || value < least || value > most) {
        fprintf(stderr, "generate: --%s is a number from %llu to %llu, and not %s\n", option, (unsigned long long)least,
                (unsigned long long)most, text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"certificates", required_argument, NULL, 'c'}, {"seed", required_argument, NULL, 's'}, {"days", required_argument, NULL, 'd'},
        {"out", required_argument, NULL, 'o'}, {"answers", required_argument, NULL, 'a'},
        {"absent", required_argument, NULL, 'b'}, {0},
    };
    struct world world = {.seed = 1, .certificates = 10000, .days = 730, .until = UNTIL};
    const char *folder = NULL, *answers = NULL;
    struct authority authority;
    struct written written;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'c') world.certificates = number("certificates", optarg, CERTIFICATES_LEAST, 10000000);
        else if (option == 's') world.seed = number("seed", optarg, 0, INT64_MAX);
        else if (option == 'd') world.days = (unsigned)number("days", optarg, DAYS_LEAST, DAYS_MOST);
        else if (option == 'b') world.absent = (unsigned)number("absent", optarg, 0, 100);
        else if (option == 'o') folder = optarg;
        else if (option == 'a') answers = optarg;
        else return 2;
    }
    if (!folder || !answers || optind < argc)
        return fputs("generate: expected --out FOLDER --answers FILE [--certificates N] [--seed N] [--days N] [--absent N]\n", stderr), 2;
    world.from = world.until - world.days * DAY;
    keys_begin(world.seed);
    authority_begin(&authority, world.seed, world.from / SECOND - 400 * 86400, world.until / SECOND + 1500 * 86400);
    world_make(&world);
    events_write(&world, &authority, folder, &written);
    renewals_find(&world);
    answers_write(&world, &authority, &written, answers);
    printf("%zu certificates, %llu lines\n", world.issued_count, (unsigned long long)written.lines);
    authority_end(&authority);
    world_free(&world);
    keys_end();
    return 0;
}
