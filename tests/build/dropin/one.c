/*
 * A module developer's C file, which knows of one header only. tests/build/headers.t compiles it, links it with two.c, which
 * is its like, and runs what comes out; the exit code is the number of things that were wrong.
 */
#include <certsrv.h>

#if !defined(CERTWITNESS_CERTSRV_H) || !defined(CERTWITNESS_CERTEXIT_H) || !defined(CERTWITNESS_CERTIF_H) || \
    !defined(CERTWITNESS_CERTMOD_H)
#error these headers are not ours
#endif
_Static_assert(EXITEVENT_CERTIMPORTED == 0x200, "the event that MinGW-w64's header lacks");
_Static_assert(EXITEVENT_STARTUP == 0x80, "often mistaken for CERTIMPORTED");
_Static_assert(EXTENSION_DELETE_FLAG == 4 && ENUMEXT_OBJECTID == 1 && CMM_READONLY == 2, "constants of all headers");
_Static_assert(CA_DISP_VALID == 3 && CR_DISP_ISSUED == 3 && DB_DISP_ISSUED == 20, "MinGW-w64's are there too");

int two(void);

/* Compiles only where the interface is declared in full, and not only named. */
HRESULT describe(ICertExit2 *exit, BSTR *text)
{
    return exit->lpVtbl->GetDescription(exit, text);
}

int main(void)
{
    int wrong = two();

    wrong += lstrcmp(wszCERTEXITMODULE_POSTFIX, TEXT(".Exit")) != 0;
    wrong += lstrcmp(wszCERTMANAGE_SUFFIX, TEXT("Manage")) != 0;
    wrong += lstrcmp(wszCERTMANAGEEXIT_POSTFIX, TEXT(".ExitManage")) != 0;
    wrong += lstrcmp(wszCLASS_CERTEXIT, TEXT("CertificateAuthority_MicrosoftDefault.Exit")) != 0;
    wrong += lstrcmp(wszPROPCRLPARTITIONINDEX, TEXT("CRLPartitionIndex")) != 0;
    wrong += lstrcmpW(wszCMM_PROP_FILEVER, L"File Version") != 0;
    return wrong;
}
