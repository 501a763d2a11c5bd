#ifndef BST_SUP_PLANT_H
#define BST_SUP_PLANT_H

/*
 * Mistakes that tests build into supervision, to see that the simulator finds
 * them: one is compiled in by -DBSTI_PLANT=N, none without it.
 */

#include <stdbool.h>

#ifndef BSTI_PLANT
#define BSTI_PLANT BSTI_PLANT_NOTHING
#endif

enum bsti_plant {
    BSTI_PLANT_NOTHING,
    BSTI_PLANT_LOST_END,  /* an end during a group restart is not looked at */
    BSTI_PLANT_SHORT_REST /* rest-for-one leaves the last child alone */
};

static inline bool bsti_is_planted(enum bsti_plant mistake)
{
    return BSTI_PLANT == (int)mistake;
}

#endif
