/*
 * tongke pages: the addresses of the teacher, the rooms, the administrator and the co-teachers, for
 * this machine and for others, each with a link that signs in once.
 */

#include <stdio.h>
#include <string.h>

#include "signaling/cli/folder.h"
#include "signaling/cli/lookup.h"
#include "signaling/cli/subcommands.h"
#include "signaling/core/lesson.h"
#include "signaling/core/link.h"
#include "signaling/server/server.h"

#define DEMO "demo"
#define PLAIN_PORT 2 /* settings.port and so many more: plain HTTP on loopback */

struct page {
    char label[2 * TK_NAME_MAX + 16];
    char path[TK_PAGE_MAX];
    int64_t account_id; /* or */
    int64_t room_id;
    char tokens[2][TK_TOKEN_TEXT]; /* for this machine, for others */
};

struct listing {
    GArray *pages;
    guint made;   /* links, two a page */
    char *here;   /* http://localhost:8445 */
    char *others; /* https://192.0.2.7:8443 */
};

static void listing_free(void *arg)
{
    struct listing *l = arg;
    g_array_unref(l->pages);
    g_free(l->here);
    g_free(l->others);
    g_free(l);
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           g_str_has_prefix(host, "127.");
}

/* How other machines reach this one: the first name or address that is not loopback. */
static char *address_for_others(const struct tk_settings *settings)
{
    g_auto(GStrv) hosts = tk_server_hosts(settings);
    const char *host = "localhost";
    for (char **h = hosts; h && *h; h++) {
        if (!is_loopback(*h)) {
            host = *h;
            break;
        }
    }
    bool v6 = strchr(host, ':') != NULL;
    return g_strdup_printf("https://%s%s%s:%lld", v6 ? "[" : "", host, v6 ? "]" : "",
                           (long long)settings->port);
}

struct account_search {
    enum tk_role role;
    int64_t person_id; /* 0: any */
    int64_t school_id; /* 0: any */
    int64_t found;
};

static int match_account(void *ctx, const struct tk_account *a)
{
    struct account_search *s = ctx;
    if (s->found == 0 && a->role == s->role && !a->disabled &&
        (s->person_id == 0 || a->person_id == s->person_id) &&
        (s->school_id == 0 || a->school_id == s->school_id)) {
        s->found = a->id;
    }
    return 0;
}

static int64_t find_account(struct tk_access *a, enum tk_role role, int64_t person_id,
                            int64_t school_id)
{
    struct account_search s = {.role = role, .person_id = person_id, .school_id = school_id};
    tk_account_each(a, match_account, &s);
    return s.found;
}

static struct page *add(struct listing *l, const char *label, const char *path)
{
    struct page p = {0};
    g_strlcpy(p.label, label, sizeof(p.label));
    g_strlcpy(p.path, path, sizeof(p.path));
    g_array_append_val(l->pages, p);
    return &g_array_index(l->pages, struct page, l->pages->len - 1);
}

static void first_open(void *ctx, const struct tk_lesson *lesson)
{
    const struct tk_lesson **found = ctx;
    *found = *found ? *found : lesson;
}

/* Of the room's school, where it has one who may sign in. */
static void add_coteacher(struct tk_reply *r, struct listing *l, const struct tk_room *room)
{
    int64_t id = find_account(r->ctx->access, TK_ROLE_COTEACHER, 0, room->school_id);
    if (room->school_id != 0 && id != 0) {
        g_autofree char *label =
            g_strdup_printf("Co-teacher, %s", *room->school_en ? room->school_en : room->school);
        add(l, label, "/coteach")->account_id = id;
    }
}

static void collect(struct tk_reply *r, struct listing *l)
{
    const struct tk_lesson *lesson = tk_lessons_find(r->ctx->lessons, DEMO);
    if (!lesson) {
        tk_lessons_each_open(r->ctx->lessons, first_open, &lesson);
    }
    if (lesson) {
        g_autofree char *path = g_strdup_printf("/teach/%s", lesson->row.id);
        struct page *p = add(l, "Teacher", path);
        p->account_id = find_account(r->ctx->access, TK_ROLE_TEACHER, lesson->row.teacher.id, 0);
        for (size_t i = 0; i < lesson->row.rooms_count; i++) {
            const struct tk_room *room = &lesson->row.rooms[i];
            p = add(l, *room->school_en ? room->school_en : room->school, "/room");
            p->room_id = room->id;
        }
    }
    add(l, "Administrator", "/admin")->account_id =
        find_account(r->ctx->access, TK_ROLE_ADMIN, 0, 0);
    for (size_t i = 0; lesson && i < lesson->row.rooms_count; i++) {
        add_coteacher(r, l, &lesson->row.rooms[i]);
    }
}

static void print_page(GString *text, const struct listing *l, const struct page *p)
{
    g_string_append_printf(text, "\n  %s\n", p->label);
    const char *bases[] = {l->here, l->others};
    const char *names[] = {"this machine", "others"};
    for (int i = 0; i < 2; i++) {
        g_string_append_printf(text, "    %-13s %s%s\n", names[i], bases[i], p->path);
        if (*p->tokens[i]) {
            g_string_append_printf(text, "    %-13s %s/link/%s\n", "  sign in", bases[i],
                                   p->tokens[i]);
        }
    }
}

static json_t *page_json(const struct listing *l, const struct page *p)
{
    json_t *page = json_pack("{s:s, s:s}", "name", p->label, "path", p->path);
    const char *bases[] = {l->here, l->others};
    const char *names[] = {"here", "others"};
    for (int i = 0; i < 2; i++) {
        json_t *one = json_object();
        json_object_set_new(one, "page", json_sprintf("%s%s", bases[i], p->path));
        if (*p->tokens[i]) {
            json_object_set_new(one, "link", json_sprintf("%s/link/%s", bases[i], p->tokens[i]));
        }
        json_object_set_new(page, names[i], one);
    }
    return page;
}

static void finish(struct tk_reply *r)
{
    struct listing *l = r->more;
    char passwords[TK_FOLDER_PATH];
    json_t *data = json_array();
    GString *text = g_string_new("Tongke is running.\n");
    for (guint i = 0; i < l->pages->len; i++) {
        const struct page *p = &g_array_index(l->pages, struct page, i);
        print_page(text, l, p);
        json_array_append_new(data, page_json(l, p));
    }
    g_string_append_printf(text,
                           "\nEach sign-in link works once, within %d minutes; ./run pages makes "
                           "new ones.\nOther machines trust %s/ca.crt first.\n",
                           TK_LINK_MINUTES, l->others);
    tk_folder_path(r->ctx->settings, "passwords.txt", passwords);
    json_t *whole = json_pack("{s:o}", "pages", data);
    if (g_file_test(passwords, G_FILE_TEST_EXISTS)) {
        g_string_append_printf(text, "The generated passwords are in %s\n", passwords);
        json_object_set_new(whole, "passwords", json_string(passwords));
    }
    tk_reply_text(r, whole, text);
}

static void make_next(struct tk_reply *r);

static void on_made(void *arg, const struct tk_problem *problem, const char *token)
{
    struct tk_reply *r = arg;
    struct listing *l = r->more;
    if (problem) {
        tk_reply_problem(r, problem);
        return;
    }
    struct page *p = &g_array_index(l->pages, struct page, l->made / 2);
    g_strlcpy(p->tokens[l->made % 2], token, sizeof(p->tokens[0]));
    l->made++;
    make_next(r);
}

/* One link after the other; a page that nobody could be signed in to has none. */
static void make_next(struct tk_reply *r)
{
    struct listing *l = r->more;
    for (; l->made < 2 * l->pages->len; l->made++) {
        const struct page *p = &g_array_index(l->pages, struct page, l->made / 2);
        if (p->account_id != 0) {
            tk_link_make_account(r->ctx->access, &r->actor, r->ctx->now(), p->account_id, p->path,
                                 on_made, r);
            return;
        }
        if (p->room_id != 0) {
            tk_link_make_room(r->ctx->access, &r->actor, r->ctx->now(), p->room_id, on_made, r);
            return;
        }
    }
    finish(r);
}

void tk_pages_command(struct tk_reply *r)
{
    struct listing *l = g_new0(struct listing, 1);
    l->pages = g_array_new(FALSE, TRUE, sizeof(struct page));
    l->here =
        g_strdup_printf("http://localhost:%lld", (long long)r->ctx->settings->port + PLAIN_PORT);
    l->others = address_for_others(r->ctx->settings);
    r->more = l;
    r->free_more = listing_free;
    collect(r, l);
    make_next(r);
}
