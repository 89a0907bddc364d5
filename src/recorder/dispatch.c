/* IDispatch, implemented with the type library in the DLL. */
#include "dispatch.h"

#include "dll.h"

#include <oleauto.h>
#include <stdlib.h>
#include <string.h>

/* REGKIND_NONE: reading a library must never register it, see registration.h. */
static HRESULT type_load(const IID *iid, ITypeInfo **type)
{
    ITypeLib *library = NULL;
    WCHAR *path = NULL;
    HRESULT hr;

    *type = NULL;
    if (FAILED(hr = dll_path(&path))) goto done;
    if (FAILED(hr = LoadTypeLibEx(path, REGKIND_NONE, &library))) goto done;
    hr = ITypeLib_GetTypeInfoOfGuid(library, iid, type);
done:
    if (library) ITypeLib_Release(library);
    free(path);
    return hr;
}

/* What the object holds, not one more reference. Two threads may both load it; the slower one
 * throws its own away. */
static HRESULT dispatch_type_of(struct dispatch *dispatch, ITypeInfo **type)
{
    ITypeInfo *loaded, *earlier;
    HRESULT hr;

    *type = InterlockedCompareExchangePointer((void **)&dispatch->type, NULL, NULL);
    if (*type) return S_OK;
    if (FAILED(hr = type_load(dispatch->iid, &loaded))) return hr;
    earlier = InterlockedCompareExchangePointer((void **)&dispatch->type, loaded, NULL);
    if (earlier) ITypeInfo_Release(loaded);
    *type = earlier ? earlier : loaded;
    return S_OK;
}

HRESULT dispatch_count(UINT *count)
{
    if (!count) return E_POINTER;
    *count = 1;
    return S_OK;
}

HRESULT dispatch_type(struct dispatch *dispatch, UINT index, ITypeInfo **type)
{
    HRESULT hr;

    if (!type) return E_POINTER;
    *type = NULL;
    if (index) return DISP_E_BADINDEX;
    if (FAILED(hr = dispatch_type_of(dispatch, type))) return hr;
    ITypeInfo_AddRef(*type);
    return S_OK;
}

HRESULT dispatch_ids(struct dispatch *dispatch, REFIID iid, OLECHAR **names, UINT count,
                     DISPID *ids)
{
    ITypeInfo *type;
    HRESULT hr;

    if (!ids) return E_POINTER;
    for (UINT i = 0; i < count; i++) ids[i] = DISPID_UNKNOWN;
    if (!names) return E_POINTER;
    if (!IsEqualIID(iid, &IID_NULL)) return DISP_E_UNKNOWNINTERFACE;
    if (FAILED(hr = dispatch_type_of(dispatch, &type))) return hr;
    return DispGetIDsOfNames(type, names, count, ids);
}

HRESULT dispatch_invoke(struct dispatch *dispatch, void *iface, DISPID id, REFIID iid, WORD flags,
                        DISPPARAMS *arguments, VARIANT *result, EXCEPINFO *exception,
                        UINT *wrong_argument)
{
    ITypeInfo *type;
    HRESULT hr;

    if (result) VariantInit(result);    /* whatever lay there is not ours to read, nor to free */
    if (exception) memset(exception, 0, sizeof *exception);
    if (!arguments) return E_POINTER;
    if (!IsEqualIID(iid, &IID_NULL)) return DISP_E_UNKNOWNINTERFACE;
    if (FAILED(hr = dispatch_type_of(dispatch, &type))) return hr;
    return DispInvoke(iface, type, id, flags, arguments, result, exception, wrong_argument);
}

void dispatch_close(struct dispatch *dispatch)
{
    if (dispatch->type) ITypeInfo_Release(dispatch->type);
    dispatch->type = NULL;
}
