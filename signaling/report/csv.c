#include "signaling/report/csv.h"

#include <string.h>

void tk_csv_start(struct tk_csv *csv, GString *out)
{
    csv->out = out;
    csv->begun = false;
    g_string_append(out, "\xef\xbb\xbf");
}

static void separate(struct tk_csv *csv)
{
    if (csv->begun) {
        g_string_append_c(csv->out, ',');
    }
    csv->begun = true;
}

void tk_csv_text(struct tk_csv *csv, const char *text)
{
    separate(csv);
    if (!text || !*text) {
        return;
    }
    bool formula = strchr("=+-@\t\r", *text) != NULL;
    bool quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (!quoted) {
        g_string_append_printf(csv->out, "%s%s", formula ? "'" : "", text);
        return;
    }
    g_string_append(csv->out, formula ? "\"'" : "\"");
    for (const char *c = text; *c; c++) {
        if (*c == '"') {
            g_string_append_c(csv->out, '"');
        }
        g_string_append_c(csv->out, *c);
    }
    g_string_append_c(csv->out, '"');
}

void tk_csv_int(struct tk_csv *csv, int64_t value)
{
    separate(csv);
    g_string_append_printf(csv->out, "%lld", (long long)value);
}

void tk_csv_tenths(struct tk_csv *csv, int64_t tenths)
{
    separate(csv);
    g_string_append_printf(csv->out, "%s%lld.%lld", tenths < 0 ? "-" : "",
                           (long long)(ABS(tenths) / 10), (long long)(ABS(tenths) % 10));
}

void tk_csv_seconds(struct tk_csv *csv, int64_t ms)
{
    separate(csv);
    g_string_append_printf(csv->out, "%s%lld.%03lld", ms < 0 ? "-" : "",
                           (long long)(ABS(ms) / 1000), (long long)(ABS(ms) % 1000));
}

void tk_csv_empty(struct tk_csv *csv)
{
    separate(csv);
}

void tk_csv_end_line(struct tk_csv *csv)
{
    g_string_append(csv->out, "\r\n");
    csv->begun = false;
}
