/* What each kind of destination needs in the configuration, and what fits together. */
#ifndef CONFIG_JUDGE_H
#define CONFIG_JUDGE_H

#include "config_reading.h"

/* After the whole file was read: note what lacks and what contradicts. */
void config_judge(struct config_reading *at);

/* The line on which the destination has the key; 0: it has not. */
unsigned config_given(const struct config_reading *at, unsigned target, const char *name);

/* Note that it has not, if it has not. */
void config_needs(struct config_reading *at, unsigned index, const char *name);

/* The keys of http, and the proxy, which others have as well (config_http.c). */
void config_judge_http(struct config_reading *at, unsigned index);
void config_judge_proxy(struct config_reading *at, unsigned index);

/* A header "Name: value" on the line that is read; false: it cannot be sent, which was noted. */
bool config_header_fits(struct config_reading *at, const char *header);

/* Keys of TLS that would have no effect (config_tls.c). */
void config_judge_tls(struct config_reading *at, unsigned index);

/*
 * The folders of journal, state and copies are apart: none is another, or in another
 * (config_folders.c). What their paths lead to is compared (place/real_folder.h). Blocks for some
 * seconds if one of them does not answer.
 */
void config_judge_folders(struct config_reading *at);

/*
 * A section of mail that is right becomes a target for each recipient (config_recipients.c).
 * E_INVALIDARG: there are more than CONFIG_TARGETS_MAX then, which was noted.
 */
HRESULT config_expand(struct config_reading *at) MUST_CHECK;

#endif
