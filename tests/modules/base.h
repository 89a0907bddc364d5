/*
 * An exit module that does everything right, in which one thing can be made wrong: the base of the modules that
 * `stubca check` is tested with. Each of these defines `module` and becomes a DLL of its own.
 */
#ifndef BASE_H
#define BASE_H

#include <certsrv.h>
#include <oleauto.h>
#include <stdbool.h>

struct exit {
    ICertExit2 ICertExit2_iface;
    ICertExit2 twin;                    /* for whoever wants a second identity */
    LONG ref;
};

struct module {
    const WCHAR *progid;
    unsigned number;                    /* makes the CLSID; each module has another */
    const WCHAR *threading;             /* NULL: Both */
    const WCHAR *description;           /* NULL: the ProgID */
    LONG mask;                          /* 0: all that there is */
    bool late;                          /* answers IDispatch alone */

    /* What is done instead; NULL: the right thing. */
    HRESULT (*query)(struct exit *exit, REFIID iid, void **out);
    HRESULT (*initialize)(LONG *mask);
    HRESULT (*notify)(LONG event, LONG context);
    HRESULT (*describe)(BSTR *out);
    HRESULT (*describe_by_name)(BSTR *out);
    HRESULT (*type_info)(ITypeInfo **out);
    HRESULT (*manage)(ICertManageModule **out);
    HRESULT (*can_unload)(void);

    /* What is done besides. */
    void (*created)(struct exit *exit);
    void (*released)(void);
    HRESULT (*also)(LONG event, LONG context, ICertServerExit *server);         /* in Notify; bound to the event */
};
extern const struct module module;

/* The right things, to be used in wrong ones. */
HRESULT exit_query(struct exit *exit, REFIID iid, void **out);
HRESULT exit_notify(LONG event, LONG context);
HRESULT server_open(LONG context, ICertServerExit **out);
HRESULT server_ask(ICertServerExit *server, bool of_request, const WCHAR *name, LONG type, VARIANT *value);
bool is_of_request(LONG event);

#endif
