/**
 * The programs behind {@code ./groklab}: {@link dev.groklab.experiments.Main} and its commands.
 * They turn what a person writes into {@link dev.groklab.run.Run runs}, and runs into words and
 * pictures; everything else is done by the library.
 */
package dev.groklab.experiments;
