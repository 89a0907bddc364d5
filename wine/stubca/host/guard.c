/*
 * A guard against exceptions.
 *
 * gcc has no __try, hence a frame in assembly that names its own handler: guard_frame(run,
 * argument) returns 0 when run has returned, 1 when it was unwound.
 */
#include "guard.h"

#include <malloc.h>

int guard_frame(void (*run)(void *argument), void *argument);
extern const char guard_landing[];

__asm__(".text\n"
        ".globl guard_frame, guard_landing, guard_handler\n"
        ".def guard_frame; .scl 2; .type 32; .endef\n"
        ".seh_proc guard_frame\n"
        "guard_frame:\n"
        "    .seh_handler guard_handler, @except\n"
        "    subq $40, %rsp\n"
        "    .seh_stackalloc 40\n"
        "    .seh_endprologue\n"
        "    movq %rcx, %rax\n"
        "    movq %rdx, %rcx\n"
        "    callq *%rax\n"
        "    xorl %eax, %eax\n"
        "    jmp 1f\n"
        "guard_landing:\n"
        "    movl $1, %eax\n"
        "1:\n"
        "    addq $40, %rsp\n"
        "    ret\n"
        "    .seh_endproc\n");

static __thread struct fault *current;  /* of the innermost guard of this thread */

/*
 * What g++ throws. Each of its frames that has destructors to run goes on afterwards with
 * _Unwind_Resume, to where the frame that was going to catch wrote into the object; as nobody but
 * us is going to, we do (unwind-seh.c of libgcc).
 */
enum { STATUS_GCC_THROW = 0x20474343 };

struct gcc_object {
    ULONG64 class;
    void *cleanup;
    ULONG64 private[6];                 /* 1: frame, 2: address, 3: second register */
};

static void direct_gcc(EXCEPTION_RECORD *record, void *frame)
{
    struct gcc_object *object = (struct gcc_object *)record->ExceptionInformation[0];

    if (record->ExceptionCode != STATUS_GCC_THROW || !record->NumberParameters || !object) return;
    record->NumberParameters = 4;
    record->ExceptionInformation[1] = object->private[1] = (ULONG64)frame;
    record->ExceptionInformation[2] = object->private[2] = (ULONG64)guard_landing;
    record->ExceptionInformation[3] = object->private[3] = 0;
}

/* Asked once all frames within have declined. It is called again while they are unwound, and has
 * nothing to do then. */
EXCEPTION_DISPOSITION guard_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                    DISPATCHER_CONTEXT *dispatcher)
{
    if (record->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND))
        return ExceptionContinueSearch;
    *current = (struct fault){record->ExceptionCode, record->ExceptionAddress};
    direct_gcc(record, frame);
    RtlUnwindEx(frame, (void *)guard_landing, record, NULL, context, dispatcher->HistoryTable);
    return ExceptionContinueSearch;     /* never reached */
}

bool guard_run(void (*run)(void *argument), void *argument, struct fault *fault)
{
    struct fault *outer = current;
    bool thrown;

    *fault = (struct fault){0, NULL};
    current = fault;
    thrown = guard_frame(run, argument);
    current = outer;
    if (fault->code == EXCEPTION_STACK_OVERFLOW) _resetstkoflw();
    return !thrown;
}
