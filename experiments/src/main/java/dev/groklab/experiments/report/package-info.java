/**
 * From run folders to a page: figures whose curves are medians over seeds, claims with their
 * verdicts, tables, all in one HTML file.
 */
package dev.groklab.experiments.report;
