/* C++ exceptions, for modules in C. */
#ifndef THROWS_H
#define THROWS_H

#ifdef __cplusplus
extern "C" {
#endif

extern int throws_destroyed;            /* objects that a throw on its way out destroyed */

void throws_out(void);                  /* throws a C++ object */
int throws_and_catches(void);           /* catches its own: 1 */

#ifdef __cplusplus
}
#endif

#endif
