NATIVELY += delivery/%
BY_TURNS += tests/delivery/windows.t

delivery = $(patsubst %,$(OUT)/native/src/delivery/%.o,$(1))
$(call natives,delivery/state_test): $(call delivery,state park store) \
                $(patsubst %,$(OUT)/native/tests/lib/%.o,crash_disk power)
$(call natives,delivery/backoff_test): $(call delivery,backoff)
