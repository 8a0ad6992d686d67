package dev.groklab.experiments.table;

import java.util.List;

/**
 * The answer to a question.
 *
 * @param columns names
 * @param rows a value per column each, null where there is none
 */
public record Answer(List<String> columns, List<List<Object>> rows) {}
