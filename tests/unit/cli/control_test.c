#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/log.h"
#include "signaling/cli/ask.h"
#include "signaling/cli/control.h"
#include "signaling/cli/folder.h"
#include "tests/unit/store/temporary.h"

struct fixture {
    char *folder;
    struct tk_settings settings;
    struct tk_store *store;
    struct tk_access *access;
    struct tk_command_ctx ctx;
    struct tk_control *control;
    char err[512];
};

static gboolean on_store(gpointer arg)
{
    struct fixture *f = arg;
    if (f->store) {
        tk_store_dispatch(f->store);
    }
    return G_SOURCE_REMOVE;
}

static void wake(void *ctx)
{
    g_idle_add(on_store, ctx);
}

static int set_up(void **state)
{
    struct fixture *f = g_new0(struct fixture, 1);
    char path[TK_FOLDER_PATH];
    f->folder = temporary_make();
    tk_settings_defaults(&f->settings);
    g_strlcpy(f->settings.data_dir, f->folder, sizeof(f->settings.data_dir));
    tk_folder_path(&f->settings, "tongke.db", path);
    assert_int_equal(tk_store_open(&f->store, path, f->err, sizeof(f->err)), 0);
    tk_store_set_wake(f->store, wake, f);
    f->access = tk_access_create(f->store, &f->settings);
    f->ctx = (struct tk_command_ctx){
        .access = f->access, .store = f->store, .settings = &f->settings, .now = tk_now_read};
    assert_int_equal(tk_control_create(&f->ctx, &f->control, f->err, sizeof(f->err)), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    tk_control_destroy(f->control);
    tk_access_destroy(f->access);
    tk_store_close(g_steal_pointer(&f->store));
    while (g_main_context_iteration(NULL, FALSE)) {
        continue;
    }
    temporary_remove(f->folder);
    g_free(f);
    return 0;
}

/* What a client on another thread asks, while this one is the server. */
struct asking {
    const struct tk_settings *settings;
    const char *command;
    json_t *args;
    json_t *reply;
    char err[512];
    int result;
    gint done;
};

static gpointer ask(gpointer arg)
{
    struct asking *a = arg;
    a->result = tk_ask_server(a->settings, a->command, a->args, &a->reply, a->err, sizeof(a->err));
    g_atomic_int_set(&a->done, 1);
    g_main_context_wakeup(NULL);
    return NULL;
}

/* The reply, a new reference. */
static json_t *answer(struct fixture *f, const char *command, const char *args)
{
    struct asking a = {
        .settings = &f->settings, .command = command, .args = json_loads(args, 0, NULL)};
    GThread *thread = g_thread_new("client", ask, &a);
    while (!g_atomic_int_get(&a.done)) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_thread_join(thread);
    json_decref(a.args);
    assert_int_equal(a.result, 0);
    return a.reply;
}

static int status_of(const json_t *reply)
{
    return (int)json_integer_value(json_object_get(reply, "status"));
}

static void carries_a_command_out(void **state)
{
    struct fixture *f = *state;
    struct tk_account account;
    json_t *reply = answer(f, "user add", "{\"login\":\"wang\",\"role\":\"teacher\"}");
    assert_int_equal(status_of(reply), 0);
    assert_non_null(tk_arg_text(json_object_get(reply, "data"), "password"));
    json_decref(reply);
    assert_int_equal(tk_account_row_login(tk_store_reader(f->store), "wang", &account, NULL), 0);
    reply = answer(f, "user add", "{\"login\":\"wang\",\"role\":\"teacher\"}");
    assert_int_equal(status_of(reply), 1);
    assert_string_equal(tk_arg_text(json_object_get(reply, "error"), "code"), "conflict");
    json_decref(reply);
}

static void checks_what_it_is_asked(void **state)
{
    static const char *const wrong[][2] = {
        {"nothing", "{}"},
        {"serve", "{}"}, /* not a server's to carry out */
        {"user add", "{\"login\":\"wang\"}"},
        {"user add", "{\"login\":7,\"role\":\"teacher\"}"},
        {"user add", "{\"login\":\"wang\",\"role\":\"teacher\",\"x\":1}"},
        {"user add", "[]"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        json_t *reply = answer(*state, wrong[i][0], wrong[i][1]);
        assert_int_equal(status_of(reply), 2);
        assert_non_null(tk_arg_text(json_object_get(reply, "error"), "detail"));
        json_decref(reply);
    }
}

static void some_need_the_server(void **state)
{
    json_t *reply = answer(*state, "pages", "{}");
    assert_int_equal(status_of(reply), 1);
    assert_string_equal(tk_arg_text(json_object_get(reply, "error"), "code"), "unavailable");
    json_decref(reply);
}

static void only_its_owner_may(void **state)
{
    struct fixture *f = *state;
    struct sockaddr_un address;
    struct stat st;
    assert_int_equal(tk_control_address(&f->settings, &address), 0);
    assert_int_equal(stat(address.sun_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(S_ISSOCK(st.st_mode));
}

static int raw_connect(struct fixture *f)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(tk_control_address(&f->settings, &address), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Serves until the server has closed the connection; what it said. */
static char *rest(int fd)
{
    GString *text = g_string_new(NULL);
    char buf[4096];
    for (;;) {
        g_main_context_iteration(NULL, FALSE);
        ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
        if (n > 0) {
            g_string_append_len(text, buf, n);
        } else if (n == 0 || errno != EAGAIN) {
            return g_string_free(text, FALSE);
        }
    }
}

static void refuses_what_is_no_object(void **state)
{
    static const char *const lines[] = {"what?\n", "[]\n", "{\"a\":1,\"a\":2}\n", "\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        int fd = raw_connect(*state);
        assert_true(send(fd, lines[i], strlen(lines[i]), MSG_NOSIGNAL) > 0);
        g_autofree char *text = rest(fd);
        assert_non_null(strstr(text, "bad_request"));
        close(fd);
    }
}

static void closes_on_a_line_without_end(void **state)
{
    int fd = raw_connect(*state);
    char junk[4096];
    memset(junk, 'x', sizeof(junk));
    for (size_t sent = 0; sent <= TK_CONTROL_LINE_MAX;) {
        ssize_t n = send(fd, junk, sizeof(junk), MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += n > 0 ? (size_t)n : 0;
        g_main_context_iteration(NULL, FALSE);
        if (n < 0 && errno != EAGAIN) {
            break;
        }
    }
    g_autofree char *text = rest(fd);
    assert_string_equal(text, "");
    close(fd);
}

static void survives_who_does_not_wait(void **state)
{
    static const char line[] =
        "{\"command\":\"user add\",\"args\":{\"login\":\"li\",\"role\":\"admin\"}}\n";
    struct fixture *f = *state;
    struct tk_account account;
    int fd = raw_connect(f);
    assert_true(send(fd, line, strlen(line), MSG_NOSIGNAL) > 0);
    close(fd);
    while (tk_account_row_login(tk_store_reader(f->store), "li", &account, NULL) < 0) {
        g_main_context_iteration(NULL, FALSE);
    }
    json_t *reply = answer(f, "user list", "{}");
    assert_int_equal(json_array_size(json_object_get(reply, "data")), 1);
    json_decref(reply);
}

static void the_server_goes_while_a_reply_is_due(void **state)
{
    static const char line[] =
        "{\"command\":\"user add\",\"args\":{\"login\":\"li\",\"role\":\"admin\"}}\n";
    struct fixture *f = *state;
    int fd = raw_connect(f);
    assert_true(send(fd, line, strlen(line), MSG_NOSIGNAL) > 0);
    /* accepted, read: its password is being hashed */
    g_main_context_iteration(NULL, TRUE);
    g_main_context_iteration(NULL, TRUE);
    tk_control_destroy(g_steal_pointer(&f->control));
    close(fd);
}

static void one_process_has_the_folder(void **state)
{
    struct fixture *f = *state;
    int first;
    int second = -1;
    assert_int_equal(tk_folder_lock(&f->settings, &first, f->err, sizeof(f->err)), 0);
    assert_int_equal(tk_folder_lock(&f->settings, &second, f->err, sizeof(f->err)), -EBUSY);
    g_autofree char *who = g_strdup_printf("process %ld", (long)getpid());
    assert_non_null(strstr(f->err, who));
    close(first);
    assert_int_equal(tk_folder_lock(&f->settings, &second, f->err, sizeof(f->err)), 0);
    close(second);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(carries_a_command_out),      EACH(checks_what_it_is_asked),
        EACH(some_need_the_server),       EACH(only_its_owner_may),
        EACH(refuses_what_is_no_object),  EACH(closes_on_a_line_without_end),
        EACH(survives_who_does_not_wait), EACH(the_server_goes_while_a_reply_is_due),
        EACH(one_process_has_the_folder),
    };
    tk_log_init("test", "error"); /* once: GLib takes no second writer */
    return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
