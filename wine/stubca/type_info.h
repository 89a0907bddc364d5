/*
 * Type information out of the type library that lies in the program itself.
 */
#ifndef STUBCA_TYPE_INFO_H
#define STUBCA_TYPE_INFO_H

#include <oaidl.h>

/* Of one interface; read at the first call and kept. The reference is the caller's. Nothing is registered. */
HRESULT type_info(const IID *iid, ITypeInfo **info);

#endif
