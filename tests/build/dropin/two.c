/*
 * The second file of the program: what is a definition in a header, rather than a declaration, stands in both and will
 * not link.
 */
#include <certsrv.h>

#if !defined(CERTWITNESS_CERTSRV_H) || !defined(CERTWITNESS_CERTEXIT_H) || !defined(CERTWITNESS_CERTIF_H) || \
    !defined(CERTWITNESS_CERTMOD_H)
#error these headers are not ours
#endif

int two(void);

/*
 * Every GUID of the CA's interfaces has to come from somewhere: from *_i.c or, with INITGUID, from the headers
 * themselves.
 */
int two(void)
{
    static const IID *const all[] = {
        &IID_ICertExit, &IID_ICertExit2, &IID_ICertManageModule, &IID_ICertServerExit, &IID_ICertServerPolicy,
        &CLSID_CCertServerExit, &CLSID_CCertServerPolicy,
    };
    int wrong = 0;

    for (unsigned a = 0; a < ARRAYSIZE(all); a++) {
        for (unsigned b = 0; b < a; b++) wrong += IsEqualGUID(all[a], all[b]) != 0;
    }
    wrong += all[0]->Data1 != 0xe19ae1a0;
    wrong += lstrcmpW(wszCMM_PROP_NAME, L"Name") != 0;
    return wrong;
}
