UNDER_WINE += journal/disk_test.c
NATIVELY   += $(patsubst %,journal/%_test.c,crash folder limits many_segments power_cut)
TSAN_TESTS += $(patsubst %,journal/%_test.c,journal reader read_ahead line losses crash limits)
PRINTERS   := $(call natives,journal/journal_verdict journal/journal_keeper)
HELPERS    += $(PRINTERS)

$(call tests,journal/disk_test): $(JOURNAL)
$(call natives,$(addprefix journal/,crash_test folder_test limits_test journal_reader_fuzz)): \
                $(OUT)/native/tests/lib/crash_disk.o
$(call natives,journal/power_cut_test): $(patsubst %,$(OUT)/native/tests/lib/%.o,crash_disk power)
$(addprefix $(OUT)/tsan/tests/journal/,crash_test limits_test): $(OUT)/tsan/tests/lib/crash_disk.o
$(PRINTERS): %: %.o $(OUT)/native/hosted.a
	$(call DO,LINK) $(NATIVE) -o $@ $^ -lcrypto -lpthread
