/* An order for the setup: what an administrator wants done. */
#ifndef ORDER_H
#define ORDER_H

#include <windows.h>
#include <stdbool.h>

enum setup_verb { SETUP_INSTALL, SETUP_UNINSTALL, SETUP_ENABLE, SETUP_DISABLE };

struct setup_order {
    enum setup_verb verb;
    const WCHAR *dll;                   /* absolute; NULL: certwitness.dll in this program's
                                         * folder */
    const WCHAR *ca;                    /* name, sanitized or not; NULL: all CAs of this machine */
    const WCHAR *journal;               /* install: the journal's folder; NULL: unchanged */
    bool console_only;                  /* install: only what the snap-in needs, for no CA */
    bool register_only;                 /* install: register the module, enable it for no CA */
    bool console_without_ca;            /* install: as console_only if the machine has no CA */
    bool settings_key;                  /* enable: also create the key for the settings, as
                                         * install does */
    bool purge;                         /* uninstall: also remove the journal and the settings */
    bool agreed;                        /* purge: without confirmation */
    bool restart;                       /* restart the service at the end */
    bool dry_run;                       /* report what would be done, change nothing */
};

#endif
