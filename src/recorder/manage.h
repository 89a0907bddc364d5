/*
 * What the CA's snap-in is told about the module: the class CertWitness.ExitManage.
 *
 * It answers ICertManageModule, IDispatch and ISupportErrorInfo, on any thread. It holds nothing between two calls.
 */
#ifndef MANAGE_H
#define MANAGE_H

#include <windows.h>

/* The CA's rule: the exit module's ProgID and "Manage". */
#define MANAGE_PROGID L"CertWitness.ExitManage"

/* A new object, asked for `iid`. `*out` is NULL before the call, and after failure. Opens no file, key or thread. */
HRESULT manage_create(REFIID iid, void **out);

#endif
