# CertWitness. `make help` lists the targets, README.md says what they are for. V=1 shows every command.
OUT := build
Q   := $(if $(V),,@)
DO   = $(if $(V),,@printf '  %-5s %s\n' $(1) $@;) mkdir -p $(@D);
.DEFAULT_GOAL := all
# All processors, unless -j says otherwise; but what is asked for together, as `make clean all`, is made one after the
# other.
ifeq ($(MAKELEVEL)$(filter -j% --jobs%,$(MAKEFLAGS) $(shell echo "$$MAKEFLAGS"))$(word 2,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

PACKAGES := wine wine64 libwine libwine-dev wine64-tools libgnutls30 gcc-mingw-w64-x86-64 g++-mingw-w64-x86-64 \
            clang binutils libc6-dev libclang-rt-14-dev libssl-dev faketime openssl ca-certificates jq libjsmn-dev \
            python3 python3-jsonschema python3-pefile python3-olefile perl procps util-linux zip unzip \
            python3-yaml libxml2-utils osslsigncode softhsm2 libengine-pkcs11-openssl xvfb fonts-wine imagemagick \
            wixl msitools cmark-gfm libcurl4-openssl-dev patch xz-utils man-db

CC  := x86_64-w64-mingw32-gcc
CXX := x86_64-w64-mingw32-g++
RC  := x86_64-w64-mingw32-windres -c 65001
MC  := x86_64-w64-mingw32-windmc -C 65001
# Looked up when used: on a fresh machine the files are not there before the packages are.
WIDL = widl -b x86_64-w64-mingw32 -Oicf -Iidl -I$(dir $(shell dpkg -L libwine-dev | grep /windows/oaidl.idl$$)) \
       -L$(dir $(shell dpkg -L libwine | grep x86_64-windows/stdole2.tlb$$))

WARN     := -Wall -Wextra -Werror
CPPFLAGS := -DUNICODE -D_UNICODE -DCONST_VTABLE -DCOBJMACROS -D_WIN32_WINNT=0x0A00 \
            -Igen -Isrc -Iwine -Itests -I$(OUT)/include -MMD -MP
CFLAGS   := -std=gnu11 -O2 -g -ffunction-sections $(WARN) -Wdate-time -fstack-protector-strong \
                -ffile-prefix-map=$(CURDIR)=.
LDFLAGS  := -static-libgcc -Wl,--no-insert-timestamp,--dynamicbase,--nxcompat,--high-entropy-va
LDLIBS   := -lkernel32 -lsynchronization -lole32 -loleaut32 -luuid -ladvapi32 -lbcrypt -lcrypt32 -lversion -lwevtapi
CLANG    := clang -std=gnu11 -O1 -g $(WARN) -Isrc -Itests -I$(OUT)/include -MMD -MP
NATIVE   := $(CLANG) -fno-sanitize-recover=undefined -fsanitize=address,undefined,fuzzer-no-link
TSAN     := $(CLANG) -fsanitize=thread
LINUX    := $(CLANG) -O2 -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2 -ffile-prefix-map=$(CURDIR)=.

obj       = $(patsubst %.c,$(OUT)/obj/%.o,$(wildcard $(1)))
native    = $(patsubst %.c,$(OUT)/native/%.o,$(wildcard $(1)))
GEN_H    := $(patsubst idl/%.idl,gen/%.h,$(wildcard idl/*.idl))
MESSAGES := $(addprefix gen/messages,.h .rc _ENU.bin)
SAYS     := $(addprefix gen/delivery_messages,.h .rc _ENU.bin)       # the same of the delivery
IIDS     := $(patsubst %,$(OUT)/obj/gen/%_i.o,certexit certif certmod certwitness)
IMAGE    := $(call obj,src/image/*.c)
PROXIES  := $(patsubst %,$(OUT)/obj/gen/%.o,certexit_p certif_p certmod_p dlldata)
BASE     := $(filter-out %_posix.o,$(call obj,src/base/*.c))
DER      := $(call obj,src/der/*.c) $(OUT)/obj/src/base/base64.o
# Of src/base: what runs in the processes of the CA, its snap-in and the Windows Installer.
GROUND   := $(patsubst %,$(OUT)/obj/src/base/%.o,bytes digits folder_guard_windows folder_windows json json_check \
                os_windows refusal_windows utc utf16_windows utf8)
JOURNAL  := $(filter-out %_posix.o,$(call obj,src/journal/*.c)) $(GROUND)
# Of src/settings: what judges the setting Properties.
JUDGES   := $(patsubst %,$(OUT)/obj/src/settings/%.o,properties property_catalog secret)
SETTINGS := $(filter-out $(JUDGES),$(call obj,src/settings/*.c))
ACTIONS  := $(addprefix $(OUT)/obj/src/setup/,custom_action.o certwitness_setup.res)
SETUP    := $(call obj,src/registration/*.c) $(filter-out %/custom_action.o,$(call obj,src/setup/*.c))
# Of src/delivery: what others read of it, without a network.
PLACE    := src/delivery/place/*.c
READER   := $(filter-out %_posix.o %/main_windows.o,$(call obj,src/events/*.c src/facts/*.c src/cli/*.c \
                src/cli/*/*.c $(PLACE))) $(BASE) $(SETTINGS) $(JUDGES)
PROGRAM  := $(addprefix $(OUT)/obj/src/cli/,main_windows.o certwitness.res)
EVENTLOG := $(call obj,src/eventlog/*.c)
RECORDER := $(call obj,src/recorder/*.c src/registration/*.c) $(EVENTLOG) $(JUDGES) $(OUT)/obj/src/recorder/certwitness.res
# Of base, journal and settings what the module needs, and nothing else: it runs inside the CA.
RECORDS  := $(GROUND) $(patsubst %,$(OUT)/obj/src/%.o, \
                $(addprefix settings/,directory registry settings undo value) \
                $(addprefix journal/,aside damage_scan disk_windows head journal lifecycle_events line lock_windows \
                losses queue reader record recover request request_thread segment segment_list unwritten writer))
EXITPS   := $(PROXIES) $(call obj,src/proxies/*.c) $(OUT)/obj/src/proxies/certexitps.res
PAGE     := $(call obj,src/page/*.c) $(OUT)/obj/src/page/certwitness_page.res $(JUDGES) $(OUT)/obj/src/base/size_text.o \
                $(patsubst %,$(OUT)/obj/src/setup/%.o,cas exit_module_list listener schedule task)
STUBCA   := $(call obj,wine/stubca/*.c wine/stubca/*/*.c) $(OUT)/obj/wine/stubca/stubca.res \
                $(patsubst %,$(OUT)/obj/src/base/%.o,bytes digits json utf16_windows utf8)
HOSTED   := $(filter-out %_windows.o,$(call native, \
                $(addsuffix /*.c,$(addprefix src/,base der journal events facts cli cli/*)) $(PLACE)))
SHIPPED  := $(patsubst $(OUT)/native/%,$(OUT)/linux/%,$(HOSTED))
# The delivery apart: nothing else is linked with a network.
DELIVERS := $(filter-out $(HOSTED) %_windows.o,$(call native,src/delivery/*.c src/delivery/*/*.c))
DELIVERY := $(patsubst $(OUT)/native/%,$(OUT)/linux/%,$(DELIVERS)) $(filter $(addprefix $(OUT)/linux/src/, \
                base/% der/% journal/% events/% delivery/place/% cli/terminal/% cli/suggestion.o \
                cli/show/event_words.o cli/show/code_name.o),$(SHIPPED))
THREADED := $(patsubst $(OUT)/native/%,$(OUT)/tsan/%, \
                $(filter-out %_windows.o,$(call native,src/base/*.c src/journal/*.c)))

# The same for Windows, with libcurl, which takes a minute and a half to compile; `make demo` does without.
WINDOWS_DELIVERY := $(filter-out %_posix.o,$(call obj,$(addprefix src/,delivery/*.c delivery/*/*.c \
                events/*.c cli/terminal/*.c))) $(EVENTLOG) $(SETTINGS) $(JUDGES) \
                $(patsubst %,$(OUT)/obj/src/setup/%.o,cas delivery_service exit_module_list grant listener \
                service_account) $(patsubst %,$(OUT)/obj/src/registration/%.o,changes event_source) \
                $(patsubst %,$(OUT)/obj/src/cli/%.o,suggestion show/event_words show/code_name) \
                $(OUT)/obj/src/delivery/commands/certwitness-delivery.res
NET := $(call obj,src/delivery/net/*.c)

# What a single test needs besides, or has otherwise, is said beside it: tests/ROOM/rules.mk adds to these lists and
# uses the names above.
UNDER_WINE :=   # tests in C that run under Wine alone: journal/disk_test.c, or page/% for all of a room
NATIVELY   :=   # ... that run natively alone
TSAN_TESTS :=   # ... that run natively once more, under the thread sanitizer
BY_TURNS   :=   # scripts that use the Wine prefix of all
LAST       :=   # scripts that look at what the others leave behind
UNCHANGED  :=   # scripts that take long and have passed since what they look at has changed
# programs that tests run
HELPERS    := $(OUT)/tests/lib/helper.exe \
                $(addprefix $(OUT)/native/src/,cli/certwitness delivery/certwitness-delivery)
PROTECTED  := $(OUT)/tests/lib/helper.exe       # programs for Windows, but the tests, that need $(IMAGE)

# The programs of tests, by names such as recorder/com_test: for Windows, and for the machine that builds.
tests       = $(patsubst %,$(OUT)/tests/%.exe,$(1))
natives     = $(patsubst %,$(OUT)/native/tests/%,$(1))
include $(wildcard tests/*/rules.mk)

IN_C         := $(patsubst tests/%,%,$(wildcard tests/*/*_test.c))
PORTABLE     := $(call tests,$(basename $(filter-out $(UNDER_WINE) $(NATIVELY),$(IN_C))))
WINE_TESTS   := $(call tests,$(basename $(filter-out $(NATIVELY),$(IN_C))))
NATIVE_TESTS := $(call natives,$(basename $(filter-out $(UNDER_WINE),$(IN_C))))
THREAD_TESTS := $(patsubst %.c,$(OUT)/tsan/tests/%,$(TSAN_TESTS))
FUZZERS      := $(patsubst %.c,$(OUT)/native/%,$(wildcard tests/*/*_fuzz.c))
# `make check ONLY=journal` runs the tests of tests/journal alone; of several rooms: ONLY="journal cli".
room          = $(or $(wildcard tests/$(1)),$(error there is no folder tests/$(1)))
ROOMS        := $(foreach name,$(ONLY),$(call room,$(name)))
of_rooms      = $(if $(ROOMS),$(filter $(foreach room,$(ROOMS),$(room)/% \
                $(addsuffix /$(room)/%,$(OUT) $(OUT)/native $(OUT)/tsan)),$(1)),$(1))
PROGRAMS     := $(call of_rooms,$(WINE_TESTS) $(NATIVE_TESTS) $(THREAD_TESTS) $(FUZZERS))
SCRIPTS      := $(wildcard tests/*/*.t)
TESTS        := $(PROGRAMS) $(call of_rooms,$(filter-out $(UNCHANGED) $(LAST),$(SCRIPTS)))
# Of what uses one Wine prefix one runs at a time. These rows of turns come first, since they take longest; the rest runs
# beside them. tests/lib/machine.py: a script may name a prefix of its own, "install" or "stub".
on_machine    = $(if $(SCRIPTS),$(shell grep -l '^on_machine("$(1)")' $(SCRIPTS)))
row           = echo '  - seq:'; printf '      - "%s"\n' $(1);
RULES        := $(OUT)/rules.yml
RUN_TESTS     = HARNESS_RULESFILE=$(RULES) prove $(if $(V),-v) --timer -j4 --exec tests/run
# In the order of their basenames, so that a program's bytes do not depend on the folders that its sources lie in.
BY_NAME       = $(shell printf '%s\n' $(filter-out %/lean,$^) | awk -F/ '{ print $$NF, $$0 }' | LC_ALL=C sort | \
                cut -d' ' -f2)
MAP           = -Wl,-Map,$(OUT)/symbols/$(@F).map
FINISH        = src/image/finish $@ $(OUT)/symbols/$(@F).debug
BIN          := $(addprefix $(OUT)/bin/,certwitness.dll certwitness_page.dll certwitness.exe certwitness_setup.dll \
                certexitps.dll stubca.exe certwitness-delivery.exe) $(OUT)/native/certwitness $(OUT)/native/certwitness-delivery

all: $(BIN)   ## the module, its page, the program that reads journals, the proxies and the stub CA, in build/bin
demo: $(filter-out %/certwitness-delivery %/certwitness-delivery.exe,$(BIN)) ## a day in the life of a CA, recorded: real requests, certificates and CRLs
	$(Q)wine/run wine/demo
$(RULES):
	$(Q)mkdir -p $(@D) && { echo par:; $(foreach name,install stub,$(call row,$(call on_machine,$(name)))) \
		$(call row,'build/tests/**' $(BY_TURNS)) \
		printf '  - par:\n      - "**"\n'; } >$@
check: dist $(RULES) $(PROGRAMS) $(HELPERS) ## every test, or with ONLY=journal those of one room
	$(Q)rm -rf $(OUT)/tmp
	$(Q)wine/run env $(RUN_TESTS) $(TESTS)
	$(if $(ONLY),,$(Q)touch $(HEADERS_OK) && wine/run prove $(if $(V),-v) --exec tests/run $(LAST))
	$(if $(ONLY),,$(if $(UNCHANGED),@echo '$(UNCHANGED) passed before; nothing that it looks at has changed since'))
interop: dist $(JSON_JUDGE) ## after check: lines, SBOM and settings for other programs, read by libraries from npm and by rsyslog
	$(Q)command -v npm >/dev/null || .ci/packages nodejs npm
	$(Q)tests/interop/run
bench: all $(BENCHES) ## what module and reader cost, beside what cannot be had for less
	$(Q)wine/run tests/bench/bench
	$(Q)wine/run tests/bench/prune
	$(Q)tests/bench/show
	$(Q)tests/bench/verify
	$(Q)tests/bench/facts
	$(Q)tests/bench/delivery
	$(Q)wine/run tests/bench/beside
soak: all $(OUT)/tests/recorder/memory_test.exe $(HELPERS) ## kills by the thousand, every allocation refused, large journals
	$(Q)CERTWITNESS_CERTIFICATES=100000 CERTWITNESS_SEEDS=1,2,3 tests/facts/generated.t
	$(Q)CERTWITNESS_SWEEP=all wine/run build/tests/recorder/memory_test.exe && tests/recorder/memory.t
	$(Q)CERTWITNESS_KILLS=$${CERTWITNESS_KILLS:-2000} wine/run tests/recorder/kill.t
check-wine10: dist $(RULES) $(WINE_TESTS) $(HELPERS) ## programs for Windows tested under Debian 13's Wine 10, as root
	$(Q).ci/wine10 "env $(RUN_TESTS)" $(call of_rooms,$(WINE_TESTS) \
		$(filter-out $(LAST),$(SCRIPTS)))
fuzz: $(FUZZERS) ## each fuzzer for FUZZ_SECONDS, 60 if not said; what it finds stays in build/native
	$(Q)for fuzzer in $(FUZZERS); do FUZZ_SECONDS=$${FUZZ_SECONDS:-60} tests/run $$fuzzer || exit 1; done
dist: all $(LAB) ## what is shipped, reproducible: packages, SBOM and SHA-256 sums, in build/dist
	$(Q)src/packaging/dist $(OUT)/dist
sign: all $(LAB) ## the same, signed, in build/signed: CERT=chain.pem KEY=key.pem, or a token; see src/packaging/README.md
	$(Q)src/packaging/sign --check && src/packaging/dist $(OUT)/signed src/packaging/sign
clean:        ## remove everything that was made
	$(Q)rm -rf $(OUT) && find gen -type f ! -name README.md ! -name .gitignore -delete
help:         ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' Makefile | expand -t 20
packages: ; @.ci/packages $(PACKAGES)
package-names: ; @echo $(PACKAGES)
.PHONY: all demo check check-wine10 interop fuzz bench soak dist sign clean help packages package-names $(RULES)

# The programs: what each is linked of, and the libraries that it has besides.
$(OUT)/bin/certwitness.dll:       $(RECORDER) $(RECORDS) $(IIDS) src/recorder/certwitness.def src/image/lean
$(OUT)/bin/certwitness.exe:       $(PROGRAM) $(READER) $(SETUP) $(DER) $(JOURNAL) $(IIDS)
$(OUT)/bin/certwitness_page.dll:  $(PAGE) $(SETTINGS) $(JOURNAL) $(IIDS) src/page/certwitness_page.def
$(OUT)/bin/certwitness_setup.dll: $(ACTIONS) $(SETUP) $(SETTINGS) $(JOURNAL) $(IIDS) src/setup/certwitness_setup.def
$(OUT)/bin/certexitps.dll:        $(EXITPS) $(IIDS) src/proxies/certexitps.def
$(OUT)/bin/stubca.exe:            $(STUBCA) $(DER) $(IIDS) wine/stubca/stubca.def
$(OUT)/native/certwitness:        $(SHIPPED)
$(OUT)/native/certwitness-delivery: $(DELIVERY)
$(OUT)/bin/certwitness-delivery.exe: $(WINDOWS_DELIVERY) $(BASE) $(DER) $(JOURNAL) $(IIDS)

$(OUT)/bin/certwitness.dll:       LEAN   := src/image/lean
$(OUT)/bin/certwitness_page.dll:  LDLIBS := -lcomctl32 -lshell32 -lshlwapi -lgdi32 -luser32 $(LDLIBS)
$(OUT)/bin/certwitness_setup.dll: LDLIBS += -lmsi
$(OUT)/bin/certexitps.dll:        LDLIBS := -lrpcrt4 $(LDLIBS)
$(OUT)/bin/certwitness-delivery.exe: LDLIBS := $(OUT)/curl/libcurl.a -lws2_32 $(LDLIBS)

# For Linux, to ship; those for tests, under sanitizers, are build/native/src/cli/certwitness and so on.
$(OUT)/native/certwitness-delivery: CURL := -lcurl
$(OUT)/native/certwitness $(OUT)/native/certwitness-delivery:
	$(call DO,LINK) clang -pie -Wl,-z,relro,-z,now $(MAP) -o $@ $(BY_NAME) $(CURL) -lcrypto -lpthread && $(FINISH)
$(OUT)/native/src/delivery/certwitness-delivery: $(DELIVERS) $(OUT)/native/hosted.a
	$(call DO,LINK) $(NATIVE) -o $@ $^ -lcurl -lcrypto -lpthread
$(OUT)/native/src/cli/certwitness: $(OUT)/native/src/cli/main_posix.o $(OUT)/native/hosted.a
	$(call DO,LINK) $(NATIVE) -o $@ $^ -lcrypto -lpthread
$(OUT)/bin/%.dll: ; $(call DO,LINK) $(LEAN) $(CC) -shared $(LDFLAGS) $(MAP) -o $@ $(BY_NAME) $(LDLIBS) && $(FINISH)
$(OUT)/bin/%.exe:
	$(call DO,LINK) $(CC) -municode $(LDFLAGS) $(MAP) -o $@ $(BY_NAME) $(LDLIBS) && $(FINISH)
# Whatever is compiled with a stack protector needs one; what is shipped is finished besides.
$(filter $(OUT)/bin/%,$(BIN)) $(LAB) $(WINE_TESTS) $(PROTECTED): $(IMAGE)
$(IMAGE): src/image/finish
$(BIN) $(LAB): | $(OUT)/symbols/
$(OUT)/symbols/: ; @mkdir -p $@

$(READER): Makefile         # a pattern rule below is only used where make has heard of all that it needs
$(PORTABLE): $(OUT)/%.exe: $(OUT)/obj/%.o $(OUT)/obj/tests/lib/test.o $(READER) $(SETUP) $(DER) $(JOURNAL) $(IIDS)
	$(call DO,LINK) $(CC) $(LDFLAGS) -o $@ $(sort $^) $(LDLIBS)
$(OUT)/tests/lib/%.exe: $(OUT)/obj/tests/lib/%.o ; $(call DO,LINK) $(CC) -municode $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(OUT)/tests/%.exe: $(OUT)/obj/tests/%.o $(OUT)/obj/tests/lib/test.o $(IIDS)
	$(call DO,LINK) $(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(OUT)/native/%_test: $(OUT)/native/%_test.o $(OUT)/native/tests/lib/test.o $(OUT)/native/hosted.a
	$(call DO,LINK) $(NATIVE) -o $@ $(filter %.o,$^) $(filter %.a,$^) -lcrypto -lpthread
$(OUT)/native/%_fuzz: $(OUT)/native/%_fuzz.o $(OUT)/native/hosted.a
	$(call DO,FUZZ) $(NATIVE) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) -lcrypto -lpthread
$(OUT)/native/hosted.a: $(HOSTED)          # an archive, so that a test can bring a disk of its own
	$(call DO,AR) rm -f $@ && ar rcs $@ $^
# The journal with its threads once more, under the sanitizer that cannot be combined with the others.
$(OUT)/tsan/%_test: $(OUT)/tsan/%_test.o $(OUT)/tsan/tests/lib/test.o $(OUT)/tsan/hosted.a
	$(call DO,LINK) $(TSAN) -o $@ $(filter %.o,$^) $(filter %.a,$^) -lcrypto -lpthread
$(OUT)/tsan/hosted.a: $(THREADED) ; $(call DO,AR) rm -f $@ && ar rcs $@ $^

# What functions of the DLL take of the CA's stack: a page at most.
$(filter-out %.res,$(RECORDER) $(RECORDS)): CFLAGS += -Wframe-larger-than=4096
# Every object waits for all generated headers: else a parallel build silently takes MinGW's of the same name.
$(OUT)/obj/%.o: %.c $(GEN_H) Makefile ; $(call DO,CC) $(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(OUT)/native/%.o: %.c Makefile | packages ; $(call DO,CC) $(NATIVE) -c -o $@ $<
$(OUT)/obj/src/recorder/eventlog.o $(OUT)/obj/tests/recorder/eventlog_test.o: gen/messages.h
$(OUT)/obj/src/recorder/certwitness.res: $(MESSAGES)
$(patsubst %,$(OUT)/obj/src/delivery/commands/%_windows.o,report_way trail): gen/delivery_messages.h
$(OUT)/obj/src/delivery/commands/certwitness-delivery.res: $(SAYS)
$(OUT)/linux/%.o: %.c Makefile | packages ; $(call DO,CC) $(LINUX) -c -o $@ $<
$(OUT)/tsan/%.o: %.c Makefile | packages ; $(call DO,CC) $(TSAN) -c -o $@ $<
# libcurl for Windows, from Debian's source.
$(OUT)/curl/libcurl.a: src/delivery/curl/build src/delivery/curl/manual-validation.patch | packages
	$(call DO,CURL) src/delivery/curl/build $(@D) $(CC) x86_64-w64-mingw32-ar
$(NET): CPPFLAGS += -DCURL_STATICLIB -I$(OUT)/curl/include
$(NET): $(OUT)/curl/libcurl.a
$(OUT)/obj/%.res: %.rc $(GEN_H) gen/certwitness.tlb gen/certwitness.ico \
                $(wildcard src/version.h src/image/* src/page/*.h src/page/*.manifest wine/stubca/*.manifest)
	$(call DO,RC) $(RC) -O coff -Igen -Isrc -Isrc/image -I$(<D) -o $@ $<
$(PROXIES): CPPFLAGS += -DPROXY_DELEGATION -DPROXY_CLSID=CLSID_CertExitProxies -include src/proxies/widl.h
$(PROXIES): CFLAGS += -Wno-cast-function-type -Wno-missing-field-initializers

# gen/ belongs to widl and windmc: never edited, made again when the source is newer. A type library holds the time it
# was made at.
gen/%.h: idl/%.idl $(wildcard idl/*.idl) Makefile | packages ; $(call DO,IDL) $(WIDL) -h -o $@ $<
gen/%_i.c: idl/%.idl gen/%.h ; $(call DO,IDL) $(WIDL) -u -o $@ $<
gen/%_p.c: idl/%.idl gen/%.h ; $(call DO,IDL) $(WIDL) -p -H $*.h -o $@ $<
gen/dlldata.c: gen/certexit.h gen/certif.h gen/certmod.h
	$(call DO,IDL) $(WIDL) --dlldata-only -o $@ $(patsubst gen/%.h,%,$^)
gen/%.tlb: idl/%.idl gen/%.h ; $(call DO,IDL) TZ=UTC faketime -f '2024-01-01 00:00:00' $(WIDL) -t -o $@ $<
gen/certwitness.ico: src/image/icon | packages ; $(call DO,ICON) src/image/icon $@
# Lines end as Microsoft's compiler ends them: windmc takes those of its source.
gen/messages.mc: src/recorder/messages.mc
gen/delivery_messages.mc: src/delivery/commands/messages.mc
gen/messages.mc gen/delivery_messages.mc: Makefile | packages ; $(call DO,MC) sed 's/$$/\r/' $(filter %.mc,$^) >$@
$(MESSAGES) &: gen/messages.mc ; $(call DO,MC) $(MC) -h gen -r gen $<
$(SAYS) &: gen/delivery_messages.mc ; $(call DO,MC) $(MC) -h gen -r gen $<

.SECONDARY:                             # keep what pattern rules made, gen/ above all
.DELETE_ON_ERROR:
-include $(shell find $(OUT)/obj $(OUT)/native $(OUT)/linux $(OUT)/tsan -name '*.d' 2>/dev/null)
