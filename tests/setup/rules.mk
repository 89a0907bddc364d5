UNDER_WINE += setup/%

$(call tests,setup/task_test): $(OUT)/obj/src/setup/task.o
