/*
 * What the CA's snap-in is told about the module: the class CertWitness.ExitManage.
 *
 * It answers ICertManageModule, IDispatch and ISupportErrorInfo, on any thread. Between two calls it keeps the window that SetProperty named,
 * and nothing else. Configure shows the page that certwitness_page.dll holds.
 */
#ifndef MANAGE_H
#define MANAGE_H

#include <windows.h>

/* A new object, asked for `iid`. `*out` is NULL before the call, and after failure. Opens no file, key or thread. */
HRESULT manage_create(REFIID iid, void **out);

#endif
