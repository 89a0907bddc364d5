#include "request_thread.h"

#include <stdlib.h>
#include <string.h>

enum { AT_WORK, DONE, LEFT };

struct request_thread {
    struct os_thread *thread;
    int32_t state;
    bool removes;
    uint64_t writing;
    struct request_look look;
    char directory[];
};

static void work(struct request_thread *thread)
{
    struct disk_folder *folder;
    HRESULT hr = disk_view_folder(thread->directory, &folder);

    thread->look = (struct request_look){.state = REQUEST_UNREADABLE, .hr = hr};
    if (FAILED(hr)) return;
    if (thread->removes) thread->look.hr = disk_remove(folder, REQUEST_NAME);
    else request_look(folder, thread->writing, &thread->look);
    disk_close_folder(folder);
}

static void request_thread_run(void *context)
{
    struct request_thread *thread = context;

    work(thread);
    if (__atomic_exchange_n(&thread->state, DONE, __ATOMIC_ACQ_REL) == LEFT) free(thread);
}

static HRESULT request_thread_begin(const char *directory, bool removes, uint64_t writing,
                                    struct request_thread **out)
{
    struct request_thread *thread = *out = calloc(1, sizeof *thread + strlen(directory) + 1);
    HRESULT hr;

    if (!thread) return E_OUTOFMEMORY;
    strcpy(thread->directory, directory);
    thread->removes = removes;
    thread->writing = writing;
    if (SUCCEEDED(hr = os_thread_start(request_thread_run, thread, &thread->thread))) return hr;
    free(thread);
    *out = NULL;
    return hr;
}

HRESULT request_thread_look(const char *directory, uint64_t writing, struct request_thread **out)
{
    return request_thread_begin(directory, false, writing, out);
}

HRESULT request_thread_remove(const char *directory, struct request_thread **out)
{
    return request_thread_begin(directory, true, 0, out);
}

bool request_thread_end(struct request_thread *thread, uint32_t wait_ms, struct request_look *look)
{
    if (!os_thread_join(thread->thread, wait_ms)) return false;
    if (look) *look = thread->look;
    free(thread);
    return true;
}

void request_thread_leave(struct request_thread *thread)
{
    os_thread_forget(thread->thread);
    if (__atomic_exchange_n(&thread->state, LEFT, __ATOMIC_ACQ_REL) == DONE) free(thread);
}
