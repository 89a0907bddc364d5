/*
 * The dispatch table that widl forgets to give to ICertExit2.
 *
 * A stub sends the methods of IDispatch on to IDispatch's own stub. widl 8.0 writes the table that says so for an
 * interface whose base is imported, and leaves it out where the base stands in the same file, as ICertExit does: then
 * a call of GetIDsOfNames through an ICertExit2 is read by a description that is not there, and fails with
 * RPC_X_BAD_STUB_DATA at best. The table is put in when the DLL is loaded; a widl that writes it itself is left alone.
 */
#include <objbase.h>
#include <rpcproxy.h>

#include <certexit.h>

EXTERN_PROXY_FILE(certexit)

static void __RPC_STUB call(IRpcStubBuffer *stub, IRpcChannelBuffer *channel, PRPC_MESSAGE message, DWORD *phase)
{
    NdrStubCall2(stub, channel, message, phase);        /* by the description; its result is in the message as well */
}

static const PRPC_STUB_FUNCTION exit2_table[] = {
    NULL, NULL, NULL,                                   /* IUnknown's never come here */
    STUB_FORWARDING_FUNCTION, STUB_FORWARDING_FUNCTION, STUB_FORWARDING_FUNCTION, STUB_FORWARDING_FUNCTION,
    call, call, call,                                   /* ICertExit */
    call,                                               /* ICertExit2 */
};

/* The stubs are const to everyone but the generated file that holds them, where they are not. */
static void __attribute__((constructor)) give_exit2_its_table(void)
{
    for (const PCInterfaceStubVtblList *stub = certexit_ProxyFileInfo.pStubVtblList; *stub; stub++) {
        if (IsEqualIID((*stub)->header.piid, &IID_ICertExit2) && !(*stub)->header.pDispatchTable) {
            (*stub)->header.pDispatchTable = exit2_table;
        }
    }
}
