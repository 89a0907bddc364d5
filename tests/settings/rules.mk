UNDER_WINE += settings/%
BY_TURNS   += tests/settings/settings.t tests/settings/settings_refused.t

$(call tests,settings/settings_test settings/settings_write_test): $(SETTINGS) $(OUT)/obj/src/base/refusal_windows.o
