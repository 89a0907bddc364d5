/*
 * Windows that a module under examination shows. Inside a service nobody could click them away: here they are seen, and
 * got rid of, so that what waits for one goes on.
 */
#ifndef STUBCA_CHECK_WINDOWS_H
#define STUBCA_CHECK_WINDOWS_H

/*
 * Watch this process until it ends. A window of any of its threads that is shown is closed within a tenth of a second; one
 * that will not close is answered like a dialog, and at last hidden. `seen` is called once, with words for the first window
 * of all, on whatever thread.
 */
void check_windows_watch(void (*seen)(const char *what));

/* From now on no window that is to be shown is made on the calling thread: CreateWindow, MessageBox and the like fail. */
void check_windows_refuse(void);

#endif
