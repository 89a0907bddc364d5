/*
 * The CA's database as certutil writes it out, row by row.
 *
 * It is the output of this command, in any language:
 *
 *   certutil -view -out "RequestID,Request.Disposition,Request.RequesterName,SerialNumber,
 *   CertificateHash,CertificateTemplate,Request.RevokedReason" csv
 *
 * Headings are in the system's language, so cells are known by their place. A row is a line whose
 * first cell is a number; headings and the lines behind the rows are passed over. Numbers are "20",
 * "20 -- Issued" or "0x14 (20)". An empty cell is "" or EMPTY, in the system's language: a reason
 * that is a word without a number is that word, and so are equal cells of its row.
 *
 * cmd.exe redirects in the OEM code page, PowerShell 5.1 in UTF-16, PowerShell 7 in UTF-8: UTF-16
 * is known by its first bytes, and a line that is no UTF-8 is in some OEM code page, of which only
 * ASCII is understood.
 */
#ifndef DATABASE_DUMP_H
#define DATABASE_DUMP_H

#include "facts/fact_key.h"
#include "facts/renewed.h"

#include <stdio.h>

#define DATABASE_DUMP_COLUMNS                                                                      \
    "RequestID,Request.Disposition,Request.RequesterName,SerialNumber,CertificateHash,"            \
    "CertificateTemplate,Request.RevokedReason"

enum { DUMP_ID, DUMP_DISPOSITION, DUMP_REQUESTER, DUMP_SERIAL, DUMP_HASH, DUMP_TEMPLATE,
       DUMP_REASON, DUMP_CELLS };

struct database_row {
    int64_t id, disposition, reason;    /* reason -1: there is none */
    struct span cells[DUMP_CELLS];      /* UTF-8, hostile; until the next row */
    bool is_oem;                        /* only the ASCII in its texts is known */
    bool is_unread;                     /* only `id` is known */
};

struct database_dump {
    const char *path;                   /* borrowed */
    FILE *file;                         /* owned */
    struct bytes line, unquoted;        /* owned */
    unsigned width;                     /* bytes of a character: 2 in UTF-16 */
    bool is_big_endian, has_heading;
    uint64_t lines, rows;
    uint64_t odd;                       /* lines that begin with a number and cannot be read */
};

/* False: standard error has been told. */
bool database_dump_open(struct database_dump *dump, const char *path);
void database_dump_close(struct database_dump *dump);
/* A row of which only the RequestID can be read is given too, and counted as odd.
 * False: there are no more, or reading failed, which ferror of the file says. */
bool database_dump_next(struct database_dump *dump, struct database_row *row);

#endif
