/*
 * BSTRs that arrive with their exact number of bytes.
 *
 * A CA returns binary values as BSTRs, and every second certificate has an odd number of bytes. On
 * the wire ([MS-OAUT], FLAGGED_WORD_BLOB) a BSTR is three 32-bit numbers (the count of characters,
 * the count of bytes, the count of characters again), followed by the characters. Windows restores
 * the bytes; oleaut32 of Wine 8 restores the characters and so adds a byte to a BSTR of odd size.
 * The generated proxies call these functions instead, which call oleaut32's and then remove that
 * byte. If oleaut32 restored the bytes, nothing is removed.
 *
 * A BSTR inside a SAFEARRAY is not corrected: no method of these interfaces uses one. IDispatch's
 * own proxies are in oleaut32, so in the arguments and results of Invoke the extra byte remains.
 */
#include <windows.h>
#include <oleauto.h>

unsigned char *__RPC_USER exact_BSTR_UserUnmarshal(ULONG *flags, unsigned char *buffer, BSTR *bstr);
unsigned char *__RPC_USER exact_VARIANT_UserUnmarshal(ULONG *flags, unsigned char *buffer,
                                                      VARIANT *variant);

/* `end` is where oleaut32 stopped reading: the characters lie before it, the three numbers before
 * them. */
static void take_odd_byte_off(BSTR *bstr, const unsigned char *buffer, const unsigned char *end)
{
    ULONG count = SysStringLen(*bstr), bytes = SysStringByteLen(*bstr);
    struct { ULONG characters, bytes, again; } wire;
    BSTR exact;

    if (!count || bytes % 2 || (size_t)(end - buffer) < sizeof wire + bytes) return;
    memcpy(&wire, end - bytes - sizeof wire, sizeof wire);
    if (wire.characters != count || wire.again != count || wire.bytes != bytes - 1) return;
    exact = SysAllocStringByteLen((const char *)*bstr, wire.bytes);
    if (!exact) RpcRaiseException(E_OUTOFMEMORY);
    SysFreeString(*bstr);
    *bstr = exact;
}

unsigned char *__RPC_USER exact_BSTR_UserUnmarshal(ULONG *flags, unsigned char *buffer, BSTR *bstr)
{
    unsigned char *end = BSTR_UserUnmarshal(flags, buffer, bstr);

    take_odd_byte_off(bstr, buffer, end);
    return end;
}

unsigned char *__RPC_USER exact_VARIANT_UserUnmarshal(ULONG *flags, unsigned char *buffer,
                                                      VARIANT *variant)
{
    unsigned char *end = VARIANT_UserUnmarshal(flags, buffer, variant);

    if (V_VT(variant) == VT_BSTR) take_odd_byte_off(&V_BSTR(variant), buffer, end);
    return end;
}
