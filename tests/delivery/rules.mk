NATIVELY += delivery/%
BY_TURNS += tests/delivery/windows.t

delivery = $(patsubst %,$(OUT)/native/src/delivery/%.o,$(1))
$(call natives,delivery/state_test): $(call delivery,state park store) \
                $(patsubst %,$(OUT)/native/tests/lib/%.o,crash_disk power)
$(call natives,delivery/backoff_test): $(call delivery,pace/backoff)
$(call natives,delivery/batch_limit_test): $(call delivery,pace/batch_limit)
$(call natives,delivery/refused_row_test): $(call delivery,pace/refused_row)
$(call natives,delivery/unacknowledged_test): $(call delivery,unacknowledged)
$(call natives,delivery/owner_test): $(call delivery,owner_posix)
$(call natives,delivery/relp_fuzz): $(call delivery,syslog/relp_frame)
$(call natives,delivery/last_words_test): $(call delivery,program/last_words)
$(call natives,delivery/process_test): $(call delivery,program/process_posix program/last_words)
$(call natives,delivery/mail_rate_test): $(call delivery,mail/mail_rate)
$(call natives,delivery/quote_test): $(call delivery,net/quote)

# For windows.t: one puts a client certificate into the machine's store, one says much on standard error.
HELPERS   += $(OUT)/tests/delivery/store_import.exe $(OUT)/tests/delivery/talker.exe
PROTECTED += $(OUT)/tests/delivery/store_import.exe $(OUT)/tests/delivery/talker.exe
$(OUT)/tests/delivery/talker.exe: $(OUT)/obj/tests/delivery/talker.o ; $(call DO,LINK) $(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(OUT)/tests/delivery/store_import.exe: $(OUT)/obj/tests/delivery/store_import.o
	$(call DO,LINK) $(CC) -municode $(LDFLAGS) -o $@ $^ $(LDLIBS)
