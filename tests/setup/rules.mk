UNDER_WINE += setup/%

$(call tests,setup/task_test): $(OUT)/obj/src/setup/task.o
$(call tests,setup/grant_test): $(patsubst %,$(OUT)/obj/src/setup/%.o,grant service_account) \
                $(filter-out %/json_check.o,$(GROUND))
