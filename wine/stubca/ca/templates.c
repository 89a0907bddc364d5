/* Certificate templates. */
#include "templates.h"

#include "stubca/base/der_write.h"
#include "stubca/base/heap.h"

#include <stdlib.h>
#include <string.h>

struct templates {
    struct template *templates;
    size_t count;
};

struct templates *templates_open(void)
{
    return heap_take(sizeof(struct templates));
}

static void template_empty(struct template *template)
{
    for (char **oid = template->extended_key_usage; oid && *oid; oid++) free(*oid);
    free(template->extended_key_usage);
    for (char **oid = template->takes; oid && *oid; oid++) free(*oid);
    free(template->takes);
    free(template->name);
    free(template->oid);
}

void templates_close(struct templates *templates)
{
    if (!templates) return;
    for (size_t i = 0; i < templates->count; i++) template_empty(&templates->templates[i]);
    free(templates->templates);
    free(templates);
}

static bool answers_to(const struct template *template, const char *name)
{
    return !_stricmp(template->name, name) || (template->oid && !strcmp(template->oid, name));
}

const struct template *templates_find(const struct templates *templates, const char *name)
{
    for (size_t i = 0; i < templates->count; i++) {
        if (answers_to(&templates->templates[i], name)) return &templates->templates[i];
    }
    return NULL;
}

void templates_add(struct templates *templates, const struct template *template)
{
    struct template *place = (struct template *)templates_find(templates, template->name);

    if (place) {
        template_empty(place);
    } else {
        templates->templates =
            heap_grow(templates->templates, (templates->count + 1) * sizeof *templates->templates);
        place = &templates->templates[templates->count++];
    }
    *place = *template;
}

static const struct { const char *word, *oid; } usages[] = {
    {"serverAuth", "1.3.6.1.5.5.7.3.1"},
    {"clientAuth", "1.3.6.1.5.5.7.3.2"},
    {"codeSigning", "1.3.6.1.5.5.7.3.3"},
    {"emailProtection", "1.3.6.1.5.5.7.3.4"},
    {"timeStamping", "1.3.6.1.5.5.7.3.8"},
    {"ocspSigning", "1.3.6.1.5.5.7.3.9"},
    {"smartcardLogon", "1.3.6.1.4.1.311.20.2.2"},
    {"enrollmentAgent", "1.3.6.1.4.1.311.20.2.1"},
    {"efs", "1.3.6.1.4.1.311.10.3.4"},
};

const char *extended_key_usage_oid(const char *word)
{
    for (size_t i = 0; i < ARRAYSIZE(usages); i++) {
        if (!_stricmp(usages[i].word, word)) return usages[i].oid;
    }
    return is_dotted_oid(word) ? word : NULL;
}

const char *taken_extension_oid(const char *word)
{
    if (!_stricmp(word, "sid")) return "1.3.6.1.4.1.311.25.2";
    if (!_stricmp(word, "policies")) return "1.3.6.1.4.1.311.21.10";
    return is_dotted_oid(word) ? word : NULL;
}

/* Whoever writes it into certificates knows best. */
bool is_dotted_oid(const char *text)
{
    struct der_writer writer = {0};

    der_put_oid(&writer, text);
    free(writer.data);
    return SUCCEEDED(writer.result);
}

unsigned key_usage_bit(const char *word)
{
    static const char *const words[] = {
        "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
        "keyAgreement",     "keyCertSign",    "cRLSign",
    };

    for (size_t i = 0; i < ARRAYSIZE(words); i++) {
        if (!_stricmp(words[i], word)) return 1u << i;
    }
    return 0;
}
