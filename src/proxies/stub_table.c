/*
 * The dispatch table that widl omits for ICertExit2.
 *
 * A stub forwards the methods of IDispatch to IDispatch's own stub. widl 8.0 writes the table for
 * this if an interface's base is imported, and omits it if the base is in the same file, as
 * ICertExit is. A call of GetIDsOfNames through an ICertExit2 is then unmarshaled with a
 * description that does not exist, and fails with RPC_X_BAD_STUB_DATA at best. The table is added
 * when the DLL is loaded; the output of a widl that writes it is left unchanged.
 */
#include <objbase.h>
#include <rpcproxy.h>

#include <certexit.h>

EXTERN_PROXY_FILE(certexit)

static void __RPC_STUB call(IRpcStubBuffer *stub, IRpcChannelBuffer *channel, PRPC_MESSAGE message,
                            DWORD *phase)
{
    NdrStubCall2(stub, channel, message,
                 phase); /* by the description; its result is in the message as well */
}

static const PRPC_STUB_FUNCTION exit2_table[] = {
    NULL,
    NULL,
    NULL, /* IUnknown's never come here */
    STUB_FORWARDING_FUNCTION,
    STUB_FORWARDING_FUNCTION,
    STUB_FORWARDING_FUNCTION,
    STUB_FORWARDING_FUNCTION,
    call,
    call,
    call, /* ICertExit */
    call, /* ICertExit2 */
};

/* The stubs are const to everyone but the generated file that holds them, where they are not. */
static void __attribute__((constructor)) give_exit2_its_table(void)
{
    for (const PCInterfaceStubVtblList *stub = certexit_ProxyFileInfo.pStubVtblList; *stub;
         stub++) {
        if (IsEqualIID((*stub)->header.piid, &IID_ICertExit2) && !(*stub)->header.pDispatchTable) {
            (*stub)->header.pDispatchTable = exit2_table;
        }
    }
}
