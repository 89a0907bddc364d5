/* Type information from the type library in the program itself. */
#ifndef STUBCA_TYPE_INFO_H
#define STUBCA_TYPE_INFO_H

#include <oaidl.h>

/*
 * Type information of one interface; loaded at the first call and kept. The caller owns the
 * reference. Nothing is registered.
 */
HRESULT type_info(const IID *iid, ITypeInfo **info);

/*
 * Remove a registration of the library as this program's. This program registers none, but Wine's
 * type-library marshaller registers a library that it loads by a name without a path, such as the
 * one in our manifest, and with it HKCR\\Interface of the CA's own interfaces. If the library is
 * not registered, or for another program than stubca.exe, nothing is done.
 */
void type_library_unregister(void);

#endif
