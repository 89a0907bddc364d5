UNDER_WINE += stubca/%
BY_TURNS   += tests/stubca/load.t

# Everything of the stub CA but its main function.
$(OUT)/tests/stubca/%.exe: $(OUT)/obj/tests/stubca/%.o $(OUT)/obj/tests/lib/test.o \
                $(filter-out %/stubca.o,$(STUBCA)) $(DER) $(IIDS)
	$(call DO,LINK) $(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
