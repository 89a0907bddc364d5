#include "schedule.h"

bool schedule_is_wanted(const struct cas *cas)
{
    for (size_t i = 0; i < cas->count; i++)
        if (!cas->list[i].error && cas->list[i].settings.retain_days) return true;
    return false;
}

/* The task runs its program as SYSTEM. */
static bool schedule_judge(const WCHAR *program, struct folder_held *held,
                           const struct listener *listener)
{
    WCHAR why[FOLDER_WHY_MAX];

    if (!task_may_run(program)) {
        listener_tell(listener, TONE_REFUSED,
                      L"%ls: The Task Scheduler would read text between %% signs, or after $(, as "
                      L"a variable and run another file. Copy CertWitness "
                      L"to a folder without them, such as C:\\Program Files\\CertWitness, and run "
                      L"\"certwitness install\" from there.",
                      program);
        return false;
    }
    if (!folder_is_refused(folder_judge_file(program, held, why))) return true;
    listener_tell(listener, TONE_REFUSED,
                  L"%ls The Task Scheduler would run whatever is put there, as SYSTEM. Copy "
                  L"CertWitness to a folder that only administrators can "
                  L"write to, such as C:\\Program Files\\CertWitness, and run \"certwitness "
                  L"install\" from there.",
                  why);
    return false;
}

bool schedule_check(const WCHAR *program, const struct listener *listener)
{
    if (GetFileAttributesW(program) != INVALID_FILE_ATTRIBUTES)
        return schedule_judge(program, NULL, listener);
    listener_tell(listener, TONE_REFUSED,
                  L"%ls is not there, so RetainDays would have no effect. Keep certwitness.exe and "
                  L"certwitness.dll in one folder, or set "
                  L"RetainDays to 0.",
                  program);
    return false;
}

HRESULT schedule_make(const WCHAR *program, const struct listener *listener)
{
    struct folder_held held = {0};
    HRESULT hr = E_ACCESSDENIED;

    if (schedule_judge(program, &held, listener)) {
        hr = task_make(program);
        if (FAILED(hr))
            listener_tell(listener, TONE_REFUSED,
                          L"The task "
                          L"\"" TASK_NAME L"\" could not be made (error 0x%08lx). See whether the "
                                          L"Task Scheduler's service "
                          L"runs; the manual has the line for a schedule of your own.",
                          hr);
    }
    folder_let_go(&held);
    return hr;
}

HRESULT schedule_remove(const struct listener *listener)
{
    HRESULT hr = task_remove();

    if (FAILED(hr))
        listener_tell(listener, TONE_REFUSED,
                      L"The task "
                      L"\"" TASK_NAME L"\" could not be removed (error 0x%08lx). Remove it in the "
                                      L"Task Scheduler.",
                      hr);
    return hr;
}

static HRESULT schedule_make_told(const WCHAR *program, const struct listener *listener)
{
    HRESULT hr =
        schedule_check(program, listener) ? schedule_make(program, listener) : E_ACCESSDENIED;

    if (SUCCEEDED(hr))
        listener_tell(listener, TONE_DONE,
                      L"The task \"" TASK_NAME L"\" removes old files each day, through %ls.",
                      program);
    return hr;
}

static HRESULT schedule_remove_told(const struct listener *listener)
{
    HRESULT hr = schedule_remove(listener);

    if (SUCCEEDED(hr))
        listener_tell(listener, TONE_DONE,
                      L"No CA of this machine has RetainDays set any more: the task "
                      L"\"" TASK_NAME L"\" was removed.");
    return hr;
}

/* If a CA cannot be read, nothing is removed: that CA may want the task. */
static HRESULT follow(const WCHAR *program, const struct cas *cas, const struct listener *listener)
{
    enum task_state task = task_look(program);

    if (schedule_is_wanted(cas))
        return task == TASK_OURS ? S_OK : schedule_make_told(program, listener);
    return task == TASK_NONE || task == TASK_UNKNOWN || cas->error ? S_OK
                                                                   : schedule_remove_told(listener);
}

HRESULT schedule_follow(const WCHAR *beside, const struct listener *listener)
{
    WCHAR program[TASK_PATH_MAX];
    struct cas cas;
    HRESULT hr;

    if (!task_program(beside, program)) {
        listener_tell(listener, TONE_REFUSED,
                      L"The path of certwitness.exe is too long to be scheduled.");
        return HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
    }
    if (FAILED(hr = cas_read(&cas)))
        listener_tell(listener, TONE_REFUSED, L"There is not enough memory.");
    else {
        hr = follow(program, &cas, listener);
        cas_free(&cas);
    }
    return hr;
}
