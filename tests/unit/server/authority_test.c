#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#include "signaling/server/authority.h"
#include "tests/unit/store/temporary.h"

static char *const hosts[] = {"tongke.example", "192.0.2.7", "2001:db8::7", "localhost", NULL};

struct fixture {
    char *folder;
    struct tk_settings settings;
    struct tk_tls_files files;
    char err[512];
};

static int set_up(void **state)
{
    struct fixture *f = g_new0(struct fixture, 1);
    f->folder = temporary_make();
    tk_settings_defaults(&f->settings);
    g_strlcpy(f->settings.data_dir, f->folder, sizeof(f->settings.data_dir));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    temporary_remove(g_build_filename(f->folder, "tls", NULL));
    temporary_remove(f->folder);
    g_free(f);
    return 0;
}

static int prepare(struct fixture *f, char *const *names)
{
    return tk_authority_prepare(&f->settings, names, &f->files, f->err, sizeof(f->err));
}

static X509 *read_certificate(const char *path)
{
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(certificate);
    return certificate;
}

/* What a browser does: trusts the authority, checks the chain and the name. */
static bool verifies(const struct fixture *f, const char *host, const char *address)
{
    X509_STORE *store = X509_STORE_new();
    X509 *root = read_certificate(f->files.authority);
    X509 *leaf = read_certificate(f->files.certificate);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_STORE_add_cert(store, root);
    X509_STORE_CTX_init(ctx, store, leaf, NULL);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
    if (host) {
        X509_VERIFY_PARAM_set1_host(param, host, 0);
    } else {
        X509_VERIFY_PARAM_set1_ip_asc(param, address);
    }
    bool ok = X509_verify_cert(ctx) == 1;
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    X509_free(root);
    X509_free(leaf);
    return ok;
}

static void certificate_verifies_for_every_host(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(0, prepare(f, hosts));
    assert_true(f->files.made);
    assert_true(verifies(f, "tongke.example", NULL));
    assert_true(verifies(f, "localhost", NULL));
    assert_true(verifies(f, NULL, "192.0.2.7"));
    assert_true(verifies(f, NULL, "2001:db8::7"));
    assert_false(verifies(f, "other.example", NULL));
    assert_false(verifies(f, NULL, "192.0.2.8"));
}

static void keys_are_for_nobody_else(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    assert_int_equal(0, prepare(f, hosts));
    assert_int_equal(0, stat(f->files.key, &st));
    assert_int_equal(0600, st.st_mode & 0777);
    g_autofree char *key = g_build_filename(f->folder, "tls", "authority.key", NULL);
    assert_int_equal(0, stat(key, &st));
    assert_int_equal(0600, st.st_mode & 0777);
    g_autofree char *folder = g_build_filename(f->folder, "tls", NULL);
    assert_int_equal(0, stat(folder, &st));
    assert_int_equal(0700, st.st_mode & 0777);
}

static void certificate_stays_until_the_names_change(void **state)
{
    struct fixture *f = *state;
    static char *const more[] = {"tongke.example", "second.example", NULL};
    assert_int_equal(0, prepare(f, hosts));
    g_autofree char *authority = NULL;
    g_autofree char *again = NULL;
    assert_true(g_file_get_contents(f->files.authority, &authority, NULL, NULL));
    assert_int_equal(0, prepare(f, hosts));
    assert_false(f->files.made);
    assert_int_equal(0, prepare(f, more));
    assert_true(f->files.made);
    assert_true(verifies(f, "second.example", NULL));
    assert_true(g_file_get_contents(f->files.authority, &again, NULL, NULL));
    assert_string_equal(authority, again);
}

static void certificate_of_another_authority_is_replaced(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(0, prepare(f, hosts));
    g_autofree char *key = g_build_filename(f->folder, "tls", "authority.key", NULL);
    assert_int_equal(0, g_unlink(key));
    assert_int_equal(0, prepare(f, hosts));
    assert_true(f->files.made);
    assert_true(verifies(f, "tongke.example", NULL));
}

static void damaged_authority_is_not_replaced_silently(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(0, prepare(f, hosts));
    assert_true(g_file_set_contents(f->files.authority, "nonsense", -1, NULL));
    assert_true(prepare(f, hosts) < 0);
    assert_non_null(strstr(f->err, "authority.crt"));
    assert_null(strchr(f->err, '\n'));
}

static void names_that_are_none_are_refused(void **state)
{
    struct fixture *f = *state;
    static char *const bad[] = {"tongke.example", "a,DNS:evil.example", NULL};
    assert_true(prepare(f, bad) < 0);
    assert_non_null(strstr(f->err, "evil"));
}

static void real_certificate_comes_from_the_settings(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(0, prepare(f, hosts));
    g_strlcpy(f->settings.tls_certificate, f->files.certificate, TK_SETTINGS_TEXT);
    g_strlcpy(f->settings.tls_key, f->files.key, TK_SETTINGS_TEXT);
    assert_int_equal(0, prepare(f, hosts));
    assert_string_equal("", f->files.authority);
    g_strlcpy(f->settings.tls_key, "/nowhere/key.pem", TK_SETTINGS_TEXT);
    assert_int_equal(-ENOENT, prepare(f, hosts));
    assert_non_null(strstr(f->err, "/nowhere/key.pem"));
    g_autofree char *other = g_build_filename(f->folder, "tls", "authority.key", NULL);
    g_strlcpy(f->settings.tls_key, other, TK_SETTINGS_TEXT);
    assert_int_equal(-EBADMSG, prepare(f, hosts));
    assert_null(strchr(f->err, '\n'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(certificate_verifies_for_every_host),
        T(keys_are_for_nobody_else),
        T(certificate_stays_until_the_names_change),
        T(certificate_of_another_authority_is_replaced),
        T(damaged_authority_is_not_replaced_silently),
        T(names_that_are_none_are_refused),
        T(real_certificate_comes_from_the_settings),
    };
    return cmocka_run_group_tests_name("authority", tests, NULL, NULL);
}
