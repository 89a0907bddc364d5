/*
 * The forms that a CA's name takes in registry keys, files and directories.
 */
#ifndef STUBCA_CA_NAME_H
#define STUBCA_CA_NAME_H

/*
 * Sanitize a name: characters that are not printable ASCII, and & ' * \ { } [ ] ^ : , = ! ` > < #
 * ( ) % | + ? " ; /, become !xxxx, the UTF-16 code in hex. The caller frees the result.
 */
char *ca_name_sanitized(const char *name);

/*
 * The sanitized name, shortened to the length of a CN in a directory (64): from 58 characters on,
 * the first 57, without cutting through a !xxxx, with '-' and a checksum of the rest, five digits.
 * Microsoft documents that there is a hash, not which one. The caller frees it.
 */
char *ca_name_short(const char *sanitized);

/*
 * "DC=demo,DC=example" for "ca01.demo.example", "" for a name without a domain. The caller frees
 * it.
 */
char *ca_name_domain_dn(const char *dns_name);

#endif
