/* Numbers of the DLL's dialogs and their controls, for C and for the resource compiler: nothing but
 * macros. */
#ifndef RESOURCE_H
#define RESOURCE_H

#define PAGE_JOURNAL      101
#define PAGE_RECORDING    102
#define PAGE_LIMITS       103
#define PAGE_ABOUT        104

#define ID_STATE_SIGN     200
#define ID_STATE          201
#define ID_FOLDER         202
#define ID_FOLDER_REASON  203
#define ID_SIZE           204
#define ID_LAST           205
#define ID_FREE           206
#define ID_LOOK           207
#define ID_MAY_NOT        208
#define ID_BROWSE         209
#define ID_OPEN_FOLDER    210
#define ID_RETAIN         211
#define ID_RETAIN_REASON  212
#define ID_RETAIN_HELP    213

/* a check box for each event, in the order of recording_page.c's table */
#define ID_EVENT_FIRST 300
#define ID_EVENTS_REASON  320
#define ID_PROPERTIES     321
#define ID_PROPERTIES_REASON 322

/* of each limit: the edit, its reason at +1, its explanation at +2, the next one at +10 */
#define ID_LIMIT_FIRST 400

#define ID_ABOUT_NAME     500
#define ID_ABOUT_TEXT     501
#define ID_ABOUT_CA       502
#define ID_ABOUT_KEY      503
#define ID_ABOUT_FILE     504

#endif
