/** The programs behind {@code ./groklab}. */
module dev.groklab.experiments {
  requires VectorGraphics2D;
  requires com.fasterxml.jackson.databind;
  requires dev.groklab;
  requires info.picocli;
  requires java.desktop;
  requires me.tongfei.progressbar;
  requires org.jfree.jfreechart;

  opens dev.groklab.experiments to
      info.picocli;
  opens dev.groklab.experiments.bench to
      info.picocli;
}
