/* What is lost is counted whatever happens, and named as far as there is room. */
#include "lib/test.h"

#include "journal/losses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct losses *none(void) { return calloc(1, sizeof(struct losses)); }

static void add(struct losses *losses, int64_t time, bool has_request, int32_t request_id)
{
    losses_add(losses, &(struct loss){.time = time, .has_request = has_request, .request_id = request_id, .cause = LOSS_QUEUE});
}

static void add_of(struct losses *losses, const char *requester)
{
    losses_add(losses, &(struct loss){.cause = LOSS_LOW_SPACE, .yields = true, .requester = requester});
}

static void check_json(const struct losses *losses, const char *want)
{
    struct bytes out = {0};

    losses_json(losses, true, &out);
    check(!out.failed);
    check_bytes(out.data, out.size, want, strlen(want));
    bytes_free(&out);
}

TEST(a_gap_tells_how_many_from_when_to_when_and_of_which_requests)
{
    struct losses *losses = none();

    add(losses, 2000000, true, 7);
    add(losses, 1000000, true, -1);              /* clocks go back, and a hostile CA may say anything */
    add(losses, 3500000, false, 99);
    check_json(losses, "{\"events\":3,\"first\":\"1970-01-01T00:00:01.000Z\",\"last\":\"1970-01-01T00:00:03.500Z\",\"requestIDs\":[7,-1],\"why\":{\"queueFull\":3}}");
    losses_clear(losses);
    add(losses, 5000000, false, 0);
    check_json(losses, "{\"events\":1,\"first\":\"1970-01-01T00:00:05.000Z\",\"last\":\"1970-01-01T00:00:05.000Z\",\"requestIDs\":[],\"why\":{\"queueFull\":1}}");
    free(losses);
}

TEST(requests_beyond_the_room_are_counted_and_the_gap_still_fits_into_a_line)
{
    struct losses *losses = none();
    struct bytes out = {.limit = (1 << 20) - 8192};

    for (int i = 0; i < LOSSES_REQUESTS_MAX + 5; i++) add(losses, 0, true, INT32_MIN);
    add(losses, 0, false, 0);
    check_int(losses->count, LOSSES_REQUESTS_MAX);
    check_int(losses->left_out, 5);
    check_int(losses->events, LOSSES_REQUESTS_MAX + 6);
    losses_json(losses, true, &out);
    bytes_add(&out, "", 1);
    check(!out.failed);
    check_text(strstr(out.data, "],\"requestIDs"), "],\"requestIDsLeftOut\":5,\"why\":{\"queueFull\":65542}}");
    bytes_free(&out);
    free(losses);
}

TEST(two_losses_become_one)
{
    struct losses *a = none(), *b = none();

    losses_merge(a, b);
    check_int(a->events, 0);
    add(b, 4000000, true, 4);
    losses_merge(a, b);
    losses_clear(b);
    add(b, 9000000, true, 5);
    add(b, 2000000, false, 0);
    losses_merge(a, b);
    check_json(a, "{\"events\":3,\"first\":\"1970-01-01T00:00:02.000Z\",\"last\":\"1970-01-01T00:00:09.000Z\",\"requestIDs\":[4,5],\"why\":{\"queueFull\":3}}");
    losses_clear(a);
    for (int i = 0; i < LOSSES_REQUESTS_MAX - 1; i++) add(a, 0, true, i);
    losses_merge(a, b);
    losses_merge(a, b);
    check_int(a->count, LOSSES_REQUESTS_MAX);
    check_int(a->requests[LOSSES_REQUESTS_MAX - 1], 5);
    check_int(a->left_out, 1);
    free(a);
    free(b);
}

TEST(people_are_told_as_many_requests_as_fit)
{
    struct losses *losses = none();
    char text[64], poison[64];

    memset(text, '?', sizeof text);
    losses_text(losses, text, sizeof text);
    check_text(text, "");
    add(losses, 0, true, 101);
    add(losses, 0, true, 102);
    losses_text(losses, text, sizeof text);
    check_text(text, "101, 102");
    for (int i = 0; i < 100; i++) add(losses, 0, true, INT32_MIN);
    losses_text(losses, text, sizeof text);
    check_text(text, "101, 102, -2147483648 and 99 more");
    memset(poison, '!', sizeof poison);
    for (size_t size = 64; size-- > 33;) {
        memcpy(text, poison, sizeof text);
        losses_text(losses, text, size);
        check(strlen(text) < size);
        check_bytes(text + size, sizeof text - size, poison, sizeof text - size);
    }
    free(losses);
}

#define TIMES "\"first\":\"1970-01-01T00:00:00.000Z\",\"last\":\"1970-01-01T00:00:00.000Z\",\"requestIDs\":[]"

TEST(what_yields_is_counted_by_requester_and_the_unknown_as_one_number)
{
    struct losses *a = none(), *b = none();

    for (int i = 0; i < 3; i++) add_of(a, "CORP\\mallory");
    add_of(a, "CORP\\\"bob\"");
    add_of(a, "");
    add_of(a, NULL);
    add(a, 0, false, 0);
    add_of(b, "CORP\\bob");
    add_of(b, "CORP\\mallory");
    add_of(b, NULL);
    losses_merge(a, b);
    check_json(a, "{\"events\":10," TIMES ",\"requesters\":[{\"name\":\"CORP\\\\mallory\",\"events\":4},{\"name\":\"CORP\\\\\\\"bob\\\"\",\"events\":1},"
                  "{\"name\":\"CORP\\\\bob\",\"events\":1}],\"requestersLeftOut\":3,\"why\":{\"queueFull\":1,\"lowSpace\":9}}");
    losses_clear(a);
    add_of(a, "x");
    check_json(a, "{\"events\":1," TIMES ",\"requesters\":[{\"name\":\"x\",\"events\":1}],\"why\":{\"lowSpace\":1}}");
    free(a);
    free(b);
}

TEST(at_most_256_requesters_have_a_name_and_of_a_name_128_bytes_stay)
{
    struct bytes out = {.limit = (1 << 20) - 8192};
    struct losses *losses = none();
    char name[400];

    for (int i = 0; i < 600; i++) {
        snprintf(name, sizeof name, "%d", i % 300);
        add_of(losses, name);
    }
    check_int(losses->requester_count, 256);
    check_int(losses->unnamed, 88);
    check_int(losses->requesters[255].events, 2);
    losses_clear(losses);
    memset(name, 'a', sizeof name);
    memcpy(name + 126, "\xe2\x82\xac", 3);              /* bytes 126 to 128: cut off as a whole */
    name[399] = 0;
    add_of(losses, name);
    check_int(strlen(losses->requesters[0].name), 126);
    losses_clear(losses);
    for (int i = 0; i < 256; i++) {                     /* as long as it can be: nothing but control characters */
        memset(name, 1, 128);
        snprintf(name, 4, "%03d", i);
        name[3] = 1;
        name[128] = 0;
        add_of(losses, name);
    }
    for (int i = 0; i < LOSSES_REQUESTS_MAX; i++) add(losses, 0, true, INT32_MIN);
    losses_json(losses, true, &out);
    check(!out.failed);
    bytes_free(&out);
    free(losses);
}
