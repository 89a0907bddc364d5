/* Reads the configuration file. */
#ifndef CONFIG_READ_H
#define CONFIG_READ_H

#include "config.h"

/*
 * Read the file. Every error is noted, not only the first. S_OK: the configuration is complete and
 * consistent; whether folders and far ends exist is not examined. E_INVALIDARG: something is wrong,
 * and was noted; failures of file_read are noted as well. config_free has to follow in any case.
 */
HRESULT config_read(const char *path, struct config *config, const struct notes *errors) MUST_CHECK;

#endif
