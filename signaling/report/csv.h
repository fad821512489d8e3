#ifndef TK_SIGNALING_REPORT_CSV_H
#define TK_SIGNALING_REPORT_CSV_H

/*
 * CSV as spreadsheets read it: RFC 4180 quoting, UTF-8 with BOM, lines end in CR LF; a text cell
 * that a spreadsheet would take for a formula (= + - @, tab, CR first) gets a ' before it.
 * Any thread.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct tk_csv {
    GString *out;
    bool begun; /* the line has a cell */
};

/* Writes the BOM into `out`, which stays the caller's. */
void tk_csv_start(struct tk_csv *csv, GString *out);
void tk_csv_text(struct tk_csv *csv, const char *text); /* NULL: empty */
void tk_csv_int(struct tk_csv *csv, int64_t value);
void tk_csv_tenths(struct tk_csv *csv, int64_t tenths); /* 905 → 90.5 */
void tk_csv_seconds(struct tk_csv *csv, int64_t ms);    /* 62471 → 62.471 */
void tk_csv_empty(struct tk_csv *csv);
void tk_csv_end_line(struct tk_csv *csv);

#endif
