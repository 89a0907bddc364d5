/* Names: walking over them, and their text. */
#include "lib/test.h"
#include "der/name.h"

#include <stdio.h>
#include <string.h>

/* A name in the making: sets of parts, each short enough for lengths of one byte, or two for the whole. */
static unsigned char made[40000];
static size_t made_size;

static void add(unsigned char last_arc, unsigned char tag, const char *text, size_t size)
{
    unsigned char head[] = {0x31, (unsigned char)(size + 9), 0x30, (unsigned char)(size + 7),
                            0x06, 0x03, 0x55, 0x04, last_arc, tag, (unsigned char)size};

    memcpy(made + made_size, head, sizeof head);
    memcpy(made + made_size + sizeof head, text, size);
    made_size += sizeof head + size;
}
#define PART(last_arc, tag, text) add(last_arc, tag, "" text, sizeof "" text - 1)

static void begin_name(void)
{
    made_size = 4;                              /* 30 82 xx xx, or less: moved together at the end */
}

/* Reads it as a stranger would; checks that the reader takes it. */
static struct der_bytes end_name(void)
{
    size_t size = made_size - 4, head = size < 0x80 ? 2 : size < 0x100 ? 3 : 4;
    struct der_bytes name;
    struct der_fault fault;
    struct der der;

    made[0] = 0x30;
    made[1] = (unsigned char)(head == 2 ? size : head == 3 ? 0x81 : 0x82);
    if (head == 3) made[2] = (unsigned char)size;
    if (head == 4) made[2] = (unsigned char)(size >> 8), made[3] = (unsigned char)size;
    memmove(made + head, made + 4, size);
    der_begin(&der, &fault, made, head + size);
    check(name_read(&der, "name", &name) && der_end(&der, "name"));
    check(name.data == made && name.size == head + size);
    return name;
}

static void check_name(struct der_bytes name, const char *want, int line)
{
    char text[512];
    size_t size = name_text(name, text, sizeof text);

    test_check_bytes(text, size, want, strlen(want), __FILE__, line, want);
}
#define CHECK_NAME(want) check_name(end_name(), want, __LINE__)

#define UTF8 0x0C

TEST(a_name_is_written_last_part_first)
{
    begin_name();
    PART(6, 0x13, "DE");
    PART(10, UTF8, "Demo");
    PART(3, UTF8, "Zo\xC3\xAB M\xC3\xBCller");
    CHECK_NAME("CN=Zo\xC3\xAB M\xC3\xBCller, O=Demo, C=DE");
}

TEST(a_name_without_parts_is_no_text)
{
    begin_name();
    CHECK_NAME("");
    check_int(name_text((struct der_bytes){NULL, 0}, NULL, 0), 0);
}

TEST(what_could_be_mistaken_for_syntax_is_quoted)
{
    begin_name();
    PART(3, UTF8, "a, OU=b");
    PART(3, UTF8, "say \"x\"");
    PART(3, UTF8, "");
    PART(3, UTF8, " lead");
    PART(3, UTF8, "trail ");
    PART(3, UTF8, "a+b");
    PART(3, UTF8, "a;b");
    PART(3, UTF8, "a<b");
    PART(3, UTF8, "#a");
    PART(3, UTF8, "a\nb");
    PART(3, UTF8, "plain (\\) text");
    CHECK_NAME("CN=plain (\\) text, CN=\"a\nb\", CN=\"#a\", CN=\"a<b\", CN=\"a;b\", CN=\"a+b\", "
               "CN=\"trail \", CN=\" lead\", "
               "CN=\"\", CN=\"say \"\"x\"\"\", CN=\"a, OU=b\"");
}

TEST(types_have_the_names_that_windows_gives_them)
{
    begin_name();
    PART(3, UTF8, "1");
    PART(4, UTF8, "2");
    PART(5, UTF8, "3");
    PART(6, UTF8, "4");
    PART(7, UTF8, "5");
    PART(8, UTF8, "6");
    PART(9, UTF8, "7");
    PART(10, UTF8, "8");
    PART(11, UTF8, "9");
    PART(12, UTF8, "10");
    PART(42, UTF8, "11");
    PART(43, UTF8, "12");
    PART(44, UTF8, "13");
    CHECK_NAME("OID.2.5.4.44=13, I=12, G=11, T=10, OU=9, O=8, STREET=7, S=6, L=5, C=4, SERIALNUMBER=3, SN=2, CN=1");
}

TEST(long_types_and_parts_that_are_no_text_are_written_all_the_same)
{
    static const unsigned char bytes[] = {
        0x30, 0x37,
        0x31, 0x12, 0x30, 0x10, 0x06, 0x0A, 0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 0x01, 0x19, 0x16, 0x02,
        'd', 'e',
        0x31, 0x11, 0x30, 0x0F, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x01, 0x16, 0x02, 'a', '@',
        0x31, 0x0E, 0x30, 0x0C, 0x06, 0x03, 0x55, 0x04, 0x03, 0x02, 0x05, 0x01, 0xAB, 0x00, 0x22, 0x2C,
    };

    check_name((struct der_bytes){bytes, sizeof bytes}, "CN=#020501ab00222c, E=a@, DC=de", __LINE__);
}

TEST(parts_of_one_set_are_joined_by_a_plus)
{
    static const unsigned char bytes[] = {
        0x30, 0x16, 0x31, 0x14,
        0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0C, 0x01, 'a',
        0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x0B, 0x0C, 0x01, 'b',
    };
    struct name_cursor cursor;
    struct name_part part;

    check_name((struct der_bytes){bytes, sizeof bytes}, "CN=a + OU=b", __LINE__);
    name_begin(&cursor, (struct der_bytes){bytes, sizeof bytes});
    check(name_next(&cursor, &part) && part.set == 0);
    check(name_next(&cursor, &part) && part.set == 0);
    check_bytes(part.value.content.data, part.value.content.size, "b", 1);
    check(!name_next(&cursor, &part) && !name_next(&cursor, &part));
}

TEST(a_walk_gives_every_part_in_the_order_it_is_written)
{
    struct name_cursor cursor;
    struct name_part part;

    begin_name();
    PART(6, 0x13, "DE");
    PART(3, 0x1E, "\0a");
    name_begin(&cursor, end_name());
    check(name_next(&cursor, &part));
    check_bytes(part.type.data, part.type.size, "\x55\x04\x06", 3);
    check_int(part.value.tag, DER_PRINTABLE_STRING);
    check_bytes(part.value.content.data, part.value.content.size, "DE", 2);
    check_int(part.set, 0);
    check(name_next(&cursor, &part));
    check_int(part.value.tag, DER_BMP_STRING);
    check_int(part.set, 1);
    check(!name_next(&cursor, &part));
    check_int(part.value.tag, 0);
}

TEST(names_of_any_number_of_parts_are_written_whole)
{
    static const unsigned counts[] = {1, 63, 64, 65, 128, 129, 1000};
    static char text[20000], want[20000];

    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        size_t size = 0;
        char number[16];

        begin_name();
        for (unsigned i = 0; i < counts[c]; i++) {
            snprintf(number, sizeof number, "%u", i);
            add(3, UTF8, number, strlen(number));
        }
        for (unsigned i = counts[c]; i--;) size += (size_t)sprintf(want + size, "CN=%u%s", i, i ? ", " : "");
        check_bytes(text, name_text(end_name(), text, sizeof text), want, size);
    }
}

TEST(a_name_that_does_not_fit_is_cut_between_its_pieces_and_its_size_still_told)
{
    struct der_bytes name;
    char text[32];

    begin_name();
    PART(3, UTF8, "\xC3\xBC" "b");
    name = end_name();
    for (size_t capacity = 0; capacity < 7; capacity++) {
        memset(text, 'x', sizeof text);
        check_int(name_text(name, text, capacity), 6);
        check(text[capacity] == 'x');
        check(capacity != 4 || text[3] == 'x');         /* half a character, and nothing of what follows it */
    }
    check_bytes(text, 7, "CN=\xC3\xBC" "bx", 7);
}
