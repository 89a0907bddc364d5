/*
 * The headers that lead to another certif.h or certmod.h, before the door itself. Nothing here is run: tests/build/headers.t
 * looks at which files the compiler opens.
 */
#include <certcli.h>
#include <certpol.h>
#include <certadm.h>
#include <certenc.h>
#include <certview.h>
#include <certsrv.h>

#if !defined(CERTWITNESS_CERTSRV_H) || !defined(CERTWITNESS_CERTEXIT_H) || !defined(CERTWITNESS_CERTIF_H) || \
    !defined(CERTWITNESS_CERTMOD_H)
#error these headers are not ours
#endif

/* And behind our certcli.h and certpol.h stand MinGW-w64's, with all that is in them. */
struct damage_scan {
    ICertRequest *request;
    ICertPolicy *policy;
    int disposition[CR_DISP_ISSUED];
};
