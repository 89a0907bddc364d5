/* CMS (RFC 5652, once PKCS #7): what certificates and requests also come in. It is only told from other things, not taken apart. */
#ifndef DER_CMS_H
#define DER_CMS_H

#include "der.h"

/* What kind of CMS it is: "signed data" and the like; NULL: it is no CMS. Looks at the outermost value and the OID in it alone. */
const char *cms_kind(const void *data, size_t size);

#endif
