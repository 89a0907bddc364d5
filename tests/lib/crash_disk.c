#include "crash_disk.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES 64

struct content {
    char *data;
    size_t size;
};

struct stored {
    char name[DISK_NAME_MAX];
    bool used, named;                           /* there; its name is on disk */
    size_t dirty, dirty_end;                    /* what the next flush brings to disk; a flush that failed may forget it */
    struct content seen, flushed;
};

/* Handles are dead once the volume was mounted anew. */
struct disk_file {
    struct stored *stored;
    unsigned mount;
};

struct disk_folder {
    bool view;
    unsigned mount;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct stored files[FILES];
static unsigned mount;
static bool moves;
static bool locked, stalled, loads_stalled, lie, no_cuts;
static HRESULT folder_refusal;
static char kept[DISK_NAME_MAX];
static uint64_t free_bytes, free_share;
static unsigned operations, listings, listings_refused, fail_at, fail_count;
static HRESULT failure, listings_refusal;
static struct crash_operation *journal;         /* the log; `logged` of `room` are used */
static size_t logged, room;

/* Inside the lock. */
static void note(enum crash_kind kind, const char *file, uint64_t offset, const void *data, size_t size, HRESULT hr)
{
    struct crash_operation *operation;

    if (logged == room) journal = realloc(journal, (room = room ? 2 * room : 64) * sizeof *journal);
    operation = &journal[logged++];
    *operation = (struct crash_operation){.kind = kind, .offset = offset, .size = size, .failed = FAILED(hr)};
    strcpy(operation->file, file);
    operation->forgotten = kind == CRASH_FLUSH && FAILED(hr) && lie;
    if (!data) return;
    operation->data = malloc(size + 1);
    memcpy(operation->data, data, size);
    operation->data[size] = 0;
}

const struct crash_operation *crash_disk_log(size_t *count)
{
    *count = logged;
    return journal;
}

void crash_disk_mark(uint64_t number)
{
    pthread_mutex_lock(&lock);
    note(CRASH_MARK, "", number, NULL, 0, S_OK);
    pthread_mutex_unlock(&lock);
}

static void set_content(struct content *to, const void *data, size_t size)
{
    char *copy = malloc(size + 1);

    if (size) memcpy(copy, data, size);
    free(to->data);
    to->data = copy;
    to->size = size;
}

static void forget(struct stored *file)
{
    free(file->seen.data);
    free(file->flushed.data);
    memset(file, 0, sizeof *file);
}

void crash_disk_begin(void)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < FILES; i++) forget(&files[i]);
    while (logged) free(journal[--logged].data);
    locked = stalled = loads_stalled = lie = no_cuts = moves = false;
    mount++;
    operations = listings = listings_refused = fail_at = fail_count = 0;
    free_bytes = UINT64_MAX;
    free_share = 0;
    folder_refusal = S_OK;
    kept[0] = 0;
    pthread_mutex_unlock(&lock);
}

void crash_disk_cut_power(void)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < FILES; i++) {
        if (!files[i].used) continue;
        if (!files[i].named) forget(&files[i]);
        else set_content(&files[i].seen, files[i].flushed.data, files[i].flushed.size);
    }
    locked = false;
    fail_at = fail_count = 0;
    pthread_mutex_unlock(&lock);
}

void crash_disk_fail(unsigned nth, unsigned more, HRESULT hr)
{
    pthread_mutex_lock(&lock);
    fail_at = operations + nth;
    fail_count = more + 1;
    failure = hr;
    pthread_mutex_unlock(&lock);
}

void crash_disk_lie_after_failure(void)
{
    pthread_mutex_lock(&lock);
    lie = true;
    pthread_mutex_unlock(&lock);
}

void crash_disk_refuse_cuts(bool refuse)
{
    pthread_mutex_lock(&lock);
    no_cuts = refuse;
    pthread_mutex_unlock(&lock);
}

void crash_disk_stall(bool stall)
{
    pthread_mutex_lock(&lock);
    stalled = stall;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void crash_disk_stall_loads(bool stall)
{
    pthread_mutex_lock(&lock);
    loads_stalled = stall;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void crash_disk_keep(const char *name, bool keep)
{
    pthread_mutex_lock(&lock);
    snprintf(kept, sizeof kept, "%s", keep ? name : "");
    pthread_mutex_unlock(&lock);
}

void crash_disk_refuse_folder(HRESULT hr)
{
    pthread_mutex_lock(&lock);
    folder_refusal = hr;
    pthread_mutex_unlock(&lock);
}

void crash_disk_move(bool elsewhere)
{
    pthread_mutex_lock(&lock);
    mount++;
    locked = elsewhere;
    pthread_mutex_unlock(&lock);
}

void crash_disk_move_at_failure(void)
{
    pthread_mutex_lock(&lock);
    moves = true;
    pthread_mutex_unlock(&lock);
}

bool crash_disk_has_moved(void)
{
    bool answer;

    pthread_mutex_lock(&lock);
    answer = !moves;
    pthread_mutex_unlock(&lock);
    return answer;
}

bool crash_disk_is_locked(void)
{
    bool answer;

    pthread_mutex_lock(&lock);
    answer = locked;
    pthread_mutex_unlock(&lock);
    return answer;
}

void crash_disk_leave_free(uint64_t bytes)
{
    pthread_mutex_lock(&lock);
    free_bytes = bytes;
    free_share = 0;
    pthread_mutex_unlock(&lock);
}

void crash_disk_shrink(uint64_t bytes, uint64_t share)
{
    pthread_mutex_lock(&lock);
    free_bytes = bytes;
    free_share = share;
    pthread_mutex_unlock(&lock);
}

uint64_t crash_disk_least_free(void)
{
    uint64_t bytes;

    pthread_mutex_lock(&lock);
    bytes = free_bytes;
    pthread_mutex_unlock(&lock);
    return bytes;
}

unsigned crash_disk_operations(void)
{
    unsigned count;

    pthread_mutex_lock(&lock);
    count = operations;
    pthread_mutex_unlock(&lock);
    return count;
}

unsigned crash_disk_listings(void)
{
    unsigned count;

    pthread_mutex_lock(&lock);
    count = listings;
    pthread_mutex_unlock(&lock);
    return count;
}

static struct stored *find(const char *name)
{
    for (int i = 0; i < FILES; i++) if (files[i].used && !strcmp(files[i].name, name)) return &files[i];
    return NULL;
}

void crash_disk_unflush(const char *name, size_t size)
{
    struct stored *file;

    pthread_mutex_lock(&lock);
    if ((file = find(name)) && size < file->flushed.size) {
        file->dirty = size;
        file->dirty_end = file->flushed.size;
        file->flushed.size = size;
    }
    pthread_mutex_unlock(&lock);
}

const char *crash_disk_file(const char *name, size_t *size)
{
    const struct stored *file;
    const char *data = NULL;

    pthread_mutex_lock(&lock);
    file = find(name);
    *size = file ? file->seen.size : 0;
    if (file) data = file->seen.data ? file->seen.data : "";
    pthread_mutex_unlock(&lock);
    return data;
}

static struct stored *add(const char *name)
{
    for (int i = 0; i < FILES; i++) {
        if (files[i].used) continue;
        files[i].used = true;
        strcpy(files[i].name, name);
        return &files[i];
    }
    return NULL;
}

void crash_disk_put(const char *name, const void *data, size_t size)
{
    struct stored *file;

    pthread_mutex_lock(&lock);
    file = find(name);
    if (file || (file = add(name))) {
        file->named = true;
        file->dirty = file->dirty_end = 0;
        set_content(&file->seen, data, size);
        set_content(&file->flushed, data, size);
    }
    pthread_mutex_unlock(&lock);
}

/* Inside the lock: one more write or flush. */
static HRESULT operate(void)
{
    bool fails;

    while (stalled) pthread_cond_wait(&changed, &lock);
    operations++;
    fails = fail_count && operations >= fail_at && operations < fail_at + fail_count;
    if (fails && moves) {
        moves = false;
        locked = true;
        mount++;
    }
    return fails ? failure : S_OK;
}

static struct disk_folder *new_folder(bool view)
{
    struct disk_folder *folder = malloc(sizeof *folder);

    *folder = (struct disk_folder){view, mount};
    return folder;
}

HRESULT disk_open_folder(const char *path, struct disk_folder **out)
{
    HRESULT hr;

    (void)path;
    pthread_mutex_lock(&lock);
    hr = folder_refusal;
    if (locked) hr = HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
    if (SUCCEEDED(hr)) locked = true;
    *out = SUCCEEDED(hr) ? new_folder(false) : NULL;
    pthread_mutex_unlock(&lock);
    return hr;
}

HRESULT disk_view_folder(const char *path, struct disk_folder **out)
{
    (void)path;
    pthread_mutex_lock(&lock);
    *out = new_folder(true);
    pthread_mutex_unlock(&lock);
    return S_OK;
}

HRESULT disk_is_same_folder(struct disk_folder *folder)
{
    HRESULT hr;

    pthread_mutex_lock(&lock);
    hr = folder->mount == mount ? S_OK : HRESULT_FROM_WIN32(6);         /* ERROR_INVALID_HANDLE */
    pthread_mutex_unlock(&lock);
    return hr;
}

HRESULT disk_guard(struct disk_folder *folder)
{
    (void)folder;
    return S_OK;
}

void disk_close_folder(struct disk_folder *folder)
{
    if (!folder) return;
    pthread_mutex_lock(&lock);
    if (!folder->view && folder->mount == mount) locked = false;
    pthread_mutex_unlock(&lock);
    free(folder);
}

void crash_disk_refuse_listings(unsigned times, HRESULT hr)
{
    pthread_mutex_lock(&lock);
    listings_refused = times;
    listings_refusal = hr;
    pthread_mutex_unlock(&lock);
}

HRESULT disk_list(struct disk_folder *folder, void (*each)(void *, const char *), void *context)
{
    HRESULT hr = S_OK;

    (void)folder;
    pthread_mutex_lock(&lock);
    listings++;
    if (listings_refused && listings_refused--) hr = listings_refusal;
    for (int i = 0; SUCCEEDED(hr) && i < FILES; i++) if (files[i].used && !strchr(files[i].name, '/')) each(context, files[i].name);
    pthread_mutex_unlock(&lock);
    return hr;
}

HRESULT disk_make_folder(struct disk_folder *folder, const char *name) { (void)folder; (void)name; return S_OK; }

HRESULT disk_flush_folder(struct disk_folder *folder)
{
    HRESULT hr;

    (void)folder;
    pthread_mutex_lock(&lock);
    if (SUCCEEDED(hr = operate())) for (int i = 0; i < FILES; i++) files[i].named = files[i].used;
    note(CRASH_FLUSH_FOLDER, "", 0, NULL, 0, hr);
    pthread_mutex_unlock(&lock);
    return hr;
}

HRESULT disk_free_bytes(struct disk_folder *folder, uint64_t *bytes)
{
    (void)folder;
    pthread_mutex_lock(&lock);
    *bytes = free_bytes;
    pthread_mutex_unlock(&lock);
    return S_OK;
}

HRESULT disk_remove(struct disk_folder *folder, const char *name)
{
    struct stored *file;
    HRESULT hr;

    (void)folder;
    pthread_mutex_lock(&lock);
    file = find(name);
    hr = file ? operate() : HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    if (!strcmp(name, kept)) hr = HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED);
    if (SUCCEEDED(hr)) forget(file);
    pthread_mutex_unlock(&lock);
    return hr;
}

static struct disk_file *new_file(struct stored *stored)
{
    struct disk_file *file = stored ? malloc(sizeof *file) : NULL;

    if (file) *file = (struct disk_file){stored, mount};
    return file;
}

static bool is_dead(const struct disk_file *file)
{
    return file->mount != mount;
}

#define DEAD HRESULT_FROM_WIN32(6)      /* ERROR_INVALID_HANDLE */

/* At once on disk: nothing of the chain is moved. */
HRESULT disk_move(struct disk_folder *folder, const char *from, const char *to)
{
    struct stored *file;
    HRESULT hr;

    (void)folder;
    pthread_mutex_lock(&lock);
    file = find(from);
    hr = file ? operate() : HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    if (SUCCEEDED(hr) && find(to)) hr = HRESULT_FROM_WIN32(ERROR_FILE_EXISTS);
    if (SUCCEEDED(hr)) strcpy(file->name, to);
    pthread_mutex_unlock(&lock);
    return hr;
}

HRESULT disk_create(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    HRESULT hr = E_OUTOFMEMORY;

    (void)folder;
    *out = NULL;
    pthread_mutex_lock(&lock);
    if (find(name)) hr = HRESULT_FROM_WIN32(ERROR_FILE_EXISTS);
    else if ((*out = new_file(add(name)))) hr = S_OK;
    if (*out) note(CRASH_CREATE, name, 0, NULL, 0, hr);
    pthread_mutex_unlock(&lock);
    return hr;
}

HRESULT disk_open(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    (void)folder;
    pthread_mutex_lock(&lock);
    *out = new_file(find(name));
    pthread_mutex_unlock(&lock);
    return *out ? S_OK : HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

HRESULT disk_view(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    return disk_open(folder, name, out);
}

void disk_close(struct disk_file *file) { free(file); }

HRESULT disk_is_same_file(struct disk_folder *folder, const char *name, struct disk_file *file)
{
    struct stored *there;

    (void)folder;
    pthread_mutex_lock(&lock);
    there = find(name);
    pthread_mutex_unlock(&lock);
    if (is_dead(file)) return DEAD;
    return !there ? HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) : there == file->stored ? S_OK : S_FALSE;
}

HRESULT disk_lock(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    HRESULT hr = disk_open(folder, name, out);

    return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ? disk_create(folder, name, out) : hr;
}

HRESULT disk_load(struct disk_folder *folder, const char *name, void *data, size_t room, size_t *size)
{
    struct disk_file *file;
    HRESULT hr = disk_open(folder, name, &file);

    *size = 0;
    if (FAILED(hr)) return hr;
    pthread_mutex_lock(&lock);
    while (loads_stalled) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    hr = disk_read(file, 0, data, room, size);
    disk_close(file);
    return hr;
}

HRESULT disk_size(struct disk_folder *folder, const char *name, uint64_t *size)
{
    struct disk_file *file;
    HRESULT hr = disk_view(folder, name, &file);

    *size = 0;
    if (FAILED(hr)) return hr;
    hr = disk_end(file, size);
    disk_close(file);
    return hr;
}

HRESULT disk_end(struct disk_file *handle, uint64_t *offset)
{
    struct stored *file = handle->stored;
    pthread_mutex_lock(&lock);
    *offset = file->seen.size;
    pthread_mutex_unlock(&lock);
    return is_dead(handle) ? DEAD : S_OK;
}

HRESULT disk_read(struct disk_file *handle, uint64_t offset, void *data, size_t size, size_t *got)
{
    struct stored *file = handle->stored;
    size_t left;

    pthread_mutex_lock(&lock);
    left = offset < file->seen.size ? file->seen.size - (size_t)offset : 0;
    *got = left < size ? left : size;
    if (*got) memcpy(data, file->seen.data + offset, *got);
    pthread_mutex_unlock(&lock);
    return is_dead(handle) ? DEAD : S_OK;
}

/* Bytes between the old end and `offset` become zeros. */
static void put(struct content *content, uint64_t offset, const void *data, size_t size)
{
    if (offset + size > content->size) {
        content->data = realloc(content->data, offset + size);
        if (offset > content->size) memset(content->data + content->size, 0, offset - content->size);
        content->size = offset + size;
    }
    if (size) memcpy(content->data + offset, data, size);
}

/* What a write takes of the volume: what makes the file longer. */
static void spend(uint64_t grown)
{
    free_bytes -= grown * free_share < free_bytes ? grown * free_share : free_bytes;
}

HRESULT disk_write(struct disk_file *handle, uint64_t offset, const void *data, size_t size)
{
    struct stored *file = handle->stored;
    HRESULT hr;

    pthread_mutex_lock(&lock);
    hr = is_dead(handle) ? DEAD : operate();
    if (hr == DEAD) size = 0;
    if (FAILED(hr)) size /= 2;
    note(CRASH_WRITE, file->name, offset, data, size, hr);
    if (offset + size > file->seen.size) spend(offset + size - file->seen.size);
    put(&file->seen, offset, data, size);
    if (file->dirty == file->dirty_end) file->dirty = offset;
    if (offset < file->dirty) file->dirty = offset;
    if (offset + size > file->dirty_end) file->dirty_end = offset + size;
    pthread_mutex_unlock(&lock);
    return hr;
}

HRESULT disk_cut(struct disk_file *handle, uint64_t size)
{
    struct stored *file = handle->stored;
    HRESULT hr;

    pthread_mutex_lock(&lock);
    hr = is_dead(handle) ? DEAD : no_cuts ? HRESULT_FROM_WIN32(1224) : S_OK;     /* ERROR_USER_MAPPED_FILE */
    if (SUCCEEDED(hr) && size < file->seen.size) file->seen.size = size;
    note(CRASH_CUT, file->name, size, NULL, 0, hr);
    pthread_mutex_unlock(&lock);
    return hr;
}

/* The file's length, and those bytes that are dirty. */
static void flush(struct stored *file)
{
    size_t end = file->dirty_end < file->seen.size ? file->dirty_end : file->seen.size;

    if (file->flushed.size < file->seen.size) put(&file->flushed, file->seen.size, "", 0);
    file->flushed.size = file->seen.size;
    if (file->dirty < end) memcpy(file->flushed.data + file->dirty, file->seen.data + file->dirty, end - file->dirty);
}

HRESULT disk_flush(struct disk_file *handle)
{
    struct stored *file = handle->stored;
    HRESULT hr;

    pthread_mutex_lock(&lock);
    hr = is_dead(handle) ? DEAD : operate();
    if (SUCCEEDED(hr)) flush(file);
    if (SUCCEEDED(hr) || lie) file->dirty = file->dirty_end = 0;
    note(CRASH_FLUSH, file->name, 0, NULL, 0, hr);
    pthread_mutex_unlock(&lock);
    return hr;
}
