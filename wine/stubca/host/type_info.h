/*
 * Type information out of the type library that lies in the program itself.
 */
#ifndef STUBCA_TYPE_INFO_H
#define STUBCA_TYPE_INFO_H

#include <oaidl.h>

/* Of one interface; read at the first call and kept. The reference is the caller's. Nothing is registered. */
HRESULT type_info(const IID *iid, ITypeInfo **info);

/*
 * Take back a registration of the library as this program's. We make none; but Wine's type-library marshaller registers
 * what it loads by a name without a path, such as the one in our manifest, and with it HKCR\\Interface of the CA's own
 * interfaces. Where the library is not registered, or not for a stubca.exe, nothing is done.
 */
void type_library_unregister(void);

#endif
