UNDER_WINE += acceptance/%
$(call tests,acceptance/probe_test): | $(OUT)/tests/modules/probe.dll

# For the administrator of a lab CA, shipped: the probe once more, finished as what is shipped, and its reader.
LAB     := $(addprefix $(OUT)/lab/,probe.dll lab_reader.exe)
HELPERS += $(LAB)
$(OUT)/lab/probe.dll: $(OUT)/obj/tests/modules/probe.o $(IIDS)
	$(call DO,LINK) $(CC) -shared $(LDFLAGS) $(MAP) -o $@ $(BY_NAME) $(LDLIBS) && $(FINISH)
$(OUT)/lab/lab_reader.exe: $(OUT)/obj/tests/acceptance/lab_reader.o
	$(call DO,LINK) $(CC) -municode $(LDFLAGS) $(MAP) -o $@ $(BY_NAME) $(LDLIBS) && $(FINISH)
