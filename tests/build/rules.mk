UNDER_WINE += build/%
BY_TURNS   += tests/build/demo.t
LAST       += tests/build/lines.t tests/build/proof.t

# headers.t compiles for half a minute; once it has passed it runs again when something that it looks at has changed.
HEADERS_OK := $(OUT)/tests/build/headers.ok
LOOKED_AT  := idl gen tests/build/dropin tests/build/headers.t tests/lib/tap.py tests/lib/commands.py Makefile \
              tests/build/rules.mk
UNCHANGED  += $(if $(shell find $(LOOKED_AT) -newer $(HEADERS_OK) 2>&1),,tests/build/headers.t)

# What Windows says of a signature.
TRUST      := $(call tests,build/signing/win_verify_trust)
HELPERS    += $(TRUST)
PROTECTED  += $(TRUST)
$(TRUST): $(OUT)/obj/tests/build/signing/win_verify_trust.o
	$(call DO,LINK) $(CC) -municode $(LDFLAGS) -o $@ $^ -lwintrust -lcrypt32
