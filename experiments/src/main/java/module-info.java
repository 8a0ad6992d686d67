/** The programs behind {@code ./groklab}. */
module dev.groklab.experiments {
  requires com.fasterxml.jackson.databind;
  requires dev.groklab;
  requires info.picocli;
  requires java.desktop;
  requires me.tongfei.progressbar;
  requires org.jfree.jfreechart;
  requires org.jfree.svg;

  opens dev.groklab.experiments to
      info.picocli;
}
