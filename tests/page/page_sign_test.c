/* The sign of health, drawn into memory and looked at pixel by pixel. */
#include "lib/test.h"

#include "page/sign.h"

#include <string.h>

#define SIDE 24

static const enum state_health every[] = {STATE_GOOD, STATE_NEUTRAL, STATE_WARNING, STATE_BAD};

/* A screen in memory: what was drawn is in `at`, 0x00RRGGBB each. */
struct screen {
    HDC dc;
    HBITMAP bitmap;
    HGDIOBJ was;
    DWORD *at;
};

static void open_screen(struct screen *screen)
{
    BITMAPINFO info = {.bmiHeader = {sizeof info.bmiHeader, SIDE, -SIDE, 1, 32, BI_RGB, 0, 0, 0, 0, 0}};
    void *bits = NULL;

    screen->dc = CreateCompatibleDC(NULL);
    screen->bitmap = CreateDIBSection(screen->dc, &info, DIB_RGB_COLORS, &bits, NULL, 0);
    screen->was = SelectObject(screen->dc, screen->bitmap);
    screen->at = bits;
    memset(bits, 0x5a, SIDE * SIDE * sizeof *screen->at);
}

static void close_screen(struct screen *screen)
{
    SelectObject(screen->dc, screen->was);
    DeleteObject(screen->bitmap);
    DeleteDC(screen->dc);
}

static void draw(enum state_health health, bool high_contrast, COLORREF ground, DWORD out[SIDE * SIDE])
{
    HBRUSH brush = CreateSolidBrush(ground);
    struct screen screen;

    open_screen(&screen);
    sign_draw(screen.dc, &(RECT){0, 0, SIDE, SIDE}, health, high_contrast, brush);
    GdiFlush();
    for (int i = 0; i < SIDE * SIDE; i++) out[i] = screen.at[i] & 0xffffff;
    close_screen(&screen);
    DeleteObject(brush);
}

static DWORD pixel_of(COLORREF color)
{
    return (DWORD)GetRValue(color) << 16 | (DWORD)GetGValue(color) << 8 | GetBValue(color);
}

static int differing(const DWORD *a, const DWORD *b)
{
    int count = 0;

    for (int i = 0; i < SIDE * SIDE; i++) count += a[i] != b[i];
    return count;
}

TEST(with_high_contrast_the_signs_differ_in_shape_and_have_the_systems_two_colours_only)
{
    static DWORD drawn[ARRAYSIZE(every)][SIDE * SIDE];
    DWORD text = pixel_of(GetSysColor(COLOR_BTNTEXT)), ground = pixel_of(GetSysColor(COLOR_BTNFACE));

    for (size_t i = 0; i < ARRAYSIZE(every); i++) draw(every[i], true, RGB(255, 0, 255), drawn[i]);
    for (size_t i = 0; i < ARRAYSIZE(every); i++) {
        int others = 0, inked = 0;

        for (int p = 0; p < SIDE * SIDE; p++) {
            others += drawn[i][p] != text && drawn[i][p] != ground;
            inked += drawn[i][p] == text;
        }
        check_int(others, 0);
        check(inked > SIDE * SIDE / 5 && inked < SIDE * SIDE);
        for (size_t k = 0; k < i; k++) check(differing(drawn[i], drawn[k]) >= 20);
    }
}

TEST(without_it_each_sign_has_a_colour_of_its_own_on_the_ground_of_the_page)
{
    static const COLORREF colours[] = {RGB(16, 124, 16), RGB(0, 95, 184), RGB(255, 200, 61), RGB(196, 43, 28)};
    static DWORD drawn[SIDE * SIDE];

    for (size_t i = 0; i < ARRAYSIZE(every); i++) {
        int inked = 0, ground = 0;

        draw(every[i], false, RGB(240, 240, 240), drawn);
        for (int p = 0; p < SIDE * SIDE; p++) {
            inked += drawn[p] == pixel_of(colours[i]);
            ground += drawn[p] == 0xf0f0f0;
        }
        check(inked > SIDE * SIDE / 5);
        check(ground > 0);
    }
}
