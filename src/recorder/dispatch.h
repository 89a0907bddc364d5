/*
 * IDispatch of a dual interface, implemented with the type library in the DLL.
 *
 * Each COM object contains one. The library is loaded at the first use of IDispatch and released
 * with the object, so nothing shared has to be guarded and nothing is left at unload; an object
 * that is only called directly never loads it. Any thread.
 */
#ifndef DISPATCH_H
#define DISPATCH_H

#include <oaidl.h>

struct dispatch {
    const IID *iid;                     /* the dual interface */
    ITypeInfo *type;                    /* owned; NULL until first used */
};

/*
 * The methods of IDispatch, with their meanings. `iface` is the object's pointer to the interface
 * that `iid` names.
 */
HRESULT dispatch_count(UINT *count);
HRESULT dispatch_type(struct dispatch *dispatch, UINT index, ITypeInfo **type);
HRESULT dispatch_ids(struct dispatch *dispatch, REFIID iid, OLECHAR **names, UINT count,
                     DISPID *ids);
HRESULT dispatch_invoke(struct dispatch *dispatch, void *iface, DISPID id, REFIID iid, WORD flags,
                        DISPPARAMS *arguments, VARIANT *result, EXCEPINFO *exception,
                        UINT *wrong_argument);

/* Call it with the release of the object's last reference. */
void dispatch_close(struct dispatch *dispatch);

#endif
