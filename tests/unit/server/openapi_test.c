#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "signaling/http/router.h"
#include "signaling/server/health.h"

static json_t *document(void)
{
    size_t len;
    const char *text = tk_openapi_document(&len);
    json_error_t error;
    json_t *doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(doc);
    return doc;
}

static const char *method_name(enum tk_http_method method)
{
    static const char *const names[] = {"get", "head", "post", "put", "patch", "delete", "options"};
    return names[method];
}

/* Calls `each` for every route but OPTIONS, which every address has. */
static void each_route(void (*each)(void *ctx, const struct tk_route *route), void *ctx)
{
    const struct tk_route *const *tables[] = {
        tk_http_tables, (const struct tk_route *const[]){tk_server_routes, NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        for (const struct tk_route *const *table = tables[i]; *table; table++) {
            for (const struct tk_route *route = *table; route->pattern; route++) {
                if (route->method != TK_HTTP_OPTIONS) {
                    each(ctx, route);
                }
            }
        }
    }
}

static const json_t *operation_of(const json_t *doc, const struct tk_route *route)
{
    const json_t *path = json_object_get(json_object_get(doc, "paths"), route->pattern);
    const json_t *operation = json_object_get(path, method_name(route->method));
    if (!operation) {
        print_error("not described: %s %s\n", method_name(route->method), route->pattern);
    }
    assert_non_null(operation);
    return operation;
}

static bool names_role(const json_t *security, const char *role)
{
    for (size_t i = 0; i < json_array_size(security); i++) {
        if (json_object_get(json_array_get(security, i), role)) {
            return true;
        }
    }
    return false;
}

static void check_route(void *ctx, const struct tk_route *route)
{
    const json_t *operation = operation_of(ctx, route);
    const json_t *security = json_object_get(operation, "security");
    for (int role = 0; role < TK_ROLES; role++) {
        assert_int_equal((route->who & 1u << role) != 0,
                         names_role(security, tk_role_name((enum tk_role)role)));
    }
    if (route->who != TK_WHO_ANYBODY) {
        assert_non_null(json_object_get(json_object_get(operation, "responses"), "401"));
    }
    const json_t *content = json_object_get(json_object_get(operation, "requestBody"), "content");
    if (route->type) {
        g_auto(GStrv) types = g_strsplit(route->type, ", ", -1);
        for (int i = 0; types[i]; i++) {
            assert_non_null(json_object_get(content, types[i]));
        }
        assert_int_equal(g_strv_length(types), json_object_size(content));
        assert_non_null(json_object_get(json_object_get(operation, "responses"), "415"));
    } else {
        assert_null(content);
    }
    /* each {name} of the pattern is a path parameter */
    size_t wanted = 0;
    size_t found = 0;
    for (const char *c = route->pattern; *c; c++) {
        wanted += *c == '{';
    }
    const json_t *parameters = json_object_get(operation, "parameters");
    for (size_t i = 0; i < json_array_size(parameters); i++) {
        const json_t *in = json_object_get(json_array_get(parameters, i), "in");
        found += strcmp(json_string_value(in), "path") == 0;
    }
    assert_int_equal(wanted, found);
}

static void every_route_is_described_as_it_is(void **state)
{
    json_t *doc = document();
    each_route(check_route, doc);
    json_decref(doc);
}

struct search {
    const char *path;
    const char *method;
    bool found;
};

static void compare(void *ctx, const struct tk_route *route)
{
    struct search *s = ctx;
    s->found = s->found || (strcmp(route->pattern, s->path) == 0 &&
                            strcmp(method_name(route->method), s->method) == 0);
}

static void nothing_is_described_that_is_not_there(void **state)
{
    json_t *doc = document();
    const char *path;
    json_t *operations;
    json_object_foreach(json_object_get(doc, "paths"), path, operations)
    {
        const char *method;
        json_t *operation;
        json_object_foreach(operations, method, operation)
        {
            struct search s = {path, method, false};
            each_route(compare, &s);
            if (!s.found) {
                print_error("not there: %s %s\n", method, path);
            }
            assert_true(s.found);
        }
    }
    json_decref(doc);
}

/* Every "$ref" below `value` leads somewhere. */
static void check_references(const json_t *doc, const json_t *value)
{
    const char *key;
    json_t *child;
    size_t i;
    if (json_is_array(value)) {
        json_array_foreach(value, i, child)
        {
            check_references(doc, child);
        }
        return;
    }
    json_object_foreach((json_t *)value, key, child)
    {
        if (strcmp(key, "$ref") != 0) {
            check_references(doc, child);
            continue;
        }
        g_auto(GStrv) parts = g_strsplit(json_string_value(child), "/", -1);
        const json_t *target = doc;
        assert_string_equal("#", parts[0]);
        for (i = 1; parts[i]; i++) {
            target = json_object_get(target, parts[i]);
        }
        assert_non_null(target);
    }
}

static void references_lead_somewhere(void **state)
{
    json_t *doc = document();
    assert_string_equal("3.1.0", json_string_value(json_object_get(doc, "openapi")));
    check_references(doc, doc);
    json_decref(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described_as_it_is),
        cmocka_unit_test(nothing_is_described_that_is_not_there),
        cmocka_unit_test(references_lead_somewhere),
    };
    return cmocka_run_group_tests_name("openapi", tests, NULL, NULL);
}
