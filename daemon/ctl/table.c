/* SPDX-License-Identifier: Apache-2.0 */

/* Tables in columns. */

#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "ctl/table.h"
#include "util/macro.h"

/* An elastic column gives way no further than this. */
#define ELASTIC_MIN 8

void table_init(Table *table, const Output *output) {
        *table = (Table){ .output = output };
}

void table_add_column(Table *table, const char *heading, bool elastic) {
        assert(table->n_columns < TABLE_COLUMNS_MAX);
        table->columns[table->n_columns++] = (TableColumn){
                .heading = heading,
                .elastic = elastic,
                .width = text_width(heading),
        };
}

void table_hide_column(Table *table, size_t column) {
        assert(column < table->n_columns);
        table->columns[column].hidden = true;
}

static const char *text_of(const TableCell *cell) {
        return cell->text && *cell->text ? cell->text : "-";
}

int table_measure(Table *table, const TableCell *cells) {
        for (size_t i = 0; i < table->n_columns; i++)
                table->columns[i].width =
                                MAX(table->columns[i].width, text_width(text_of(&cells[i])));
        return 0;
}

static unsigned total_width(const Table *table) {
        unsigned total = 0;

        for (size_t i = 0; i < table->n_columns; i++)
                if (!table->columns[i].hidden)
                        total += table->columns[i].width + (total > 0);
        return total;
}

bool table_is_cramped(const Table *table) {
        return table->output->columns > 0 && total_width(table) > table->output->columns;
}

static bool can_shrink(const TableColumn *column) {
        return column->elastic && !column->hidden && column->width > ELASTIC_MIN
                        && column->width > text_width(column->heading);
}

/* The widest column that can give way, or NULL. */
static TableColumn *widest_elastic(Table *table) {
        TableColumn *widest = NULL;

        for (size_t i = 0; i < table->n_columns; i++) {
                TableColumn *column = &table->columns[i];

                if (can_shrink(column) && (!widest || column->width > widest->width))
                        widest = column;
        }
        return widest;
}

static int print_cell(Table *table, size_t i, const TableCell *cell, unsigned left) {
        unsigned width = MIN(table->columns[i].width, left), used;

        (void) buffer_add(&table->line, colour_on(table->output, cell->colour));
        used = text_add(&table->line, text_of(cell), width);
        /* The colour goes as far as the heading's underline should. */
        if (table->output->colours && cell->colour == COLOUR_HEADING && used < width) {
                (void) buffer_addf(&table->line, "%*s", (int) (width - used), "");
                used = width;
        }
        (void) buffer_add(&table->line, colour_off(table->output, cell->colour));
        if (i + 1 < table->n_columns && used < left)
                return buffer_addf(&table->line, "%*s", (int) (width - used), "");
        return 0;
}

int table_print(Table *table, const TableCell *cells) {
        unsigned left = table->output->columns > 0 ? table->output->columns : INT32_MAX;

        buffer_clear(&table->line);
        for (size_t i = 0; i < table->n_columns && left > 0; i++) {
                if (table->columns[i].hidden)
                        continue;
                (void) print_cell(table, i, &cells[i], left);
                left -= MIN(left, table->columns[i].width);
                if (i + 1 < table->n_columns && left > 0) {
                        (void) buffer_add_char(&table->line, ' ');
                        left--;
                }
        }
        if (buffer_status(&table->line) < 0)
                return -ENOMEM;
        (void) fprintf(table->output->file, "%s\n", buffer_text(&table->line));
        return output_error(table->output);
}

int table_begin(Table *table) {
        TableCell headings[TABLE_COLUMNS_MAX] = { 0 };
        TableColumn *column;

        while (table_is_cramped(table) && (column = widest_elastic(table)))
                column->width--;

        for (size_t i = 0; i < table->n_columns; i++)
                headings[i] = (TableCell){ table->columns[i].heading, COLOUR_HEADING };
        return table_print(table, headings);
}

void table_done(Table *table) {
        buffer_done(&table->line);
}
