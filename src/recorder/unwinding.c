/*
 * gcc has no __finally, so a frame in assembly names an unwind handler: it is called only while
 * the stack is unwound, and is never asked to catch an exception. Windows passes the frame's
 * address to the handler; the address of the count is stored 32 bytes above it, after the space
 * that a called function may use.
 */
#include "unwinding.h"

void unwinding_frame(void (*run)(void *argument), void *argument, struct unwindings *unwindings);

__asm__(".text\n"
        ".globl unwinding_frame\n"
        ".def unwinding_frame; .scl 2; .type 32; .endef\n"
        ".seh_proc unwinding_frame\n"
        "unwinding_frame:\n"
        "    .seh_handler unwinding_passes, @unwind\n"
        "    subq $40, %rsp\n"
        "    .seh_stackalloc 40\n"
        "    .seh_endprologue\n"
        "    movq %r8, 32(%rsp)\n"
        "    leaq unwinding_passes(%rip), %r10\n" /* what unwind information alone names is left out
                                                     of the image (src/image/lean) */
        "    movq %rcx, %rax\n"
        "    movq %rdx, %rcx\n"
        "    callq *%rax\n"
        "    nop\n" /* the call's return address has to lie before the epilogue */
        "    addq $40, %rsp\n"
        "    ret\n"
        "    .seh_endproc\n");

EXCEPTION_DISPOSITION unwinding_passes(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                       DISPATCHER_CONTEXT *dispatcher)
{
    struct unwindings *unwindings = *(struct unwindings **)((char *)frame + 32);

    (void)context;
    (void)dispatcher;
    if (!(record->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND)))
        return ExceptionContinueSearch;
    if (unwindings->all) InterlockedIncrement(&unwindings->all->count);
    InterlockedIncrement(&unwindings->count); /* a thread that sees this may free it */
    return ExceptionContinueSearch;
}

void unwinding_watch(void (*run)(void *argument), void *argument, struct unwindings *unwindings)
{
    unwinding_frame(run, argument, unwindings);
}
