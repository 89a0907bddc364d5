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
