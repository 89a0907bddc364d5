/*
 * IDispatch for a dual interface, out of the type library that lies in the DLL.
 *
 * One of these is part of each COM object. The library is read when somebody first asks and let go with the object, so
 * there is nothing shared to guard and nothing left at unload; an object that is only called directly never reads it.
 * Any thread.
 */
#ifndef DISPATCH_H
#define DISPATCH_H

#include <oaidl.h>

struct dispatch {
    const IID *iid;                     /* the dual interface to describe */
    ITypeInfo *type;                    /* owned; NULL until asked for */
};

/* The parts of IDispatch, with its meanings. `iface` is the object's pointer to the interface that `iid` names. */
HRESULT dispatch_count(UINT *count);
HRESULT dispatch_type(struct dispatch *dispatch, UINT index, ITypeInfo **type);
HRESULT dispatch_ids(struct dispatch *dispatch, REFIID iid, OLECHAR **names, UINT count, DISPID *ids);
HRESULT dispatch_invoke(struct dispatch *dispatch, void *iface, DISPID id, REFIID iid, WORD flags,
                        DISPPARAMS *arguments, VARIANT *result, EXCEPINFO *exception, UINT *wrong_argument);

/* With the object's last reference. */
void dispatch_close(struct dispatch *dispatch);

#endif
