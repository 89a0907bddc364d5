NATIVELY += der/der_openssl_test.c der/der_values_openssl_test.c

$(call natives,der/der_openssl_test der/der_values_openssl_test): $(OUT)/native/tests/lib/der_theirs.o
$(patsubst tests/%.c,$(OUT)/native/tests/%,$(wildcard tests/der/*_fuzz.c)): $(OUT)/native/tests/lib/der_walk.o
