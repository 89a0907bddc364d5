/*
 * Error texts: the sentence for a failing HRESULT, which the CA copies into its event 46.
 *
 * An object with error texts contains a `struct error_support` among its interfaces. Any thread; a
 * text belongs to the thread that failed.
 */
#ifndef ERROR_H
#define ERROR_H

#include <oaidl.h>

/* Create an error text as an object of its own. The caller releases it. */
HRESULT error_make(REFIID iid, const WCHAR *progid, const WCHAR *text, IErrorInfo **out);

/*
 * Set `text` as this thread's error text, for GetErrorInfo, as coming from the class `progid` and
 * its interface `iid`. Returns `hr`, so that it can be used in a return statement. If there is no
 * memory for the text, `spare`, which was made earlier, is set instead; if that is NULL, no text
 * is set, but an older one is still removed.
 */
HRESULT error_set(HRESULT hr, REFIID iid, const WCHAR *progid, const WCHAR *text,
                  IErrorInfo *spare);

/*
 * ISupportErrorInfo as part of an object whose IUnknown is `outer`. Answers S_OK for `iids`, a
 * NULL-terminated list.
 */
struct error_support {
    ISupportErrorInfo ISupportErrorInfo_iface;
    IUnknown *outer;                    /* the containing object; holds no reference */
    const IID *const *iids;
};

void error_support_init(struct error_support *support, IUnknown *outer, const IID *const *iids);

#endif
