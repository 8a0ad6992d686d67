/**
 * What the report says, and whether the runs say so too: each {@link
 * dev.groklab.experiments.claims.Statement} names what is measured and the rule that decides,
 * before anything is measured. {@link dev.groklab.experiments.claims.Statements} lists them.
 */
package dev.groklab.experiments.claims;
