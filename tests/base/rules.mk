UNDER_WINE += base/folder_guard_test.c
TSAN_TESTS += base/json_test.c base/json_check_test.c

$(call tests,base/folder_guard_test): $(JOURNAL)

# For tests/interop.
JSON_JUDGE := $(call natives,base/json_judge)
$(JSON_JUDGE): %: %.o $(OUT)/native/hosted.a
	$(call DO,LINK) $(NATIVE) -o $@ $^ -lcrypto -lpthread

# jsmn, from Debian, is the reference for the places of values. The file and not its folder: the system's own headers
# lie there.
$(OUT)/native/tests/base/json_places_fuzz.o: $(OUT)/include/jsmn.h
$(OUT)/include/jsmn.h: | packages ; @mkdir -p $(@D) && cp $$(dpkg -L libjsmn-dev | grep /jsmn.h$$) $@
