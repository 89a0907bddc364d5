/* What Microsoft puts into certificates and requests, byte by byte. */
#include "lib/test.h"
#include "der/general_name.h"
#include "der/identifier.h"
#include "der/microsoft.h"
#include "der/policy.h"
#include "der/value.h"

#include <string.h>

#define BYTES(text) ((struct der_bytes){(const void *)("" text), sizeof "" text - 1})
#define CHECK_BYTES(got, text) check_bytes((got).data, (got).size, "" text, sizeof "" text - 1)

static struct der_fault fault;

TEST(client_info_names_machine_user_and_process)
{
    struct client_info info;
    int64_t client;

    memset(&info, 0xA5, sizeof info);
    check(client_info_read(BYTES("\x30\x14\x02\x01\x09\x0C\x02pc\x0C\x03" "D\\a\x0C\x06" "mmc\xC3\xBCx"), &info, &fault, NULL));
    check(der_number(info.client, &client) && client == CLIENT_CERTREQ);
    CHECK_BYTES(info.machine.content, "pc");
    CHECK_BYTES(info.user.content, "D\\a");
    CHECK_BYTES(info.process.content, "mmc\xC3\xBCx");
    check_int(info.process.tag, DER_UTF8_STRING);
}

TEST(client_info_may_end_early_but_holds_nothing_else)
{
    struct client_info info;

    check(client_info_read(BYTES("\x30\x06\x02\x01\x05\x0C\x01p"), &info, &fault, NULL));
    check(info.machine.tag && !info.user.tag && !info.process.tag);
    memset(&info, 0xA5, sizeof info);
    check(!client_info_read(BYTES("\x30\x05\x02\x01\x05\x05\x00"), &info, &fault, NULL));
    check(fault.error == DER_E_CHOICE && fault.offset == 5 && !info.client.size && !info.machine.tag);
    check(!client_info_read(BYTES("\x30\x0F\x02\x01\x05\x0C\x01p\x0C\x01q\x0C\x01r\x0C\x01s"), &info, &fault, NULL));
    check(fault.error == DER_E_TRAILING && fault.offset == 14);
    check(!client_info_read(BYTES(""), &info, &fault, NULL) && fault.error == DER_E_MISSING);
}

TEST(a_key_provider_is_its_specification_and_its_name)
{
    struct key_provider provider;

    check(key_provider_read(BYTES("\x30\x0C\x02\x01\x01\x1E\x04\0K\0S\x03\x01\0"), &provider, &fault, NULL));
    CHECK_BYTES(provider.key_spec, "\x01");
    CHECK_BYTES(provider.name.content, "\0K\0S");
    memset(&provider, 0xA5, sizeof provider);
    check(!key_provider_read(BYTES("\x30\x08\x02\x01\x01\x1E\x03\0KS"), &provider, &fault, NULL));
    check(fault.error == DER_E_TEXT_SIZE && !provider.key_spec.size && !provider.name.tag);
}

TEST(the_version_of_windows_is_text)
{
    struct der_value version;

    check(os_version_read(BYTES("\x16\x0A" "10.0.20348"), &version, &fault, NULL));
    CHECK_BYTES(version.content, "10.0.20348");
    memset(&version, 0xA5, sizeof version);
    check(!os_version_read(BYTES("\x02\x01\x0A"), &version, &fault, NULL) && !version.tag);
    check_int(fault.error, DER_E_CHOICE);
}

TEST(pairs_give_their_values_but_for_passwords)
{
    struct name_value_pair pair;
    struct der cursor;

    name_value_pairs_begin(&cursor, &fault, NULL, BYTES("\x30\x06\x0C\x01n\x0C\x01v" "\x30\x11\x0C\x0B" "Chal-lenge:\x0C\x02pw"
                                                  "\x30\x16\x0C\x11" "expected CHALLENG\x0C\x01y"
                                                  "\x30\x18\x16\x12" "expected_CHALLENGE\x0C\x02pw"));
    check(name_value_pairs_next(&cursor, &pair) && !pair.secret);
    CHECK_BYTES(pair.value.content, "v");
    check(name_value_pairs_next(&cursor, &pair) && pair.secret && !pair.value.tag && !pair.value.whole.size);
    check(name_value_pairs_next(&cursor, &pair) && !pair.secret && pair.value.tag);
    check(name_value_pairs_next(&cursor, &pair) && pair.secret && !pair.value.content.size);
    check(!name_value_pairs_next(&cursor, &pair) && !pair.name.tag && !fault.error);
}

TEST(a_template_has_a_name_or_a_number_and_versions)
{
    struct template_info template;
    struct der_value name;

    check(template_name_read(BYTES("\x1E\x08\0U\0s\0e\0r"), &name, &fault, NULL));
    check_int(name.tag, DER_BMP_STRING);
    check(!template_name_read(BYTES("\x1E\x02\0U\0"), &name, &fault, NULL) && !name.tag);
    check_int(fault.error, DER_E_TRAILING);
    check(template_info_read(BYTES("\x30\x0A\x06\x02\x2A\x03\x02\x01\x64\x02\x01\x07"), &template, &fault, NULL));
    CHECK_BYTES(template.oid, "\x2A\x03");
    CHECK_BYTES(template.major, "\x64");
    CHECK_BYTES(template.minor, "\x07");
    check(template_info_read(BYTES("\x30\x04\x06\x02\x2A\x03"), &template, &fault, NULL) && !template.major.size && !template.minor.size);
    check(!template_info_read(BYTES("\x30\x03\x02\x01\x64"), &template, &fault, NULL) && fault.error == DER_E_TAG && !template.oid.size);
}

TEST(a_ca_version_is_two_numbers_in_one)
{
    unsigned certificate = 77, key = 77;

    check(ca_version_read(BYTES("\x02\x03\x02\x00\x03"), &certificate, &key, &fault, NULL));
    check(certificate == 3 && key == 2);
    check(ca_version_read(BYTES("\x02\x05\x00\xFF\xFF\xFF\xFE"), &certificate, &key, &fault, NULL));
    check(certificate == 0xFFFE && key == 0xFFFF);
    check(!ca_version_read(BYTES("\x02\x05\x01\x00\x00\x00\x00"), &certificate, &key, &fault, NULL));
    check(fault.error == DER_E_INTEGER_TOO_LARGE && !certificate && !key);
    check(!ca_version_read(BYTES("\x02\x09\x01\x00\x00\x00\x00\x00\x00\x00\x00"), &certificate, &key, &fault, NULL));
    check_int(fault.error, DER_E_INTEGER_TOO_LARGE);
    check(!ca_version_read(BYTES("\x02\x01\xFF"), &certificate, &key, &fault, NULL) && fault.error == DER_E_INTEGER_NEGATIVE);
}

#define MS "\x2B\x06\x01\x04\x01\x82\x37"

static struct general_name the_name(struct der_bytes value)
{
    struct general_name name;
    struct der cursor;

    check(general_names_begin(&cursor, &fault, NULL, value));
    check(general_names_next(&cursor, &name));
    return name;
}

TEST(an_accounts_sid_is_text_in_an_octet_string)
{
    struct general_name name = the_name(BYTES("\x30\x17\xA0\x15\x06\x0A" MS "\x19\x02\x01\xA0\x07\x04\x05S-1-5"));
    struct der_bytes text;

    check(general_name_sid(&name, &text));
    CHECK_BYTES(text, "S-1-5");
    check(!general_name_upn(&name, &text) && !text.size);
    check(!general_name_guid(&name, &text) && !text.size);
    name = the_name(BYTES("\x30\x17\xA0\x15\x06\x0A" MS "\x19\x02\x01\xA0\x07\x0C\x05S-1-5"));         /* a string of another kind */
    check(!general_name_sid(&name, &text) && !text.size);
}

TEST(a_domain_controllers_guid_has_sixteen_bytes)
{
    struct general_name name = the_name(BYTES("\x30\x21\xA0\x1F\x06\x09" MS "\x19\x01\xA0\x12\x04\x10" "0123456789abcdef"));
    struct der_bytes bytes;

    check(general_name_guid(&name, &bytes));
    CHECK_BYTES(bytes, "0123456789abcdef");
    name = the_name(BYTES("\x30\x20\xA0\x1E\x06\x09" MS "\x19\x01\xA0\x11\x04\x0F" "0123456789abcde"));
    check(!general_name_guid(&name, &bytes) && !bytes.size);
}

TEST(a_kerberos_name_comes_in_its_components)
{
    struct general_name name = the_name(BYTES("\x30\x2B\xA0\x29\x06\x06\x2B\x06\x01\x05\x02\x02\xA0\x1F\x30\x1D"
                                              "\xA0\x06\x1B\x04" "DEMO" "\xA1\x13\x30\x11\xA0\x03\x02\x01\x01"
                                              "\xA1\x0A\x30\x08\x1B\x02" "ab" "\x1B\x02" "cd"));
    struct der_bytes realm, parts, part;
    struct der cursor;

    check(general_name_kerberos(&name, &realm, &parts));
    CHECK_BYTES(realm, "DEMO");
    kerberos_begin(&cursor, &fault, parts);
    check(kerberos_next(&cursor, &part));
    CHECK_BYTES(part, "ab");
    check(kerberos_next(&cursor, &part));
    CHECK_BYTES(part, "cd");
    check(!kerberos_next(&cursor, &part) && !part.size && !fault.error);
    name.value.content.size--;                          /* cut */
    check(!general_name_kerberos(&name, &realm, &parts) && !realm.size && !parts.size);
}

TEST(application_policies_are_written_as_certificate_policies_are)
{
    struct policy policy;
    struct der cursor;

    check(policies_begin(&cursor, &fault, NULL, BYTES("\x30\x0C\x30\x04\x06\x02\x2A\x03\x30\x04\x06\x02\x2A\x04")));
    check(policies_next(&cursor, &policy) && !policy.qualifiers.size);
    CHECK_BYTES(policy.oid, "\x2A\x03");
    check(policies_next(&cursor, &policy));
    check(!policies_next(&cursor, &policy) && !policy.oid.size && !fault.error);
    check(!policies_begin(&cursor, &fault, NULL, BYTES("\x30\x00")) && fault.error == DER_E_EMPTY);
    check(policies_begin(&cursor, &fault, NULL, BYTES("\x30\x08\x30\x06\x06\x02\x2A\x03\x30\x00")));
    check(!policies_next(&cursor, &policy) && fault.error == DER_E_EMPTY && fault.offset == 8 && !policy.oid.size);
}
