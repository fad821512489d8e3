/* Pictures of slides: sent once by the teacher's page, read by whoever sees the board. */

#include <errno.h>
#include <string.h>

#include "config/log.h"
#include "signaling/classroom/board.h"
#include "signaling/classroom/board_files.h"
#include "signaling/classroom/picture.h"
#include "signaling/http/sees.h"

static char *folder_of(const struct tk_request *r)
{
    return g_build_filename(r->ctx->settings->data_dir, "files", NULL);
}

/* ---- sending one ---- */

struct upload {
    struct tk_request *request;
    char *folder;
    struct tk_file_row row;
};

static void upload_end(struct upload *u)
{
    g_free(u->folder);
    g_free(u);
}

static void fail_upload(struct upload *u, int error)
{
    struct tk_problem problem;
    tk_log_warning("a slide's picture was not kept", "folder=%s why=\"%s\"", u->folder,
                   strerror(-error));
    if (error == -ENOSPC || error == -EDQUOT || error == -EAGAIN) {
        tk_problem_from_errno(&problem, -ENOSPC);
    } else {
        tk_problem_set(&problem, TK_PROBLEM_UNAVAILABLE, NULL, "The picture was not saved: %s",
                       strerror(-error));
    }
    tk_http_reply_problem(u->request, &problem);
    upload_end(u);
}

static void on_noted(void *arg, const struct tk_problem *problem, bool fresh)
{
    struct upload *u = arg;
    struct tk_request *r = u->request;
    if (problem) {
        tk_http_reply_problem(r, problem);
    } else {
        if (fresh) {
            tk_http_header(r, "Location", "/api/v1/lessons/%s/files/%s", r->params[0], u->row.id);
        }
        tk_http_reply_json(r, fresh ? 201 : 200,
                           json_pack("{s:s, s:I, s:I, s:I}", "id", u->row.id, "w",
                                     (json_int_t)u->row.w, "h", (json_int_t)u->row.h, "bytes",
                                     (json_int_t)u->row.bytes));
    }
    upload_end(u);
}

/* On the thread of long reads: the request stays as it is until it is answered. */
static int keep(void *arg)
{
    struct upload *u = arg;
    return tk_board_file_keep(u->folder, u->request->body, u->request->body_len, u->row.id);
}

static void on_kept(void *arg, int result)
{
    struct upload *u = arg;
    struct tk_request *r = u->request;
    if (result < 0) {
        fail_upload(u, result);
        return;
    }
    tk_board_file_add(r->ctx->store, r->ctx->now(), r->params[0], r->account->id, &u->row, on_noted,
                      u);
}

static bool is_picture(struct tk_request *r, struct tk_picture *ret)
{
    const char *why = "";
    struct tk_problem problem;
    int result = tk_picture_parse(r->body, r->body_len, ret, &why);
    if (result == 0 && tk_http_has_type(r, ret->type)) {
        return true;
    }
    tk_problem_set(&problem, TK_PROBLEM_BAD_FIELD, NULL, "%s",
                   result == 0 ? "The picture is of another type than Content-Type says" : why);
    problem.status = 422; /* RFC 9110, section 15.5.21: the type is fine, what is in it is not */
    tk_http_reply_problem(r, &problem);
    return false;
}

static void send(struct tk_request *r)
{
    struct tk_picture picture;
    struct tk_problem problem;
    const struct tk_lesson *lesson = tk_lessons_find(r->ctx->lessons, r->params[0]);
    if (!is_picture(r, &picture)) {
        return;
    }
    if (tk_board_file_room(r->ctx->store, lesson, (int64_t)r->body_len, &problem) < 0) {
        tk_http_reply_problem(r, &problem);
        return;
    }
    struct upload *u = g_new0(struct upload, 1);
    u->request = r;
    u->folder = folder_of(r);
    g_strlcpy(u->row.type, picture.type, sizeof(u->row.type));
    u->row.w = picture.w;
    u->row.h = picture.h;
    u->row.bytes = (int64_t)r->body_len;
    int result = tk_http_background(r, keep, on_kept, u);
    if (result < 0) {
        fail_upload(u, result);
    }
}

/* ---- reading one ---- */

/* Mapped, not read: sixty rooms that open a slide share its bytes in memory. */
static GBytes *map_file(const struct tk_request *r, const char *id)
{
    g_autofree char *folder = folder_of(r);
    g_autofree char *path = g_build_filename(folder, id, NULL);
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
    if (!file) {
        tk_log_warning("a slide's picture is not in the data folder", "path=%s", path);
        return NULL;
    }
    return g_mapped_file_get_bytes(file);
}

static void show(struct tk_request *r)
{
    struct tk_file_row row;
    const char *seen = r->headers[TK_HTTP_IF_NONE_MATCH];
    int result = tk_file_row(tk_store_reader(r->ctx->store), r->params[0], r->params[1], &row);
    if (result < 0) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "The lesson has no such picture");
        return;
    }
    bool has = seen && strstr(seen, row.id);
    g_autoptr(GBytes) bytes = has ? NULL : map_file(r, row.id);
    if (!has && !bytes) {
        tk_http_fail(r, TK_PROBLEM_NOT_FOUND, NULL, "The picture is no longer on this server");
        return;
    }
    tk_http_header(r, "ETag", "\"%s\"", row.id);
    tk_http_header(r, "Cache-Control", "private, max-age=31536000, immutable");
    if (has) {
        tk_http_reply_empty(r, 304);
    } else {
        tk_http_reply_shared(r, 200, row.type, bytes);
    }
}

const struct tk_route tk_file_routes[] = {
    {.method = TK_HTTP_POST,
     .pattern = "/api/v1/lessons/{id}/files",
     .who = TK_WHO_TEACHER,
     .type = "image/png, image/jpeg, image/webp",
     .body_max = TK_BOARD_FILE_BYTES,
     .cost = 5,
     .check = tk_http_teaches_lesson,
     .handle = send},
    {.method = TK_HTTP_GET,
     .pattern = "/api/v1/lessons/{id}/files/{file}",
     .who = TK_WHO_SEES,
     .check = tk_http_sees_lesson,
     .handle = show},
    {0},
};
