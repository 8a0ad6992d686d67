/** What runs left in their folders, in the order in which figures show them. */
package dev.groklab.experiments.results;
