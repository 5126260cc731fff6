#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tables in columns
 *
 * A table keeps widths, not rows: whoever prints goes through the rows twice, first to measure and
 * then to print. So a million rows take no memory.
 */

#include <stdbool.h>
#include <stddef.h>

#include "ctl/output.h"

#define TABLE_COLUMNS_MAX 10

typedef struct TableColumn {
        const char *heading;
        bool elastic; /* gives way where the terminal is too narrow */
        bool hidden;
        unsigned width;
} TableColumn;

typedef struct TableCell {
        const char *text; /* NULL and "": "-" */
        Colour colour;
} TableCell;

typedef struct Table {
        const Output *output;
        TableColumn columns[TABLE_COLUMNS_MAX];
        size_t n_columns;
        Buffer line;
} Table;

void table_init(Table *table, const Output *output);
void table_add_column(Table *table, const char *heading, bool elastic);

/* Before table_begin(): leaves a column out, whatever its cells are. */
void table_hide_column(Table *table, size_t column);

/* After the last row was measured: whether a column would have to give way. */
bool table_is_cramped(const Table *table);

/* One cell a column, hidden ones too. Returns 0: what goes through the rows can take this or
 * table_print(). */
int table_measure(Table *table, const TableCell *cells);

/* After the last row was measured: makes the columns fit, and prints the headings. */
int table_begin(Table *table);
int table_print(Table *table, const TableCell *cells);

void table_done(Table *table);

#define _cleanup_table_ _cleanup_(table_done)
