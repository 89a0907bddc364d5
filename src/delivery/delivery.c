#include "delivery.h"
#include "report_queue.h"
#include "store.h"
#include "worker.h"

#include "base/error_text.h"
#include "delivery/net/net.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LOOK_MS 100

struct delivery {
    const struct delivery_order *order; /* borrowed */
    struct report_queue *queue;         /* owned */
    struct reports reports;             /* into it, for the workers */
    struct store *store;                /* owned */
    int32_t stop;
    struct worker *workers[CONFIG_TARGETS_MAX];
    const struct target *targets[CONFIG_TARGETS_MAX];   /* of them */
    bool ended[CONFIG_TARGETS_MAX];
    unsigned count;
    bool left;                          /* a worker was left, which uses all of this */
};

static unsigned delivery_count_targets(const struct config *config)
{
    unsigned count = 0;

    for (unsigned i = 0; i < config->count; i++) count += config->targets[i].start != START_NEVER;
    return count;
}

static void delivery_report(struct delivery *delivery, enum report_kind kind,
                            const char *format, ...) __attribute__((format(printf, 3, 4)));
static void delivery_report(struct delivery *delivery, enum report_kind kind,
                            const char *format, ...)
{
    char text[2048];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    delivery->reports.take(delivery->reports.context, kind, text);
}

static HRESULT delivery_start(struct delivery *delivery)
{
    const struct config *config = delivery->order->config;
    HRESULT hr = S_OK;

    for (unsigned i = 0; SUCCEEDED(hr) && i < config->count; i++) {
        struct worker_order order = {.config = config,
                                     .target = &config->targets[i],
                                     .store = delivery->store,
                                     .reports = &delivery->reports,
                                     .stop = &delivery->stop,
                                     .once = delivery->order->once};

        if (order.target->start == START_NEVER) continue;
        delivery->targets[delivery->count] = order.target;
        hr = worker_start(&order, &delivery->workers[delivery->count]);
        if (SUCCEEDED(hr)) delivery->count++;
    }
    return hr;
}

static void delivery_stop(struct delivery *delivery)
{
    __atomic_store_n(&delivery->stop, 1, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < delivery->count; i++) os_word_wake(&delivery->stop);
}

/* Stopped for longer than workers may need to end. */
static bool delivery_is_late(const struct delivery *delivery, uint64_t stopped_ms)
{
    uint32_t most_ms = delivery->order->stop_ms;

    return stopped_ms && most_ms && os_ticks_ms() - stopped_ms > most_ms;
}

/* Until all workers have ended, or are left. */
static void delivery_wait(struct delivery *delivery)
{
    uint64_t stopped_ms = 0;

    for (unsigned i = 0; i < delivery->count;) {
        if (worker_join(delivery->workers[i], delivery->left ? 0 : LOOK_MS)) {
            delivery->ended[i++] = true;
            continue;
        }
        if (!stopped_ms && delivery->order->is_stopped()) {
            delivery_stop(delivery);
            stopped_ms = os_ticks_ms();
        }
        if (!delivery_is_late(delivery, stopped_ms)) continue;
        delivery->left = true;
        delivery_report(delivery, REPORT_TROUBLE, "[to %s] does not end, as it waits for the "
                        "system, and is left; what it has sent last is sent again",
                        delivery->targets[i++]->name);
    }
}

static enum outcome delivery_end(struct delivery *delivery)
{
    enum outcome worst = OUTCOME_FINE;

    for (unsigned i = 0; i < delivery->count; i++) {
        enum outcome outcome = delivery->ended[i] ? worker_close(delivery->workers[i])
                               : delivery->order->once ? OUTCOME_WRONG : OUTCOME_FINE;

        if (outcome > worst) worst = outcome;
    }
    return worst;
}

static enum outcome delivery_refuse(struct delivery *delivery, HRESULT hr)
{
    const char *folder = delivery->order->config->state;
    char text[ERROR_TEXT_MAX];

    if (hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        delivery_report(delivery, REPORT_STATE,
                        "another delivery uses %s; stop it first (the service, or another window)",
                        folder);
    else
        delivery_report(delivery, REPORT_STATE, "delivery cannot begin: %s: %s", folder,
                        error_text(hr, text));
    return OUTCOME_CANNOT;
}

static HRESULT delivery_deliver(struct delivery *delivery)
{
    const struct config *config = delivery->order->config;
    HRESULT hr = delivery_start(delivery);

    if (FAILED(hr)) delivery_stop(delivery);
    else if (!delivery->order->once)
        delivery_report(delivery, REPORT_STARTED, "delivers %s to %u destination%s, as %s says",
                        config->journal, delivery->count, delivery->count == 1 ? "" : "s",
                        config->file);
    delivery_wait(delivery);
    return hr;
}

static const char *delivery_why(const struct delivery *delivery)
{
    return delivery->order->is_hung_up()
               ? ", with exit code 2, as SIGHUP came: its terminal is gone, or somebody meant the "
                 "configuration to be read anew, for which it has to be restarted"
               : "";
}

/* Once there is a store. */
static HRESULT delivery_run_on(struct delivery *delivery, enum outcome *outcome)
{
    HRESULT hr;

    if (!net_begin()) return E_OUTOFMEMORY;
    hr = delivery_deliver(delivery);
    *outcome = delivery_end(delivery);
    if (SUCCEEDED(hr) && !delivery->order->once)
        delivery_report(delivery, REPORT_STOPPED, "has stopped%s", delivery_why(delivery));
    if (!delivery->left) net_end();
    return hr;
}

static enum outcome delivery_run_all(struct delivery *delivery)
{
    const struct delivery_order *order = delivery->order;
    enum outcome outcome = OUTCOME_FINE;
    HRESULT hr = report_queue_open(order->reports, &delivery->queue);

    if (SUCCEEDED(hr)) {
        delivery->reports = report_queue_in(delivery->queue);
        hr = store_open(order->config->state, &delivery->store);
    }
    if (SUCCEEDED(hr)) hr = delivery_run_on(delivery, &outcome);
    if (FAILED(hr)) outcome = delivery_refuse(delivery, hr);
    if (delivery->left) {
        report_queue_end(delivery->queue);
        return outcome;
    }
    store_close(delivery->store);
    report_queue_close(delivery->queue);
    return outcome;
}

enum outcome delivery_run(const struct delivery_order *order, bool *left)
{
    struct delivery *delivery = calloc(1, sizeof *delivery);
    enum outcome outcome = OUTCOME_CANNOT;

    *left = false;
    if (!delivery) return outcome;
    delivery->order = order;
    delivery->reports = *order->reports;
    if (delivery_count_targets(order->config)) outcome = delivery_run_all(delivery);
    else
        delivery_report(delivery, REPORT_CONFIGURATION,
                        "there is nothing to deliver: every destination has startAt = never");
    *left = delivery->left;
    if (!delivery->left) free(delivery);
    return outcome;
}
