# Exit modules for the stub CA to load.
MODULES   := $(patsubst tests/%.c,$(OUT)/tests/%.dll,$(filter-out %/base.c,$(wildcard tests/modules/*.c)))
HELPERS   += $(MODULES)
PROTECTED += $(MODULES)

$(filter-out %/probe.dll %/appender.dll,$(MODULES)): $(OUT)/obj/tests/modules/base.o
$(addprefix $(OUT)/tests/modules/,right_catches.dll fault_throws_object.dll): $(OUT)/obj/tests/modules/throws.o
$(addprefix $(OUT)/tests/modules/,right_catches.dll fault_throws_object.dll): LDLIBS += -static -lstdc++
$(OUT)/obj/tests/modules/throws.o: tests/modules/throws.cpp tests/modules/throws.h | packages
	$(call DO,CXX) $(CXX) -O2 -g $(WARN) -c -o $@ $<
$(OUT)/tests/modules/%.dll: $(OUT)/obj/tests/modules/%.o $(IIDS)
	$(call DO,LINK) $(CC) -shared $(LDFLAGS) -o $@ $^ $(LDLIBS)
