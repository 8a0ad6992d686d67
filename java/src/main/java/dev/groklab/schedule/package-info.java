/**
 * Learning rates as functions of the step. Java decides the rate of every step and hands it to the
 * engine with the batch; the engine knows no schedules. Depends on nothing.
 */
package dev.groklab.schedule;
