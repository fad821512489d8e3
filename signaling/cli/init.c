/* tongke init: the database and its first accounts, whose passwords are written down once. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/log.h"
#include "signaling/cli/folder.h"
#include "signaling/cli/subcommands.h"
#include "signaling/core/account.h"
#include "signaling/core/demo.h"
#include "signaling/core/random.h"

#define ERR_BYTES (TK_FOLDER_PATH + 256)

struct init {
    const struct tk_settings *settings;
    struct tk_store *store;
    struct tk_access *access;
    char passwords[TK_FOLDER_PATH];
    FILE *file; /* NULL until the first password */
    json_t *accounts;
    /* of the account that is being added */
    bool done;
    int result;
    char *err;
    size_t cap;
};

static void on_added(void *arg, const struct tk_problem *problem, int64_t id, const char *password)
{
    struct init *i = arg;
    i->done = true;
    if (problem) {
        snprintf(i->err, i->cap, "%s", problem->detail);
        i->result = -EIO;
    }
}

/* On disk before the account is: a crash between leaves a line too many, never one too few. */
static int note_password(struct init *i, const struct tk_account_new *n)
{
    if (!i->file) {
        int fd = open(i->passwords, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        i->file = fd >= 0 ? fdopen(fd, "a") : NULL;
        if (!i->file) {
            return -errno;
        }
        fprintf(i->file, "# made by tongke init: note them elsewhere and delete this file\n");
    }
    fprintf(i->file, "%-12s %-10s %s\n", n->login, tk_role_name(n->role), n->password);
    return fflush(i->file) != 0 || fsync(fileno(i->file)) < 0 ? -errno : 0;
}

static int add_account(struct init *i, struct tk_account_new *n)
{
    static const struct tk_actor actor = {.name = "console"};
    struct tk_account known;
    char password[TK_PASSWORD_TEXT];
    if (tk_account_find_login(i->access, n->login, &known) == 0) {
        return 0;
    }
    tk_random_password(password, sizeof(password));
    n->password = password;
    int r = note_password(i, n);
    if (r < 0) {
        snprintf(i->err, i->cap, "%s: %s", i->passwords, strerror(-r));
        return r;
    }
    i->done = false;
    i->result = 0;
    tk_account_add(i->access, &actor, tk_now_read(), n, on_added, i);
    while (!i->done) {
        tk_store_wait(i->store, 1000);
    }
    json_array_append_new(
        i->accounts, json_pack("{s:s, s:s}", "login", n->login, "role", tk_role_name(n->role)));
    return i->result;
}

static int add_demo(struct init *i)
{
    struct tk_demo demo;
    int r = tk_demo_make(i->store, tk_now_read(), &demo);
    if (r < 0) {
        snprintf(i->err, i->cap, "demo data: %s",
                 r == -EEXIST ? "this database holds other schools; nothing was changed"
                              : strerror(-r));
        return r;
    }
    for (size_t k = 0; r == 0 && k < TK_DEMO_ACCOUNTS; k++) {
        struct tk_account_new n = {.login = demo.accounts[k].login,
                                   .role = demo.accounts[k].role,
                                   .person_id = demo.accounts[k].person_id};
        r = add_account(i, &n);
    }
    return r;
}

static int count_admin(void *ctx, const struct tk_account *a)
{
    *(int *)ctx += a->role == TK_ROLE_ADMIN && !a->disabled;
    return 0;
}

/* Somebody has to be able to make the other accounts. */
static int add_admin(struct init *i)
{
    int admins = 0;
    struct tk_account_new n = {.login = "admin", .role = TK_ROLE_ADMIN, .name = "admin"};
    tk_account_each(i->access, count_admin, &admins);
    return admins > 0 ? 0 : add_account(i, &n);
}

static int fill(struct init *i, const char *path, bool demo)
{
    int r = tk_store_open(&i->store, path, i->err, i->cap);
    if (r < 0) {
        return r;
    }
    i->access = tk_access_create(i->store, i->settings);
    r = demo ? add_demo(i) : add_admin(i);
    tk_access_destroy(i->access);
    tk_store_close(i->store);
    return r;
}

/* A new database gets its name only when it is complete: killed in between, init begins anew. */
static int make(struct init *i, bool demo)
{
    char path[TK_FOLDER_PATH];
    char fresh[TK_FOLDER_PATH];
    tk_folder_path(i->settings, "tongke.db", path);
    if (access(path, F_OK) == 0) {
        return fill(i, path, demo);
    }
    static const char *const tails[] = {"", "-wal", "-shm"};
    tk_folder_path(i->settings, "tongke.db.new", fresh);
    for (size_t k = 0; k < G_N_ELEMENTS(tails); k++) {
        g_autofree char *old = g_strconcat(fresh, tails[k], NULL);
        unlink(old);
    }
    unlink(i->passwords); /* of a database that is no more */
    int r = fill(i, fresh, demo);
    if (r == 0 && rename(fresh, path) < 0) {
        r = -errno;
        snprintf(i->err, i->cap, "%s: %s", path, strerror(-r));
    }
    return r;
}

int tk_here_init(const struct tk_here *here)
{
    char err[ERR_BYTES] = "";
    int lock;
    struct init i = {.settings = tk_here_settings(here), .err = err, .cap = sizeof(err)};
    if (!i.settings) {
        return 1;
    }
    tk_log_init("tongke", i.settings->log_level);
    if (tk_folder_lock(i.settings, &lock, err, sizeof(err)) < 0) {
        return tk_here_fail(here, "%s", err);
    }
    tk_folder_path(i.settings, "passwords.txt", i.passwords);
    i.accounts = json_array();
    int r = make(&i, tk_arg_flag(here->args, "demo"));
    if (i.file) {
        fclose(i.file);
    }
    close(lock);
    if (r < 0) {
        json_decref(i.accounts);
        return tk_here_fail(here, "%s", err);
    }
    size_t count = json_array_size(i.accounts);
    json_t *data = json_pack("{s:o, s:s}", "accounts", i.accounts, "passwords", i.passwords);
    if (count == 0) {
        return tk_here_ok(here, data, "%s is there already", i.settings->data_dir);
    }
    return tk_here_ok(here, data, "%zu accounts; their passwords are in %s", count, i.passwords);
}
