# What `make bench` runs.
BENCHES   := $(call tests,bench/bare) $(OUT)/tests/bench/limit.dll $(OUT)/tests/modules/appender.dll \
             $(addprefix $(OUT)/linux/tests/bench/,journal_make generate sink)
PROTECTED += $(call tests,bench/bare)

# Makes large journals to measure with: tests/bench/journal.
$(OUT)/linux/tests/bench/journal_make: $(OUT)/linux/tests/bench/journal_make.o \
                $(filter $(OUT)/linux/src/base/% $(OUT)/linux/src/journal/%,$(SHIPPED))
	$(call DO,LINK) clang -o $@ $^ -lcrypto -lpthread
# Makes journals with their answers: tests/bench/README.md.
GENERATOR := $(patsubst %.c,$(OUT)/linux/%.o,$(wildcard tests/bench/generator/*.c))
HELPERS   += $(OUT)/linux/tests/bench/generate
$(OUT)/linux/tests/bench/generate: $(GENERATOR) $(filter $(OUT)/linux/src/base/% $(OUT)/linux/src/journal/%,$(SHIPPED))
	$(call DO,LINK) clang -o $@ $^ -lcrypto -lpthread
$(OUT)/tests/bench/%.exe: $(OUT)/obj/tests/bench/%.o ; $(call DO,LINK) $(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(OUT)/tests/bench/limit.dll: $(OUT)/obj/tests/bench/limit.o $(OUT)/obj/tests/modules/base.o $(IIDS) $(IMAGE)
	$(call DO,LINK) $(CC) -shared $(LDFLAGS) -o $@ $^ $(LDLIBS)
# A far end for the delivery: tests/bench/delivery.
$(OUT)/linux/tests/bench/sink: $(OUT)/linux/tests/bench/sink.o ; $(call DO,LINK) clang -o $@ $^
