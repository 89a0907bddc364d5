/* What is lost is counted whatever happens, and named as far as there is room. */
#include "lib/test.h"

#include "journal/losses.h"

#include <stdlib.h>
#include <string.h>

static struct losses *none(void) { return calloc(1, sizeof(struct losses)); }

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

    losses_add(losses, &(struct loss){2000000, true, 7, LOSS_QUEUE});
    losses_add(losses, &(struct loss){1000000, true, -1, LOSS_QUEUE});              /* clocks go back, and a hostile CA may say anything */
    losses_add(losses, &(struct loss){3500000, false, 99, LOSS_QUEUE});
    check_json(losses, "{\"events\":3,\"first\":\"1970-01-01T00:00:01.000Z\",\"last\":\"1970-01-01T00:00:03.500Z\",\"requestIDs\":[7,-1],\"why\":{\"queueFull\":3}}");
    losses_clear(losses);
    losses_add(losses, &(struct loss){5000000, false, 0, LOSS_QUEUE});
    check_json(losses, "{\"events\":1,\"first\":\"1970-01-01T00:00:05.000Z\",\"last\":\"1970-01-01T00:00:05.000Z\",\"requestIDs\":[],\"why\":{\"queueFull\":1}}");
    free(losses);
}

TEST(requests_beyond_the_room_are_counted_and_the_gap_still_fits_into_a_line)
{
    struct losses *losses = none();
    struct bytes out = {.limit = (1 << 20) - 8192};

    for (int i = 0; i < LOSSES_REQUESTS_MAX + 5; i++) losses_add(losses, &(struct loss){0, true, INT32_MIN, LOSS_QUEUE});
    losses_add(losses, &(struct loss){0, false, 0, LOSS_QUEUE});
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
    losses_add(b, &(struct loss){4000000, true, 4, LOSS_QUEUE});
    losses_merge(a, b);
    losses_clear(b);
    losses_add(b, &(struct loss){9000000, true, 5, LOSS_QUEUE});
    losses_add(b, &(struct loss){2000000, false, 0, LOSS_QUEUE});
    losses_merge(a, b);
    check_json(a, "{\"events\":3,\"first\":\"1970-01-01T00:00:02.000Z\",\"last\":\"1970-01-01T00:00:09.000Z\",\"requestIDs\":[4,5],\"why\":{\"queueFull\":3}}");
    losses_clear(a);
    for (int i = 0; i < LOSSES_REQUESTS_MAX - 1; i++) losses_add(a, &(struct loss){0, true, i, LOSS_QUEUE});
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
    losses_add(losses, &(struct loss){0, true, 101, LOSS_QUEUE});
    losses_add(losses, &(struct loss){0, true, 102, LOSS_QUEUE});
    losses_text(losses, text, sizeof text);
    check_text(text, "101, 102");
    for (int i = 0; i < 100; i++) losses_add(losses, &(struct loss){0, true, INT32_MIN, LOSS_QUEUE});
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
