#include "metrics.h"

#include <inttypes.h>

struct metric {
    const char *name, *type, *help;
    double (*get)(const struct status *status);
};

static double metric_wrong(const struct status *status) { return status->wrong; }
static double metric_sequence(const struct status *status)
{
    return (double)status->record.position.sequence;
}
static double metric_lag(const struct status *status) { return (double)status->lag; }
static double metric_lag_s(const struct status *status) { return (double)status->lag_s; }
static double metric_parked(const struct status *status) { return (double)status->record.parked; }
static double metric_failures(const struct status *status) { return status->progress.failures; }
static double metric_halted(const struct status *status) { return status->progress.halted; }
static double metric_sent(const struct status *status) { return (double)status->progress.sent; }
static double metric_sent_at(const struct status *status)
{
    return (double)(status->progress.sent_at / 1000000);
}

static const struct metric metrics[] = {
    {"wrong", "gauge", "1 if somebody has to look, as the exit code of status says", metric_wrong},
    {"sequence", "gauge", "Sequence of the last line that was delivered", metric_sequence},
    {"lag_lines", "gauge", "Lines of the journal that are not delivered yet", metric_lag},
    {"lag_seconds", "gauge", "Age of the oldest line that is not delivered", metric_lag_s},
    {"parked_lines", "gauge", "Lines that the far end has refused", metric_parked},
    {"failures", "gauge", "Attempts in a row that failed", metric_failures},
    {"halted", "gauge", "1 if the destination waits for an administrator", metric_halted},
    {"sent_lines_total", "counter", "Lines acknowledged since the delivery began", metric_sent},
    {"sent_timestamp_seconds", "gauge", "When a line was acknowledged last; 0: never",
     metric_sent_at},
};

/* A label's value: backslash, quotation mark and LF are escaped. */
static void metrics_add_label(struct bytes *out, const char *name, const char *value)
{
    bytes_printf(out, "%s=\"", name);
    for (; *value; value++) {
        if (*value == '\n') bytes_add_text(out, "\\n");
        else {
            if (*value == '\\' || *value == '"') bytes_add_text(out, "\\");
            bytes_add(out, value, 1);
        }
    }
    bytes_add_text(out, "\"");
}

static void metrics_begin(struct bytes *out, const char *name, const char *type, const char *help)
{
    bytes_printf(out, "# HELP certwitness_delivery_%s %s.\n", name, help);
    bytes_printf(out, "# TYPE certwitness_delivery_%s %s\n", name, type);
}

static void metrics_add_sample(struct bytes *out, const char *name, const struct config *config,
                               const struct target *target, double value)
{
    bytes_printf(out, "certwitness_delivery_%s{", name);
    metrics_add_label(out, "journal", config->journal);
    if (target) {
        bytes_add_text(out, ",");
        metrics_add_label(out, "destination", target->name);
        bytes_add_text(out, ",");
        metrics_add_label(out, "kind", config_kind_name(target->kind));
    }
    bytes_printf(out, "} %.0f\n", value);
}

void metrics_add(struct bytes *out, const struct config *config, const struct status *all,
                 bool running)
{
    metrics_begin(out, "running", "gauge", "1 if a delivery runs");
    metrics_add_sample(out, "running", config, NULL, running);
    if (config->retain_days) {
        metrics_begin(out, "retain_seconds", "gauge", "How long lines are kept, by retainDays");
        metrics_add_sample(out, "retain_seconds", config, NULL, config->retain_days * 86400.0);
    }
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        metrics_begin(out, metrics[i].name, metrics[i].type, metrics[i].help);
        for (unsigned at = 0; at < config->count; at++)
            metrics_add_sample(out, metrics[i].name, config, all[at].target,
                               metrics[i].get(&all[at]));
    }
}
