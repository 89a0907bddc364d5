/* Prints a DER file as the reader shows it, so that scripts can compare: `cert_print [--json] [--entries N] FILE`. Exit code 1:
 * refused, with the reason on standard error. */
#include "reader/cert_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    struct bytes text = {0};
    size_t got;
    char *room;

    if (!file) return NULL;
    while ((room = bytes_reserve(&text, 65536)) && (got = fread(room, 1, 65536, file))) text.size += got;
    fclose(file);
    *size = text.size;
    return (unsigned char *)text.data;
}

int main(int argc, char **argv)
{
    struct cert_show_options options = {0};
    struct der_fault fault;
    struct bytes out = {0};
    unsigned char *data;
    char sentence[256];
    size_t size;
    bool ok;

    for (argv++; *argv && **argv == '-'; argv++) {
        if (!strcmp(*argv, "--json")) options.as_json = true;
        else if (!strcmp(*argv, "--entries") && argv[1]) options.entries_max = strtoul(*++argv, NULL, 10);
    }
    if (argc < 2 || !*argv || !(data = read_file(*argv, &size))) return 2;
    if ((ok = cert_show(data, size, &options, &out, &fault) && !out.failed)) {
        fwrite(out.data, 1, out.size, stdout);
    } else {
        der_fault_text(&fault, sentence, sizeof sentence);
        fprintf(stderr, "%s\n", sentence);
    }
    bytes_free(&out);
    free(data);
    return !ok;
}
