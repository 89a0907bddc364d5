/* What an administrator wants done. */
#ifndef ORDER_H
#define ORDER_H

#include <windows.h>
#include <stdbool.h>

enum setup_verb { SETUP_INSTALL, SETUP_UNINSTALL, SETUP_ENABLE, SETUP_DISABLE };

struct setup_order {
    enum setup_verb verb;
    const WCHAR *dll;                   /* absolute; NULL: certwitness.dll beside this program */
    const WCHAR *ca;                    /* sanitized name or not; NULL: all of this machine */
    const WCHAR *journal;               /* install: the journal's folder; NULL: as it is */
    bool console_only;                  /* install: what the snap-in needs, and no CA */
    bool register_only;                 /* install: the module, and no CA */
    bool console_without_ca;            /* install: console_only where there is no CA */
    bool settings_key;                  /* enable: the key for the settings too, as install */
    bool purge;                         /* uninstall: the journal and the settings too */
    bool agreed;                        /* purge: without asking */
    bool restart;                       /* the service, in the end */
    bool dry_run;                       /* tell what would be done, do nothing */
};

#endif
