/** The programs behind {@code ./groklab}. */
module dev.groklab.experiments {
  requires VectorGraphics2D;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires dev.groklab;
  requires duckdb.jdbc;
  requires freemarker;
  requires info.picocli;
  requires java.desktop;
  requires java.sql;
  requires me.tongfei.progressbar;
  requires org.jfree.jfreechart;

  opens dev.groklab.experiments to
      info.picocli;
  opens dev.groklab.experiments.article to
      info.picocli;
  opens dev.groklab.experiments.explain to
      freemarker;
  opens dev.groklab.experiments.report to
      freemarker;
  opens dev.groklab.experiments.bench to
      info.picocli;
}
