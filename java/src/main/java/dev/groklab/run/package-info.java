/**
 * Runs: the configuration, the loop that trains it, and the folder it leaves behind.
 *
 * <p>{@link dev.groklab.run.Runner} trains one or many {@link dev.groklab.run.RunConfig
 * configurations} of one architecture together; Java decides what happens at which step, the engine
 * computes. A {@link dev.groklab.run.RunFolder} holds the outcome in files that pandas and NumPy
 * read. Nothing here prints or exits, so that any program can embed it:
 *
 * <pre>{@code
 * RunConfig config = RunConfig.of(Map.of("p", 97, "until", "grok"));
 * Summary summary = Runner.train(config, Path.of("runs/mine"));
 * System.out.println(summary.status() + ", delay " + summary.grokkingDelay());
 * }</pre>
 */
package dev.groklab.run;
