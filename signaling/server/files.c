#include "signaling/server/files.h"

#include <errno.h>
#include <string.h>

#define HASH_CHARS 16
#define CSP                                                                                        \
    "default-src 'self'; connect-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; " \
    "worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "                  \
    "frame-ancestors 'none'"
/* A script that is started as a worker has a policy of its own: the reader of PDF files fetches its
 * fonts and compiles its decoders of pictures. */
#define SCRIPT_CSP "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
#define PERMISSIONS                                                                                \
    "camera=(self), microphone=(self), autoplay=(self), fullscreen=(self), "                       \
    "display-capture=(self), screen-wake-lock=(self), geolocation=(), payment=(), usb=()"

struct file {
    GBytes *plain;
    GBytes *gzip; /* NULL: none */
    char tag[HASH_CHARS + 1];
    const char *type;
};

struct tk_files {
    GHashTable *files; /* path below the folder → struct file */
    size_t bytes;
};

static const struct {
    const char *end;
    const char *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".ico", "image/x-icon"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".map", "application/json"},
};

/* Addresses of pages. */
static const struct {
    const char *path;
    const char *file;
} pages[] = {
    {"/", "index.html"},
    {"/login", "login.html"},
    {"/link/{token}", "link.html"},
    {"/teach/{lesson}", "teach.html"},
    {"/room", "room.html"},
    {"/room/setup", "room.html"},
    {"/coteach", "coteach.html"},
    {"/coteach-sw.js", "coteach-sw.js"}, /* a service worker serves what is below its own address */
    {"/admin", "admin.html"},
    {"/admin/{view}", "admin.html"},
    {"/admin/{view}/{id}", "admin.html"},
};

static void file_free(gpointer data)
{
    struct file *f = data;
    g_clear_pointer(&f->plain, g_bytes_unref);
    g_clear_pointer(&f->gzip, g_bytes_unref);
    g_free(f);
}

static const char *type_of(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_has_suffix(name, types[i].end)) {
            return types[i].type;
        }
    }
    return "application/octet-stream";
}

static struct file *file_at(struct tk_files *f, const char *name)
{
    struct file *file = g_hash_table_lookup(f->files, name);
    if (!file) {
        file = g_new0(struct file, 1);
        file->type = type_of(name);
        g_hash_table_insert(f->files, g_strdup(name), file);
    }
    return file;
}

static int read_file(struct tk_files *f, const char *path, const char *name, char *err, size_t cap)
{
    GError *error = NULL;
    char *text = NULL;
    gsize len = 0;
    if (!g_file_get_contents(path, &text, &len, &error)) {
        g_snprintf(err, (gulong)cap, "%s", error->message);
        g_error_free(error);
        return -EIO;
    }
    f->bytes += len;
    if (f->bytes > TK_FILES_BYTES_MAX) {
        g_free(text);
        g_snprintf(err, (gulong)cap, "%s: the pages are larger than %d MiB: is it their folder?",
                   path, TK_FILES_BYTES_MAX >> 20);
        return -EFBIG;
    }
    if (g_str_has_suffix(name, ".gz")) {
        char *plain = g_strndup(name, strlen(name) - 3);
        file_at(f, plain)->gzip = g_bytes_new_take(text, len);
        g_free(plain);
        return 0;
    }
    struct file *file = file_at(f, name);
    char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, len);
    g_strlcpy(file->tag, hash, sizeof(file->tag));
    g_free(hash);
    file->plain = g_bytes_new_take(text, len);
    return 0;
}

static int read_folder(struct tk_files *f, const char *folder, const char *prefix, int depth,
                       char *err, size_t cap)
{
    GDir *dir = depth < 4 ? g_dir_open(folder, 0, NULL) : NULL;
    const char *name;
    int r = 0;
    while (r == 0 && dir && (name = g_dir_read_name(dir))) {
        if (name[0] == '.') {
            continue;
        }
        char *path = g_build_filename(folder, name, NULL);
        char *key = g_strconcat(prefix, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            char *below = g_strconcat(key, "/", NULL);
            r = read_folder(f, path, below, depth + 1, err, cap);
            g_free(below);
        } else {
            r = read_file(f, path, key, err, cap);
        }
        g_free(path);
        g_free(key);
    }
    if (dir) {
        g_dir_close(dir);
    }
    return r;
}

static gboolean has_no_plain(gpointer key, gpointer value, gpointer ctx)
{
    return !((struct file *)value)->plain;
}

int tk_files_read(const char *folder, struct tk_files **ret, char *err, size_t cap)
{
    struct tk_files *f = g_new0(struct tk_files, 1);
    f->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, file_free);
    int r = read_folder(f, folder, "", 0, err, cap);
    if (r < 0) {
        tk_files_destroy(f);
        return r;
    }
    g_hash_table_foreach_remove(f->files, has_no_plain, NULL);
    *ret = f;
    return 0;
}

void tk_files_destroy(struct tk_files *f)
{
    if (f) {
        g_hash_table_unref(f->files);
        g_free(f);
    }
}

size_t tk_files_count(const struct tk_files *f)
{
    return g_hash_table_size(f->files);
}

static void reply_file(const struct file *file, struct tk_request *r)
{
    bool gzip = file->gzip && tk_http_accepts_gzip(r);
    char tag[HASH_CHARS + 8];
    const char *known = r->headers[TK_HTTP_IF_NONE_MATCH];
    bool is_page = g_str_has_prefix(file->type, "text/html");
    g_snprintf(tag, sizeof(tag), "\"%s%s\"", file->tag, gzip ? "-gz" : "");
    tk_http_header(r, "ETag", "%s", tag);
    tk_http_header(r, "Vary", "Accept-Encoding");
    tk_http_header(r, "Cache-Control", "%s",
                   g_str_has_prefix(r->path, "/assets/") ? "public, max-age=31536000, immutable"
                                                         : "no-cache");
    tk_http_header(r, "Cross-Origin-Resource-Policy", "same-origin");
    if (is_page) {
        tk_http_header(r, "Content-Security-Policy", "%s", CSP);
        tk_http_header(r, "Permissions-Policy", "%s", PERMISSIONS);
        tk_http_header(r, "Cross-Origin-Opener-Policy", "same-origin");
    } else if (g_str_has_prefix(file->type, "text/javascript")) {
        tk_http_header(r, "Content-Security-Policy", "%s", SCRIPT_CSP);
    }
    if (known && strstr(known, tag)) {
        tk_http_reply_empty(r, 304);
        return;
    }
    if (gzip) {
        tk_http_header(r, "Content-Encoding", "gzip");
    }
    tk_http_reply_shared(r, 200, file->type, gzip ? file->gzip : file->plain);
}

static const char *page_file(const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        char *params[TK_HTTP_PARAMS_MAX] = {NULL};
        bool matches = tk_http_match(pages[i].path, path, params);
        for (int p = 0; p < TK_HTTP_PARAMS_MAX; p++) {
            g_free(params[p]);
        }
        if (matches) {
            return pages[i].file;
        }
    }
    return NULL;
}

bool tk_files_reply(const struct tk_files *f, struct tk_request *r)
{
    static const char unbuilt[] = "The pages are not built: run `npm run build` in web/\n";
    const char *page = page_file(r->path);
    const struct file *file = NULL;
    if (page) {
        file = g_hash_table_lookup(f->files, page);
    } else if (g_str_has_prefix(r->path, "/assets/")) {
        file = g_hash_table_lookup(f->files, r->path + 1);
    }
    if (file) {
        reply_file(file, r);
    } else if (page) {
        tk_http_reply(r, 503, "text/plain; charset=utf-8", unbuilt, strlen(unbuilt));
    }
    return file || page;
}

char *tk_files_folder(const struct tk_settings *settings)
{
    /* as in the build tree, as installed below a prefix */
    static const char *const places[] = {"../../web/dist", "../share/tongke/web"};
    if (*settings->web_dir) {
        return g_strdup(settings->web_dir);
    }
    char *program = g_file_read_link("/proc/self/exe", NULL);
    char *beside = g_path_get_dirname(program ? program : ".");
    char *found = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(places) && !found; i++) {
        char *path = g_build_filename(beside, places[i], NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            found = g_steal_pointer(&path);
        }
        g_free(path);
    }
    g_free(program);
    g_free(beside);
    return found ? found : g_strdup("web/dist");
}
