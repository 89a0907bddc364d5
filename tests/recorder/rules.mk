UNDER_WINE += recorder/%
BY_TURNS   += $(patsubst %,tests/recorder/%.t,recorder memory above eventlog shim kill)

recorder    = $(patsubst %,$(OUT)/obj/src/recorder/%.o,$(1))
$(call tests,$(addprefix recorder/,recorder_test eventlog_dll_test location_test exceptions_test)): \
                $(OUT)/obj/tests/lib/fake_ca.o
$(call tests,recorder/exceptions_test): $(OUT)/obj/wine/stubca/host/guard.o
$(call tests,recorder/eventlog_test): $(call recorder,eventlog holder reason) $(EVENTLOG) \
                $(filter-out %/os_windows.o %/json_check.o,$(GROUND))
$(call tests,recorder/flood_test): $(call recorder,flood)
$(call tests,recorder/holder_test): $(call recorder,holder reason) $(JOURNAL)
$(call tests,recorder/properties_test): $(call recorder,event crls flood event_data server) \
                $(OUT)/obj/tests/lib/fake_ca.o $(JOURNAL) $(JUDGES)
$(call tests,recorder/memory_test): $(OUT)/obj/tests/lib/fake_ca.o $(JOURNAL)
