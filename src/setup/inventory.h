/* The current state: this machine, its CAs, the module and the scheduled task. */
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
    WCHAR program[TASK_PATH_MAX];       /* the program that the scheduled task should run, beside
                                         * the module; "" if it cannot be determined */
    enum task_state task;
};

#endif
