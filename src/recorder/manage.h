/*
 * The management object for the CA's snap-in: the class CertWitness.ExitManage.
 *
 * It implements ICertManageModule, IDispatch and ISupportErrorInfo, for any thread. Between calls
 * it keeps only the window passed to SetProperty. Configure shows the page in
 * certwitness_page.dll.
 */
#ifndef MANAGE_H
#define MANAGE_H

#include <windows.h>

/*
 * Create an object and query it for `iid`. `*out` is NULL before the call and after a failure.
 * Opens no file, key or thread.
 */
HRESULT manage_create(REFIID iid, void **out);

#endif
