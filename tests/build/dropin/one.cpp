/* The C++ counterpart of one.c, with what C++ has and C has not: classes to derive from, and __uuidof. */
#include <certsrv.h>

#if !defined(CERTWITNESS_CERTSRV_H) || !defined(CERTWITNESS_CERTEXIT_H) || !defined(CERTWITNESS_CERTIF_H) || \
    !defined(CERTWITNESS_CERTMOD_H)
#error these headers are not ours
#endif
static_assert(EXITEVENT_CERTIMPORTED == 0x200, "the event that MinGW-w64's header lacks");
static_assert(EXITEVENT_STARTUP == 0x80, "often mistaken for CERTIMPORTED");
static_assert(EXTENSION_DELETE_FLAG == 4 && ENUMEXT_OBJECTID == 1 && CMM_READONLY == 2, "constants of all headers");
static_assert(CA_DISP_VALID == 3 && CR_DISP_ISSUED == 3 && DB_DISP_ISSUED == 20, "and MinGW-w64's own are there still");

int two();

/* Complete only if the methods are those of the interface: `override` does not compile otherwise. */
class Module : public ICertExit2 {
public:
    HRESULT WINAPI QueryInterface(REFIID iid, void **out) override
    {
        *out = IsEqualGUID(iid, __uuidof(ICertExit2)) ? this : nullptr;
        return *out ? S_OK : E_NOINTERFACE;
    }
    ULONG WINAPI AddRef() override { return 1; }
    ULONG WINAPI Release() override { return 1; }
    HRESULT WINAPI GetTypeInfoCount(UINT *count) override { *count = 0; return S_OK; }
    HRESULT WINAPI GetTypeInfo(UINT, LCID, ITypeInfo **) override { return E_NOTIMPL; }
    HRESULT WINAPI GetIDsOfNames(REFIID, LPOLESTR *, UINT, LCID, DISPID *) override { return E_NOTIMPL; }
    HRESULT WINAPI Invoke(DISPID, REFIID, LCID, WORD, DISPPARAMS *, VARIANT *, EXCEPINFO *, UINT *) override
    {
        return E_NOTIMPL;
    }
    HRESULT WINAPI Initialize(const BSTR, LONG *mask) override { *mask = EXITEVENT_CERTIMPORTED; return S_OK; }
    HRESULT WINAPI Notify(LONG, LONG) override { return S_OK; }
    HRESULT WINAPI GetDescription(BSTR *) override { return E_NOTIMPL; }
    HRESULT WINAPI GetManageModule(ICertManageModule **) override { return E_NOTIMPL; }
};

int main()
{
    Module module;
    ICertExit2 *exit = nullptr;
    LONG mask = 0;
    int wrong = two();

    wrong += module.QueryInterface(IID_ICertExit2, reinterpret_cast<void **>(&exit)) != S_OK;
    wrong += !exit || exit->Initialize(nullptr, &mask) != S_OK || mask != 0x200;
    wrong += lstrcmp(wszCERTEXITMODULE_POSTFIX, TEXT(".Exit")) != 0;
    wrong += lstrcmp(wszCERTMANAGE_SUFFIX, TEXT("Manage")) != 0;
    wrong += lstrcmp(wszCERTMANAGEEXIT_POSTFIX, TEXT(".ExitManage")) != 0;
    wrong += lstrcmp(wszCLASS_CERTEXIT, TEXT("CertificateAuthority_MicrosoftDefault.Exit")) != 0;
    wrong += lstrcmp(wszPROPCRLPARTITIONINDEX, TEXT("CRLPartitionIndex")) != 0;
    wrong += lstrcmpW(wszCMM_PROP_FILEVER, L"File Version") != 0;
    return wrong;
}
