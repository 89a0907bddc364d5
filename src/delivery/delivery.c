#include "delivery.h"

#include "net.h"
#include "store.h"
#include "worker.h"

#include "base/error_text.h"

#define LOOK_MS 100

struct delivery {
    const struct notes *to;             /* borrowed */
    struct os_monitor *turn;            /* owned: who notes */
    struct notes notes;                 /* for the workers */
    int32_t stop;
    struct worker *workers[CONFIG_TARGETS_MAX];
    unsigned count;
};

static void delivery_take_note(void *context, const char *sentence)
{
    struct delivery *delivery = context;

    os_monitor_enter(delivery->turn);
    notes_add(delivery->to, "%s", sentence);
    os_monitor_leave(delivery->turn);
}

static HRESULT delivery_start(struct delivery *delivery, const struct config *config,
                              struct store *store, bool once)
{
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && delivery->count < config->count) {
        struct worker_order order = {.config = config,
                                     .target = &config->targets[delivery->count],
                                     .store = store,
                                     .notes = &delivery->notes,
                                     .stop = &delivery->stop,
                                     .once = once};

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

/* Until all workers have ended. */
static void delivery_wait(struct delivery *delivery, bool (*is_stopped)(void))
{
    bool stopping = false;

    for (unsigned i = 0; i < delivery->count;) {
        if (worker_join(delivery->workers[i], LOOK_MS)) i++;
        else if (!stopping && is_stopped()) {
            delivery_stop(delivery);
            stopping = true;
        }
    }
}

static enum outcome delivery_end(struct delivery *delivery)
{
    enum outcome worst = OUTCOME_FINE;

    for (unsigned i = 0; i < delivery->count; i++) {
        enum outcome outcome = worker_close(delivery->workers[i]);

        if (outcome > worst) worst = outcome;
    }
    return worst;
}

static enum outcome delivery_refuse(const struct notes *notes, const char *folder, HRESULT hr)
{
    char text[ERROR_TEXT_MAX];

    if (hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        notes_add(notes, "another delivery uses %s; stop it first (the service, or another window)",
                  folder);
    else notes_add(notes, "delivery cannot begin: %s: %s", folder, error_text(hr, text));
    return OUTCOME_CANNOT;
}

enum outcome delivery_run(const struct config *config, bool once, bool (*is_stopped)(void),
                          const struct notes *notes)
{
    struct delivery delivery = {.to = notes, .notes = {delivery_take_note, &delivery}};
    struct store *store = NULL;
    enum outcome outcome;
    HRESULT hr = os_monitor_create(&delivery.turn);

    if (SUCCEEDED(hr)) hr = store_open(config->state, &store);
    if (SUCCEEDED(hr) && !net_begin()) hr = E_OUTOFMEMORY;
    if (FAILED(hr)) {
        store_close(store);
        os_monitor_free(delivery.turn);
        return delivery_refuse(notes, config->state, hr);
    }
    hr = delivery_start(&delivery, config, store, once);
    if (FAILED(hr)) delivery_stop(&delivery);
    delivery_wait(&delivery, is_stopped);
    outcome = delivery_end(&delivery);
    store_close(store);
    os_monitor_free(delivery.turn);
    net_end();
    return FAILED(hr) ? delivery_refuse(notes, config->state, hr) : outcome;
}
