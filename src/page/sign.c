#include "sign.h"

#define GRID   16                       /* a sign is laid out on a grid of 16 by 16 */
#define SMOOTH 4                        /* drawn so many times as large, and shrunk */

struct sign {
    COLORREF fill, mark;
    int corners;                        /* of the outline; 0: a disc */
    POINT outline[8];
};

static const struct sign signs[] = {
    [STATE_GOOD]    = {RGB(16, 124, 16), RGB(255, 255, 255), 0, {{0, 0}}},
    [STATE_NEUTRAL] = {RGB(0, 95, 184), RGB(255, 255, 255), 0, {{0, 0}}},
    [STATE_WARNING] = {RGB(255, 200, 61), RGB(0, 0, 0), 3, {{8, 1}, {16, 15}, {0, 15}}},
    [STATE_BAD]     = {RGB(196, 43, 28), RGB(255, 255, 255), 8,
                       {{5, 0}, {11, 0}, {16, 5}, {16, 11}, {11, 16}, {5, 16}, {0, 11}, {0, 5}}},
};

/* Lines of two or three points on the grid; a mark has at most two, a line without points ends it.
 */
struct line {
    int points;
    POINT at[3];
};

static const struct line marks[][2] = {
    [STATE_GOOD]    = {{3, {{4, 8}, {7, 11}, {12, 5}}}, {0, {{0, 0}}}},
    [STATE_NEUTRAL] = {{2, {{8, 7}, {8, 12}}}, {2, {{8, 4}, {8, 4}}}},
    [STATE_WARNING] = {{2, {{8, 5}, {8, 10}}}, {2, {{8, 13}, {8, 13}}}},
    [STATE_BAD]     = {{2, {{5, 5}, {11, 11}}}, {2, {{11, 5}, {5, 11}}}},
};

static POINT placed(POINT on_grid, int x, int y, int side)
{
    return (POINT){x + on_grid.x * side / GRID, y + on_grid.y * side / GRID};
}

static void draw_outline(HDC dc, const struct sign *sign, int x, int y, int side)
{
    POINT corners[ARRAYSIZE(sign->outline)];

    for (int i = 0; i < sign->corners; i++) corners[i] = placed(sign->outline[i], x, y, side);
    if (sign->corners) Polygon(dc, corners, sign->corners);
    else Ellipse(dc, x, y, x + side, y + side);
}

static void draw_mark(HDC dc, const struct line *mark, int x, int y, int side)
{
    for (int line = 0; line < 2 && mark[line].points; line++) {
        POINT points[3];

        for (int i = 0; i < mark[line].points; i++)
            points[i] = placed(mark[line].at[i], x, y, side);
        if (points[0].x == points[1].x && points[0].y == points[1].y) points[1].y++;    /* a dot */
        Polyline(dc, points, mark[line].points);
    }
}

static HPEN pen_of(COLORREF color, int side)
{
    LOGBRUSH brush = {BS_SOLID, color, 0};
    int width = side * 2 / GRID;

    return ExtCreatePen(PS_GEOMETRIC | PS_SOLID | PS_ENDCAP_ROUND | PS_JOIN_ROUND,
                        width < 2 ? 2 : width, &brush, 0, NULL);
}

/* Both colours are given: with high contrast they are the system's. */
static void draw(HDC dc, int x, int y, int side, enum state_health health, COLORREF fill,
                 COLORREF mark)
{
    HPEN pen = pen_of(mark, side);
    HBRUSH brush = CreateSolidBrush(fill);
    HGDIOBJ was_brush = SelectObject(dc, brush);
    HGDIOBJ was_pen = SelectObject(dc, GetStockObject(NULL_PEN));

    draw_outline(dc, &signs[health], x, y, side);
    SelectObject(dc, pen);
    draw_mark(dc, marks[health], x, y, side);
    SelectObject(dc, was_pen);
    SelectObject(dc, was_brush);
    DeleteObject(brush);
    DeleteObject(pen);
}

/* Drawn large and shrunk, so that edges are smooth. False: there was no memory for it. */
static bool draw_smooth(HDC dc, int x, int y, int side, enum state_health health, HBRUSH ground)
{
    int large = side * SMOOTH;
    HDC memory = CreateCompatibleDC(dc);
    HBITMAP bitmap = memory ? CreateCompatibleBitmap(dc, large, large) : NULL;
    HGDIOBJ was = bitmap ? SelectObject(memory, bitmap) : NULL;

    if (bitmap) {
        FillRect(memory, &(RECT){0, 0, large, large}, ground);
        draw(memory, 0, 0, large, health, signs[health].fill, signs[health].mark);
        SetStretchBltMode(dc, HALFTONE);
        SetBrushOrgEx(dc, 0, 0, NULL);
        StretchBlt(dc, x, y, side, side, memory, 0, 0, large, large, SRCCOPY);
        SelectObject(memory, was);
        DeleteObject(bitmap);
    }
    if (memory) DeleteDC(memory);
    return bitmap != NULL;
}

void sign_draw(HDC dc, const RECT *box, enum state_health health, bool high_contrast, HBRUSH ground)
{
    int width = box->right - box->left, height = box->bottom - box->top;
    int side = width < height ? width : height;

    FillRect(dc, box, high_contrast ? GetSysColorBrush(COLOR_BTNFACE) : ground);
    if (high_contrast)
        draw(dc, box->left, box->top, side, health, GetSysColor(COLOR_BTNTEXT),
             GetSysColor(COLOR_BTNFACE));
    else if (!draw_smooth(dc, box->left, box->top, side, health, ground))
        draw(dc, box->left, box->top, side, health, signs[health].fill, signs[health].mark);
}

bool sign_high_contrast(void)
{
    HIGHCONTRASTW contrast = {.cbSize = sizeof contrast};

    return SystemParametersInfoW(SPI_GETHIGHCONTRAST, sizeof contrast, &contrast, 0)
           && (contrast.dwFlags & HCF_HIGHCONTRASTON);
}
