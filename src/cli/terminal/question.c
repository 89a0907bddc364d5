#include "question.h"

#include "console.h"
#include "console_system.h"

#include <stdio.h>
#include <string.h>

bool question_can_be_asked(void)
{
    return console_system_is_terminal(CONSOLE_IN);
}

bool question_agreed(const char *question)
{
    char answer[8] = "";

    console_print("%s Type yes: ", question);
    console_flush();
    return fgets(answer, sizeof answer, stdin) && !strncmp(answer, "yes", 3) &&
           (!answer[3] || strchr("\r\n", answer[3]));
}
