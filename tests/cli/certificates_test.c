/* Certificates told apart: many of them, in bounded memory, with a state that stays theirs. */
#include "lib/test.h"
#include "events/certificates.h"

#include <stdio.h>
#include <string.h>

static struct certificates set;
static struct event event;

/* The key of an event that tells this; `serial` and `hash` may be NULL. */
static bool key(const char *serial, const char *hash, struct certificate_key *out)
{
    static char data[512];
    struct line line = {0};

    snprintf(data, sizeof data, "{\"certificate\":{%s%s%s%s%s%s%s}}", serial ? "\"SerialNumber\":\"" : "", serial ? serial : "", serial ? "\"" : "",
             serial && hash ? "," : "", hash ? "\"CertificateHash\":\"" : "", hash ? hash : "", hash ? "\"" : "");
    line.data = (struct span){data, strlen(data)};
    event_set(&event, &line);
    memset(out, 0xa5, sizeof *out);
    return certificates_key(&set, &event, out);
}

static const char *numbered(unsigned number)
{
    static char text[32];

    snprintf(text, sizeof text, "%x", number + 1);
    return text;
}

TEST(each_of_many_keeps_its_state_while_the_table_grows)
{
    struct certificate_key at;
    uint8_t *state;

    for (unsigned i = 0; i < 5000; i++) {
        check(key(numbered(i), NULL, &at) && !certificates_find(&set, &at));
        if (check((state = certificates_add(&set, &at)) != NULL)) check(!*state), *state = (uint8_t)(i % 251);
    }
    for (unsigned i = 0; i < 5000; i++)
        check(key(numbered(i), NULL, &at) && (state = certificates_find(&set, &at)) && *state == i % 251);
    check(key(numbered(5000), NULL, &at) && !certificates_find(&set, &at));
    certificates_free(&set);
}

TEST(no_more_are_kept_than_there_is_room_for)
{
    struct certificate_key at;
    unsigned kept = 0;

    set.most = 700;
    for (unsigned i = 0; i < 1000; i++) kept += key(numbered(i), NULL, &at) && certificates_add(&set, &at);
    check(kept == 700 && set.count == 700);
    certificates_free(&set);
    set.most = 0;
}

TEST(what_is_no_serial_number_and_no_hash_is_no_key)
{
    static const char *const odd[] = {"", " ", "zz", "12g", "-", "0x"};
    struct certificate_key at;

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) check(!key(odd[i], odd[i], &at) && !at.serial);
    check(!key(NULL, NULL, &at));
    check(!key(NULL, "a9993e3647", &at));                               /* no SHA-1 is so short */
    check(!key(NULL, "a9993e364706816aba3e25717850c26c9cd0d89da9993e36", &at));
    check(key(NULL, "a9 99 3e 36 47 06 81 6a ba 3e 25 71 78 50 c2 6c 9c d0 d8 9d", &at));
    check(key("0", NULL, &at));
}

TEST(a_hash_is_the_same_however_it_is_written_and_with_zeros_in_front)
{
    struct certificate_key one, other;

    check(key("1", "00 00 3e 36 47 06 81 6a ba 3e 25 71 78 50 c2 6c 9c d0 d8 9d", &one));
    check(key("01", "00003E364706816ABA3E25717850C26C9CD0D89D", &other));
    check(one.serial == other.serial && !memcmp(one.hash, other.hash, sizeof one.hash));
    check(key("1", "00 00 3e 36 47 06 81 6a ba 3e 25 71 78 50 c2 6c 9c d0 d8 9e", &other));
    check(memcmp(one.hash, other.hash, sizeof one.hash));
}

TEST(one_without_a_hash_gets_it_from_the_next_that_has_one)
{
    static const char *const hashes[] = {"a9993e364706816aba3e25717850c26c9cd0d89d", "b9993e364706816aba3e25717850c26c9cd0d89e"};
    struct certificate_key bare, with, other;
    uint8_t *state;

    check(key("7", NULL, &bare) && key("7", hashes[0], &with) && key("7", hashes[1], &other));
    state = certificates_add(&set, &bare);
    check(state && certificates_find(&set, &with) == state);
    check(!certificates_find(&set, &other));
    check(certificates_find(&set, &bare) == state);
    certificates_free(&set);
    event_free(&event);
}
