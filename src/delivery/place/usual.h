/* Where a delivery's files are if nobody says otherwise. */
#ifndef USUAL_H
#define USUAL_H

extern const char usual_configuration[];        /* a file */
extern const char usual_state[];                /* a folder */

#endif
