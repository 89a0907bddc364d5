#include "progress.h"

#include "console.h"
#include "base/os.h"

#include <stdio.h>
#include <string.h>

#define EVERY_MS  200
#define EVERY     64                    /* calls between two looks at the clock */
#define BAR       30                    /* columns */

void progress_begin(struct progress *progress, uint64_t total)
{
    *progress = (struct progress){.shown = console_shows_progress(), .total = total};
    if (progress->shown) progress->begun_ms = os_ticks_ms();
    progress->shown_ms = progress->begun_ms + 500 - EVERY_MS;
}

static void progress_add_left(char *text, size_t size, uint64_t seconds)
{
    if (seconds < 3600)
        snprintf(text, size, "%u:%02u left", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
    else
        snprintf(text, size, "%u h %02u min left", (unsigned)(seconds / 3600),
                 (unsigned)(seconds % 3600 / 60));
}

static void progress_show(const struct progress *progress, uint64_t done, uint64_t elapsed_ms)
{
    uint64_t total = done > progress->total ? done : progress->total;
    unsigned filled = total ? (unsigned)((double)done / (double)total * BAR) : 0;
    double rate = (double)done / (double)elapsed_ms * 1000;             /* bytes a second */
    char bar[BAR + 1], left[32] = "", text[160];

    memset(bar, '.', BAR);
    memset(bar, '#', filled);
    bar[BAR] = 0;
    if (rate >= 1)
        progress_add_left(left, sizeof left, (uint64_t)((double)(total - done) / rate + 0.5));
    snprintf(text, sizeof text, "[%s] %3u %%  %.0f MB/s  %s", bar,
             total ? (unsigned)((double)done / (double)total * 100) : 0, rate / 1e6, left);
    console_progress(text);
}

void progress_at(struct progress *progress, uint64_t done)
{
    uint64_t now;

    if (!progress->shown || ++progress->calls % EVERY) return;
    now = os_ticks_ms();
    if (now < progress->shown_ms + EVERY_MS) return;
    progress->shown_ms = now;
    progress_show(progress, done, now - progress->begun_ms);
}

void progress_end(struct progress *progress)
{
    if (progress->shown) console_progress(NULL);
    progress->shown = false;
}
