/**
 * Groklab as a library: data and schedules, the engine that trains, and runs that leave files.
 * Start at {@link dev.groklab.engine.Engine}.
 */
module dev.groklab {
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires dev.groklab.ffi;
  requires org.slf4j;

  exports dev.groklab.data;
  exports dev.groklab.engine;
  exports dev.groklab.run;
  exports dev.groklab.schedule;
}
