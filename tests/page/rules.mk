# snapin plays the CA's snap-in, drive sits at screen and keyboard.
SNAPIN     := $(call tests,page/snapin page/drive)
UNDER_WINE += page/%
HELPERS    += $(SNAPIN)
PROTECTED  += $(SNAPIN)

$(call tests,page/page_state_test): $(OUT)/obj/src/page/state.o
$(SNAPIN): $(OUT)/tests/page/%.exe: $(OUT)/obj/tests/page/%.o $(IIDS)
	$(call DO,LINK) $(CC) -municode $(LDFLAGS) -o $@ $^ $(LDLIBS)
