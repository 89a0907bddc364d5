/*
 * The five interfaces as one set of headers lays them out. Compiled four times: with the folder of our headers in
 * front and without it, for C (-DCINTERFACE: structs of function pointers) and for C++ (classes). LAYOUT is the name
 * of the table.
 */
#include <certexit.h>
#include <certif.h>
#include <certmod.h>

#include <cstddef>
#include <cstring>
#include <typeinfo>

#include "layout.h"

#if defined(CERTWITNESS_CERTEXIT_H) && defined(CERTWITNESS_CERTIF_H) && defined(CERTWITNESS_CERTMOD_H)
#define WHOSE "CertWitness"
#elif !defined(CERTWITNESS_CERTEXIT_H) && !defined(CERTWITNESS_CERTIF_H) && !defined(CERTWITNESS_CERTMOD_H)
#define WHOSE "MinGW-w64"
#else
#error some are ours and some are not
#endif

#ifdef CINTERFACE
#define METHOD(table, entry)                                                                        \
    {#table "::" #entry, offsetof(table##Vtbl, entry) / sizeof(void *),                             \
     typeid(decltype(table##Vtbl::entry)).name()}
#else
/* In g++'s ABI a pointer to a virtual method holds the method's place in the vtable, in bytes, plus 1. */
template <typename Pointer> static unsigned slot_of(Pointer pointer)
{
    std::size_t place;

    std::memcpy(&place, &pointer, sizeof place);
    return place % sizeof(void *) == 1 ? place / sizeof(void *) : ~0u;
}
#define METHOD(table, entry) {#table "::" #entry, slot_of(&table::entry), typeid(&table::entry).name()}
#endif

#ifdef CINTERFACE
#define INHERITED(table)                                                                            \
    METHOD(table, QueryInterface), METHOD(table, AddRef), METHOD(table, Release),                   \
    METHOD(table, GetTypeInfoCount), METHOD(table, GetTypeInfo),                                    \
    METHOD(table, GetIDsOfNames), METHOD(table, Invoke),
#else
#define INHERITED(table)            /* a class inherits these from IDispatch, which is nobody's here */
#endif

static const method methods[] = {
    INHERITED(ICertExit)
    METHOD(ICertExit, Initialize), METHOD(ICertExit, Notify), METHOD(ICertExit, GetDescription),

    INHERITED(ICertExit2)
    METHOD(ICertExit2, Initialize), METHOD(ICertExit2, Notify), METHOD(ICertExit2, GetDescription),
    METHOD(ICertExit2, GetManageModule),

    INHERITED(ICertManageModule)
    METHOD(ICertManageModule, GetProperty), METHOD(ICertManageModule, SetProperty),
    METHOD(ICertManageModule, Configure),

    INHERITED(ICertServerExit)
    METHOD(ICertServerExit, SetContext),
    METHOD(ICertServerExit, GetRequestProperty), METHOD(ICertServerExit, GetRequestAttribute),
    METHOD(ICertServerExit, GetCertificateProperty),
    METHOD(ICertServerExit, GetCertificateExtension), METHOD(ICertServerExit, GetCertificateExtensionFlags),
    METHOD(ICertServerExit, EnumerateExtensionsSetup), METHOD(ICertServerExit, EnumerateExtensions),
    METHOD(ICertServerExit, EnumerateExtensionsClose),
    METHOD(ICertServerExit, EnumerateAttributesSetup), METHOD(ICertServerExit, EnumerateAttributes),
    METHOD(ICertServerExit, EnumerateAttributesClose),

    INHERITED(ICertServerPolicy)
    METHOD(ICertServerPolicy, SetContext),
    METHOD(ICertServerPolicy, GetRequestProperty), METHOD(ICertServerPolicy, GetRequestAttribute),
    METHOD(ICertServerPolicy, GetCertificateProperty), METHOD(ICertServerPolicy, SetCertificateProperty),
    METHOD(ICertServerPolicy, GetCertificateExtension), METHOD(ICertServerPolicy, GetCertificateExtensionFlags),
    METHOD(ICertServerPolicy, SetCertificateExtension),
    METHOD(ICertServerPolicy, EnumerateExtensionsSetup), METHOD(ICertServerPolicy, EnumerateExtensions),
    METHOD(ICertServerPolicy, EnumerateExtensionsClose),
    METHOD(ICertServerPolicy, EnumerateAttributesSetup), METHOD(ICertServerPolicy, EnumerateAttributes),
    METHOD(ICertServerPolicy, EnumerateAttributesClose),
};

extern const layout LAYOUT = {WHOSE, methods, sizeof methods / sizeof *methods};
