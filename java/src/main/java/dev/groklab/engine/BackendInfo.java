package dev.groklab.engine;

/**
 * What is known of one backend on this machine.
 *
 * @param backend the backend
 * @param usable whether an engine can be opened on it
 * @param detail in words, what it would use, or why it cannot be used
 */
public record BackendInfo(Backend backend, boolean usable, String detail) {}
