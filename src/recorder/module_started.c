#include "module_started.h"

#include "base/utf16_windows.h"
#include "version.h"
#include "version_info.h"

/* Minutes that local time is ahead of UTC. */
static LONG utc_offset(void)
{
    TIME_ZONE_INFORMATION zone;

    switch (GetTimeZoneInformation(&zone)) {
    case TIME_ZONE_ID_DAYLIGHT: return -(zone.Bias + zone.DaylightBias);
    case TIME_ZONE_ID_STANDARD: return -(zone.Bias + zone.StandardBias);
    case TIME_ZONE_ID_INVALID:  return 0;
    default:                    return -zone.Bias;
    }
}

void module_started_add_module(struct json *json, const struct settings *settings)
{
    WCHAR host[MAX_PATH] = L"";
    BSTR file = NULL;
    HRESULT hr;

    json_text(json, "version", CERTWITNESS_VERSION);
    hr = version_info(L"FileVersion", &file);
    if (SUCCEEDED(hr)) utf16_add_json(json, "fileVersion", file);
    else if (hr == E_OUTOFMEMORY) bytes_fail(json->out);
    SysFreeString(file);
    json_number(json, "eventMask", settings->event_mask);
    json_text(json, "dates", "assumed UTC");                            /* contract I-3 */
    json_number(json, "utcOffsetMinutes", utc_offset());
    if (GetModuleFileNameW(NULL, host, ARRAYSIZE(host))) utf16_add_json(json, "host", host);
    json_number(json, "processId", GetCurrentProcessId());
}

void module_started_add_settings(struct json *json, const struct settings *settings,
                                 const struct bytes *refused)
{
    json_object(json, "settings");
    utf16_add_json(json, "JournalDirectory", settings->journal_directory);
    json_number(json, "EventMask", settings->event_mask);
    json_array(json, "Properties");
    for (const WCHAR *name = settings->properties; *name; name += wcslen(name) + 1)
        utf16_add_json(json, NULL, name);
    json_end(json);
    json_number(json, "SegmentMiB", settings->segment_mib);
    json_number(json, "QueueMiB", settings->queue_mib);
    json_number(json, "MaxWaitMs", settings->max_wait_ms);
    json_number(json, "MinFreeMiB", settings->min_free_mib);
    json_number(json, "RetainDays", settings->retain_days);
    json_end(json);
    if (!refused->size) return;
    json_array(json, "refusedSettings");
    json_members(json, refused->data, refused->size);
    json_end(json);
}
