UNDER_WINE += base/folder_guard_test.c
TSAN_TESTS += base/json_test.c base/json_check_test.c

$(call tests,base/folder_guard_test): $(JOURNAL)
