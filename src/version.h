/*
 * CertWitness's version, said here and nowhere else: the version resource, GetProperty and
 * module.started all take it from here. The resource compiler reads this file too, so it holds
 * nothing but macros.
 */
#ifndef VERSION_H
#define VERSION_H

#define CERTWITNESS_MAJOR 0
#define CERTWITNESS_MINOR 1
#define CERTWITNESS_PATCH 0

#define CERTWITNESS_QUOTE(version)             #version
#define CERTWITNESS_DOTTED(major, minor, patch) CERTWITNESS_QUOTE(major.minor.patch)

/* As text, "0.1.0", and as the four numbers of a FILEVERSION statement. */
#define CERTWITNESS_VERSION                                                                        \
    CERTWITNESS_DOTTED(CERTWITNESS_MAJOR, CERTWITNESS_MINOR, CERTWITNESS_PATCH)
#define CERTWITNESS_VERSION_NUMBERS CERTWITNESS_MAJOR, CERTWITNESS_MINOR, CERTWITNESS_PATCH, 0

#endif
