/* GET /openapi.json: signaling/http/openapi.json as it was built in. */

#include "signaling/http/http.h"

#include "signaling/http/openapi_data.h"

const char *tk_openapi_document(size_t *ret_len)
{
    *ret_len = sizeof(tk_openapi_data);
    return (const char *)tk_openapi_data;
}

static void show(struct tk_request *r)
{
    tk_http_header(r, "Cache-Control", "no-cache");
    tk_http_reply(r, 200, "application/json", tk_openapi_data, sizeof(tk_openapi_data));
}

const struct tk_route tk_openapi_routes[] = {
    {.method = TK_HTTP_GET, .pattern = "/api/v1/openapi.json", .handle = show},
    {0},
};
