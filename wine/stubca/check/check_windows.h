/*
 * An observer of windows that a module under examination shows. In a service nobody could close
 * them; here they are detected and closed, so that code waiting for one continues.
 */
#ifndef STUBCA_CHECK_WINDOWS_H
#define STUBCA_CHECK_WINDOWS_H

/*
 * Watch this process until it ends. A window shown by any of its threads is closed within a tenth
 * of a second; one that does not close is answered like a dialog, and finally hidden. `seen` is
 * called once, with a description of the first window, on any thread.
 */
void check_windows_watch(void (*seen)(const char *what));

/*
 * From now on no visible window can be created on the calling thread: CreateWindow, MessageBox and
 * the like fail.
 */
void check_windows_refuse(void);

#endif
