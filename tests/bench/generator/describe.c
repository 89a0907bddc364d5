/* What a request and its certificate hold: world_describe. */
#include "random.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define DOMAIN_SID "S-1-5-21-1004336348-1177238915-682003330-"

enum { ADMINISTRATORS = 40, BACKDATED_SECONDS = 600 };
/* Of the first items that have an RSA key, each whose number is a multiple has a true one. */
enum { TRUE_AMONG = 640, TRUE_EACH = 32 };

static const char *const given[] = {"Anna", "Ben", "Clara", "David", "Elif", "Frank", "Greta", "Hugo", "Ida", "Jonas", "Katja",
                                    "Lars", "Mia", "Noah", "Olga", "Paul", "Rita", "Sören", "Tina", "Zoë"},
                  *const family[] = {"Bauer", "Keller", "Lang", "Müller", "Novak", "Groß", "Peters", "Rossi", "Schmidt", "Weiß"},
                  *const plain_given[] = {"anna", "ben", "clara", "david", "elif", "frank", "greta", "hugo", "ida", "jonas", "katja",
                                          "lars", "mia", "noah", "olga", "paul", "rita", "soeren", "tina", "zoe"},
                  *const plain_family[] = {"bauer", "keller", "lang", "mueller", "novak", "gross", "peters", "rossi", "schmidt", "weiss"};

static const char *const holdings[HOLDING_COUNT] = {
    "plain", "chain-of-three", "load-balanced", "lost-key", "renewal-revoked", "other-template", "other-names", "probable",
    "other-letters", "ends-earlier",
};

const char *holding_name(enum holding holding)
{
    return holdings[holding];
}

#define set(field, ...) snprintf(field, sizeof(field), __VA_ARGS__)

static void describe_user(const struct world *world, uint32_t holder, struct issue *issue)
{
    uint64_t draw = random_at(world->seed, holder, DRAW_NAME);
    unsigned one = draw % COUNT(given), other = draw / 100 % COUNT(family);
    bool long_name = draw / 10000 % 10 < 3;             /* given.family, as the directory of many has it */
    char account[48], mail[64];

    set(account, "%c%s%u", plain_given[one][0], plain_family[other], holder);
    set(mail, "%s.%s%u@corp.example", plain_given[one], plain_family[other], holder);
    set(issue->requester, "CORP\\%s", account);
    set(issue->cn, "%s %s %u", given[one], family[other], holder);
    set(issue->ou, "People");
    if (long_name) set(issue->names, "upn:%s\nemail:%s", mail, mail);
    else set(issue->names, "upn:%s@corp.example\nemail:%s", account, mail);
    set(issue->machine, "pc%u.corp.example", holder % 9000 + 1000);
    set(issue->user, "%s", issue->requester);
}

static void describe_machine(uint32_t holder, struct issue *issue)
{
    if (holder < 1000) set(issue->requester, "CORP\\SRV%02u$", holder);
    else set(issue->requester, "CORP\\PC%05u$", holder);
    if (holder < 1000) set(issue->machine, "srv%02u.corp.example", holder);
    else set(issue->machine, "pc%05u.corp.example", holder);
    set(issue->cn, "%s", issue->machine);
    set(issue->ou, "Computers");
    set(issue->names, "dns:%s", issue->machine);
    set(issue->user, "%s", issue->requester);
}

static void upper(char *text)
{
    for (; *text; text++)
        if (*text >= 'a' && *text <= 'z') *text -= 'a' - 'A';
}

/* Names in capitals, their types as they are. */
static void upper_names(char *names)
{
    for (char *line = names; line; line = strchr(line, '\n')) {
        char *end = strchr(line += *line == '\n', '\n');

        if (end) *end = 0;
        upper(strchr(line, ':') + 1);
        if (end) *end = '\n';
    }
}

static void describe_server(const struct world *world, const struct holder_line *line, const struct item *item, struct issue *issue)
{
    uint32_t holder = line->holder;
    unsigned more = (unsigned)random_below(world->seed, holder, DRAW_NAME, 3);
    size_t size;

    set(issue->requester, "CORP\\webadm%02u", (holder + item->moved) % ADMINISTRATORS);
    set(issue->cn, "app%u.corp.example", holder);
    set(issue->names, "dns:%s%u.corp.example", line->holding == HOLDING_OTHER_NAMES && item->ordinal ? "node" : "app", holder);
    for (unsigned i = 0; i < more + item->moved && (size = strlen(issue->names)) < sizeof issue->names - 64; i++)
        snprintf(issue->names + size, sizeof issue->names - size, "\ndns:www%u-%u.corp.example", i, holder);
    if (line->holding == HOLDING_OTHER_LETTERS && item->ordinal) {
        upper(issue->cn);
        upper_names(issue->names);
    }
    set(issue->request_names, "%s", issue->names);
    set(issue->request_cn, "%s", issue->cn);
    set(issue->machine, "admin%02u.corp.example", (holder + item->moved) % ADMINISTRATORS);
    set(issue->user, "%s", issue->requester);
}

static void describe_service(const struct template *template, uint32_t holder, struct issue *issue)
{
    set(issue->requester, holder < 4 ? "CORP\\desk%u" : "CORP\\svc%u", holder);
    set(issue->cn, "%s %u", template->name, holder);
    set(issue->ou, "Service");
    set(issue->request_cn, "%s", issue->cn);
    set(issue->machine, "admin%02u.corp.example", holder % ADMINISTRATORS);
    set(issue->user, "%s", issue->requester);
}

static void describe_client(const struct template *template, uint64_t draw, struct issue *issue)
{
    if (template->automatic) issue->client = CLIENT_AUTOENROLL, issue->process = "taskhostw.exe";
    else if (template->agent) issue->client = CLIENT_WIZARD, issue->process = "mmc.exe";
    else if (draw % 10 < 4) issue->client = CLIENT_WIZARD, issue->process = "mmc.exe";
    else if (draw % 10 < 8) issue->client = CLIENT_CERTREQ, issue->process = "certreq.exe";
}

/* Clients that enroll of themselves often leave the attribute out: the request has the template. */
static void describe_attributes(const struct world *world, uint64_t place, struct issue *issue)
{
    uint64_t draw = random_at(world->seed, place, DRAW_ATTRIBUTES);

    if (issue->template->automatic && issue->template->naming == NAMING_MACHINE)
        set(issue->attributes, "%s%s%scdc:dc0%u.corp.example\nrmd:%s\nccm:%s", draw % 2 ? "CertificateTemplate:" : "",
            draw % 2 ? issue->template->name : "", draw % 2 ? "\n" : "", (unsigned)(draw / 2 % 3 + 1), issue->machine, issue->machine);
    else if (!issue->template->automatic || draw % 2)
        set(issue->attributes, "CertificateTemplate:%s\nccm:%s", issue->template->name, issue->machine);
}

static const struct template *template_of(const struct holder_line *line, const struct item *item)
{
    return line->holding == HOLDING_OTHER_TEMPLATE && item->ordinal ? template_find("CorpApprovedServer") : line->template;
}

static void describe_plain(const struct world *world, const struct item *item, uint32_t number, struct issue *issue)
{
    const struct holder_line *line = &world->lines[item->line];
    const struct template *template = issue->template = template_of(line, item);
    unsigned days = line->holding == HOLDING_ENDS_EARLIER && item->ordinal ? 30 : template->days;

    switch (template->naming) {
    case NAMING_USER: describe_user(world, line->holder, issue); break;
    case NAMING_MACHINE: describe_machine(line->holder, issue); break;
    case NAMING_SUPPLIED: describe_server(world, line, item, issue); break;
    case NAMING_NONE: describe_service(template, line->holder, issue); break;
    }
    if (template->sid) set(issue->sid, DOMAIN_SID "%u", 20000 + line->holder);
    set(issue->caller, "%s", issue->requester);
    if (template->agent) set(issue->caller, "CORP\\desk%u", 1 + item->line % 3);
    describe_client(template, random_at(world->seed, number, DRAW_ADMINISTRATOR), issue);
    describe_attributes(world, number, issue);
    issue->case_name = holdings[line->holding];
    issue->key_kind = template->key;
    if (template->key == KEY_RSA && item->key < TRUE_AMONG && item->key % TRUE_EACH == 0) issue->key_kind = KEY_RSA_TRUE;
    issue->eku = template->eku;
    issue->policies = template->policies;
    issue->not_after = issue->not_before + (int64_t)days * 86400;
}

static const char *or_else(const char *text, const char *usual)
{
    return text ? text : usual;
}

/* Of a list of OIDs; an empty one stands for no extension. */
static const char *oids_or_else(const char *oids, const char *usual)
{
    return !oids ? usual : *oids ? oids : NULL;
}

static void describe_special(const struct world *world, const struct special *special, const struct item *item, struct issue *issue)
{
    const struct template *template = issue->template = template_find(special->template);
    bool machine = special->requester[strlen(special->requester) - 1] == '$';
    const struct item *keyed = &world->items[item->key];

    issue->case_name = special->name;
    set(issue->requester, "%s", special->requester);
    set(issue->caller, "%s", or_else(special->caller, special->requester));
    set(issue->cn, "%s", special->cn);
    set(issue->ou, "%s", or_else(special->ou, ""));
    set(issue->names, "%s", or_else(special->names, ""));
    set(issue->request_names, "%s", or_else(special->request_names, ""));
    set(issue->sid, "%s", or_else(special->sid, ""));
    set(issue->request_sid, "%s", or_else(special->request_sid, ""));
    if (special->request_names || !special->ou) set(issue->request_cn, "%s", special->cn);
    set(issue->attributes, "CertificateTemplate:%s%s%s", template->name, special->attributes ? "\n" : "", or_else(special->attributes, ""));
    issue->eku = oids_or_else(special->eku, template->eku);
    issue->policies = oids_or_else(special->policies, template->policies);
    issue->application_policies = special->application_policies;
    issue->request_application_policies = special->request_application_policies;
    issue->key_kind = item_special(keyed)->key;
    issue->sha1 = special->sha1;
    issue->basic_constraints = special->basic_constraints;
    issue->is_ca = special->is_ca;
    issue->not_before -= (int64_t)special->before_days * 86400;
    issue->not_after = issue->not_before + (int64_t)(special->days ? special->days : template->days) * 86400;
    if (special->without_client) return;
    issue->client = machine ? CLIENT_AUTOENROLL : CLIENT_CERTREQ;
    issue->process = machine ? "taskhostw.exe" : "certreq.exe";
    set(issue->machine, "%s", machine ? issue->cn : "pc666.corp.example");
    set(issue->user, "%s", special->requester);
}

void world_describe(const struct world *world, uint32_t number, struct issue *issue)
{
    const struct item *item = &world->items[number];
    const struct special *special = item_special(item);

    memset(issue, 0, sizeof *issue);
    issue->number = number;
    issue->key_number = item->key;
    issue->form = item->form;
    issue->process = "";
    issue->not_before = item->time / SECOND - BACKDATED_SECONDS;
    if (special) describe_special(world, special, item, issue);
    else describe_plain(world, item, number, issue);
}
