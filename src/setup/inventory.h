/* What is there: this machine, its CAs, the module and the scheduled task. */
#ifndef INVENTORY_H
#define INVENTORY_H

#include "cas.h"
#include "module.h"
#include "service.h"
#include "task.h"

struct machine {
    struct cas cas;
    struct module module;
    enum ca_service service;
    bool is_clustered, is_elevated;
    WCHAR program[TASK_PATH_MAX];       /* what the scheduled task runs: beside the module; "" where it cannot be told */
    enum task_state task;
};

#endif
