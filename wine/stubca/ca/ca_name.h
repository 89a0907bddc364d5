/*
 * The forms that a CA's name takes in registry keys, files and directories.
 */
#ifndef STUBCA_CA_NAME_H
#define STUBCA_CA_NAME_H

/* What is no printable ASCII, and & ' * \ { } [ ] ^ : , = ! ` > < # ( ) % | + ? " ; /, becomes !xxxx, its UTF-16 code
 * in hex. The caller frees. */
char *ca_name_sanitized(const char *name);

/*
 * The sanitized name, shortened to what a directory takes as a CN (64): from 58 characters on the first 57, no !xxxx
 * cut through, with '-' and a checksum of the rest, five digits. Microsoft documents that there is a hash, not which
 * one. The caller frees.
 */
char *ca_name_short(const char *sanitized);

/* "DC=demo,DC=example" for "ca01.demo.example", "" where the name has no domain. The caller frees. */
char *ca_name_domain_dn(const char *dns_name);

#endif
