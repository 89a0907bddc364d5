# Libraries between Wine and the kernel. For a process that is no program of ours: no sanitizers.
SHIMS   := $(patsubst %.c,$(OUT)/native/%.so,$(wildcard tests/shim/*.c))
HELPERS += $(SHIMS)

$(OUT)/native/tests/shim/%.so: tests/shim/%.c Makefile | packages
	$(call DO,SHIM) clang -std=gnu11 -O1 -g $(WARN) -shared -fPIC -o $@ $<
