/**
 * Learning rates as functions of the step: constant, step decay, cosine annealing, and what makes
 * new ones of them: warm-up, products, one after another. All begin at {@link
 * dev.groklab.schedule.Schedule}. Java decides the rate of every step and hands it to the engine
 * with the batch; the engine knows no schedules. Depends on nothing.
 */
package dev.groklab.schedule;
