# snapin plays the CA's snap-in, drive sits at screen and keyboard.
SNAPIN     := $(call tests,page/snapin page/drive)
UNDER_WINE += page/%
HELPERS    += $(SNAPIN)
PROTECTED  += $(SNAPIN)

$(call tests,page/page_state_test): $(OUT)/obj/src/page/state.o $(OUT)/obj/src/base/size_text.o
$(call tests,page/page_sign_test):  $(OUT)/obj/src/page/sign.o
$(call tests,page/page_sign_test):  LDLIBS += -lgdi32 -luser32
$(SNAPIN): $(OUT)/tests/page/%.exe: $(OUT)/obj/tests/page/%.o $(IIDS)
	$(call DO,LINK) $(CC) -municode $(LDFLAGS) -o $@ $^ $(LDLIBS)
