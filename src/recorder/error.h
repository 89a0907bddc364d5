/*
 * Error texts: the sentence that goes with a failing HRESULT, which the CA copies into its event 46.
 *
 * An object that offers them has a `struct error_support` among its interfaces. Any thread; a text belongs to the
 * thread that failed.
 */
#ifndef ERROR_H
#define ERROR_H

#include <oaidl.h>

/* An error text as an object of its own. The caller releases it. */
HRESULT error_make(REFIID iid, const WCHAR *progid, const WCHAR *text, IErrorInfo **out);

/*
 * Leave `text` for whoever asks this thread with GetErrorInfo, as coming from the class `progid` and its interface
 * `iid`. Returns `hr`, so that it can stand in a return statement. Where there is no memory for the text, `spare` is
 * left, which was made in time; NULL: none, but an older one is removed all the same.
 */
HRESULT error_set(HRESULT hr, REFIID iid, const WCHAR *progid, const WCHAR *text, IErrorInfo *spare);

/*
 * ISupportErrorInfo, as part of an object that `outer` is the IUnknown of. Says yes for `iids`, a list that NULL ends.
 */
struct error_support {
    ISupportErrorInfo ISupportErrorInfo_iface;
    IUnknown *outer;                    /* the object we are a part of: not counted */
    const IID *const *iids;
};

void error_support_init(struct error_support *support, IUnknown *outer, const IID *const *iids);

#endif
