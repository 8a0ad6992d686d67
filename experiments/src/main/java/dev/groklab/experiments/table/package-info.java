/** Run folders as tables for SQL: {@link dev.groklab.experiments.table.RunTable}. */
package dev.groklab.experiments.table;
