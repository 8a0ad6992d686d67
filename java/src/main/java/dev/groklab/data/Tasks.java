package dev.groklab.data;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** The tasks by name. */
public final class Tasks {

  private static final Map<String, BiFunction<Integer, Integer, Task>> TASKS =
      new TreeMap<>(Map.of(ModularAddition.NAME, ModularAddition::new));

  private Tasks() {}

  /**
   * Names of the tasks.
   *
   * @return the names in alphabetical order
   */
  public static Set<String> names() {
    return Collections.unmodifiableSet(TASKS.keySet());
  }

  /**
   * Makes a task.
   *
   * @param name one of {@link #names()}
   * @param p modulus
   * @param summands number of operands K
   * @return the task
   * @throws IllegalArgumentException if there is no such task, or it does not take these sizes
   */
  public static Task of(String name, int p, int summands) {
    BiFunction<Integer, Integer, Task> task = TASKS.get(name);
    if (task == null) {
      throw new IllegalArgumentException(
          "there is no task \"" + name + "\"; known: " + String.join(", ", names()));
    }
    return task.apply(p, summands);
  }
}
