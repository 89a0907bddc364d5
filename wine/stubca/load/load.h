/*
 * `stubca load`: a CA that issues as fast as its exit module lets it, and measures what the module
 * costs.
 */
#ifndef STUBCA_LOAD_H
#define STUBCA_LOAD_H

void load_print_help(void);

/*
 * The arguments after `stubca load`, in UTF-8. Returns the program's exit code: 0 every Notify
 * succeeded, 1 some failed or the module's DLL stayed loaded, 2 it could not be done.
 */
int load_run(int count, char **words);

#endif
