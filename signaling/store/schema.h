#ifndef TK_SIGNALING_STORE_SCHEMA_H
#define TK_SIGNALING_STORE_SCHEMA_H

/* The migrations: tk_migrations[n], a NULL-ended list of scripts, takes user_version n to n + 1. */

extern const char *const *const tk_migrations[];
extern const int tk_migrations_count;

#endif
