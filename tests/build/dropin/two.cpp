/* The C++ counterpart of two.c. What __uuidof says has to agree with the GUIDs that are linked. */
#include <certsrv.h>

#if !defined(CERTWITNESS_CERTSRV_H) || !defined(CERTWITNESS_CERTEXIT_H) || !defined(CERTWITNESS_CERTIF_H) || \
    !defined(CERTWITNESS_CERTMOD_H)
#error these headers are not ours
#endif

int two();

int two()
{
    int wrong = 0;

    wrong += !IsEqualGUID(__uuidof(ICertExit), IID_ICertExit);
    wrong += !IsEqualGUID(__uuidof(ICertExit2), IID_ICertExit2);
    wrong += !IsEqualGUID(__uuidof(ICertManageModule), IID_ICertManageModule);
    wrong += !IsEqualGUID(__uuidof(ICertServerExit), IID_ICertServerExit);
    wrong += !IsEqualGUID(__uuidof(ICertServerPolicy), IID_ICertServerPolicy);
    wrong += !IsEqualGUID(__uuidof(CCertServerExit), CLSID_CCertServerExit);
    wrong += !IsEqualGUID(__uuidof(CCertServerPolicy), CLSID_CCertServerPolicy);
    wrong += lstrcmpW(wszCMM_PROP_NAME, L"Name") != 0;
    return wrong;
}
