/* The scheduled task as the Task Scheduler is given it. */
#include "lib/test.h"

#include "setup/task.h"

#include <wchar.h>

static WCHAR xml[TASK_XML_MAX];

static bool has(const WCHAR *part) { return wcsstr(xml, part) != NULL; }

TEST(the_task_runs_prune_daily_as_system_by_its_full_path_in_quotes)
{
    task_spell(L"C:\\Program Files\\CertWitness\\certwitness.exe", xml);
    check(has(L"<Exec><Command>\"C:\\Program Files\\CertWitness\\certwitness.exe\"</Command><Arguments>prune</Arguments></Exec>"));
    check(has(L"<Principals><Principal id=\"System\"><UserId>S-1-5-18</UserId>"));
    check(has(L"<Actions Context=\"System\">"));
    check(has(L"<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>"));
    check(has(L"<StartWhenAvailable>true</StartWhenAvailable>"));
    check(has(L"<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>"));
}

TEST(no_path_can_put_an_element_into_the_task)
{
    WCHAR path[TASK_PATH_MAX] = L"C:\\a & b\"</Command><Command>calc.exe";

    task_spell(path, xml);
    check(has(L"<Command>\"C:\\a &amp; b\"</Command><Arguments>") && !has(L"calc.exe"));
    wmemset(path + 3, '&', TASK_PATH_MAX - 4);
    path[TASK_PATH_MAX - 1] = 0;
    task_spell(path, xml);
    check(has(L"</Task>\r\n"));
}

TEST(the_program_is_the_one_beside_the_module)
{
    WCHAR program[TASK_PATH_MAX], long_path[TASK_PATH_MAX + 20];

    check(task_program(L"C:\\P\\certwitness.dll", program));
    check_wide(program, L"C:\\P\\certwitness.exe");
    check(!task_program(L"certwitness.dll", program));
    wmemset(long_path, 'x', TASK_PATH_MAX + 10);
    wcscpy(long_path + TASK_PATH_MAX + 10, L"\\y");
    check(!task_program(long_path, program));
}

TEST(a_task_that_runs_anything_else_or_as_anybody_else_is_not_ours)
{
    static const WCHAR program[] = L"C:\\P\\certwitness.exe";
    static const struct { const WCHAR *from, *to; } changes[] = {
        {L"prune</Arguments>", L"prune --x</Arguments>"}, {L"<UserId>S-1-5-18<", L"<UserId>S-1-5-21-1-2-3-1001<"}, {L"certwitness.exe\"</Command>", L"certwitness.exe.cmd\"</Command>"},
        {L"</Exec>", L"</Exec><Exec><Command>calc.exe</Command></Exec>"}, {L"C:\\P\\certwitness.exe\"</Command>", L"C:\\Q\\certwitness.exe\"</Command>"},
    };
    static WCHAR changed[TASK_XML_MAX + 100];

    task_spell(program, xml);
    check(task_is_ours(xml, program));
    for (size_t i = 0; i < ARRAYSIZE(changes); i++) {
        WCHAR *at = wcsstr(xml, changes[i].from);

        if (!check(at != NULL)) continue;
        swprintf(changed, ARRAYSIZE(changed), L"%.*ls%ls%ls", (int)(at - xml), xml, changes[i].to, at + wcslen(changes[i].from));
        if (!check(!task_is_ours(changed, program))) test_note("    %ls", changes[i].to);
    }
}

TEST(a_path_that_the_task_scheduler_would_read_another_way_is_not_run)
{
    check(task_may_run(L"C:\\Program Files\\CertWitness\\certwitness.exe"));
    check(!task_may_run(L"C:\\%TEMP%\\certwitness.exe"));
    check(!task_may_run(L"C:\\100%\\certwitness.exe"));
    check(!task_may_run(L"C:\\$(Arg0)\\certwitness.exe"));
}
