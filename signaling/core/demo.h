#ifndef TK_SIGNALING_CORE_DEMO_H
#define TK_SIGNALING_CORE_DEMO_H

/*
 * The demo data: three schools, three rooms, people, a week of lessons, a training, lesson `demo`.
 * The only place that knows the names of the three schools. At start-up, before tk_lessons_create.
 *
 * Accounts need passwords, which are not made here: for each of `accounts`, where
 * tk_account_find_login finds nothing, tk_account_add with this login, role and person_id.
 */

#include "signaling/core/now.h"
#include "signaling/store/account_rows.h"
#include "signaling/store/store.h"

#define TK_DEMO_LESSON "demo"
#define TK_DEMO_ACCOUNTS 5 /* teacher, two co-teachers, administrator, auditor */

struct tk_demo_account {
    const char *login; /* static */
    enum tk_role role;
    int64_t person_id; /* 0: that person is there no more: no account */
};

struct tk_demo {
    bool made; /* false: it was there already */
    int64_t main_room_id;
    int64_t room_ids[2]; /* Maliupu, Xiantaiba */
    struct tk_demo_account accounts[TK_DEMO_ACCOUNTS];
};

/*
 * Makes everything in one job, or nothing; waits for it. On a database that has lesson `demo` it
 * only tells the ids. -EEXIST: there are schools, but no demo lesson: nothing was changed.
 */
int tk_demo_make(struct tk_store *store, struct tk_now now, struct tk_demo *ret);

#endif
