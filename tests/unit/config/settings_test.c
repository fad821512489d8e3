#include "config/settings.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int read_text(struct tk_settings *s, const char *text, char *err, size_t cap)
{
    char path[] = "/tmp/tongke-settings-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    tk_settings_defaults(s);
    int r = tk_settings_read(s, path, err, cap);
    unlink(path);
    return r;
}

static void reads_values(void **state)
{
    struct tk_settings s;
    char err[256] = "";
    assert_int_equal(read_text(&s, "# c\n\n port = 9000 \nhosts=a,b\r\n", err, sizeof(err)), 0);
    assert_int_equal(s.port, 9000);
    assert_string_equal(s.hosts, "a,b");
    assert_int_equal(s.bridge_gap_s, 120);
}

static void refuses_rubbish_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"\nprot = 1\n", ":2: unknown key 'prot'"},
        {"port = 12x\n", "'12x' is not a whole number"},
        {"port = 70000\n", "outside 1 to 65533"},
        {"port\n", "not of the form key = value"},
        {"port = 1\nport = 2\n", ":2: 'port' is set twice"},
        {"log_keep_days = 10\n", "outside 183 to 3650 d"},
        {"port = 99999999999999999999\n", "not a whole number"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tk_settings s;
        char err[256] = "";
        assert_int_equal(read_text(&s, cases[i].text, err, sizeof(err)), -EBADMSG);
        if (!strstr(err, cases[i].says)) {
            fail_msg("'%s' does not say '%s'", err, cases[i].says);
        }
    }
}

static void environment_overrides(void **state)
{
    struct tk_settings s;
    char err[256] = "";
    tk_settings_defaults(&s);
    setenv("TONGKE_PORT", "9443", 1);
    assert_int_equal(tk_settings_environment(&s, err, sizeof(err)), 0);
    assert_int_equal(s.port, 9443);
    setenv("TONGKE_PORT", "no", 1);
    assert_int_equal(tk_settings_environment(&s, err, sizeof(err)), -EBADMSG);
    assert_non_null(strstr(err, "TONGKE_PORT"));
    unsetenv("TONGKE_PORT");
}

/* The sample names every key once with its default: reading it changes nothing. */
static void sample_is_the_defaults(void **state)
{
    struct tk_settings defaults;
    struct tk_settings s;
    char err[256] = "";
    tk_settings_defaults(&defaults);
    tk_settings_defaults(&s);
    if (tk_settings_read(&s, TK_SAMPLE, err, sizeof(err)) < 0) {
        fail_msg("%s", err);
    }
    assert_memory_equal(&s, &defaults, sizeof(s));

    char text[32768] = "\n";
    FILE *f = fopen(TK_SAMPLE, "r");
    assert_non_null(f);
    size_t n = fread(text + 1, 1, sizeof(text) - 2, f);
    text[n + 1] = '\0';
    fclose(f);
    size_t count;
    const struct tk_setting *table = tk_settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        char line[128];
        snprintf(line, sizeof(line), "\n%s =", table[i].key);
        if (!strstr(text, line) || !strstr(text, table[i].help)) {
            fail_msg("the sample lacks '%s' or its help", table[i].key);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values),
        cmocka_unit_test(refuses_rubbish_with_its_line),
        cmocka_unit_test(environment_overrides),
        cmocka_unit_test(sample_is_the_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
