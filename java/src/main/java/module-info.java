/**
 * Groklab as a library: data and schedules, the engine that trains, runs that leave files, and
 * statistics over them. Start at {@link dev.groklab.engine.Engine}.
 */
module dev.groklab {
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires dev.groklab.ffi;
  requires ejml.core;
  requires ejml.ddense;
  requires org.apache.commons.statistics.distribution;
  requires org.apache.commons.statistics.inference;
  requires org.apache.commons.statistics.ranking;
  requires org.slf4j;

  exports dev.groklab.analysis;
  exports dev.groklab.data;
  exports dev.groklab.data.control;
  exports dev.groklab.data.images;
  exports dev.groklab.data.text;
  exports dev.groklab.engine;
  exports dev.groklab.progress;
  exports dev.groklab.run;
  exports dev.groklab.schedule;
}
