package dev.groklab.experiments.report;

import freemarker.cache.ClassTemplateLoader;
import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/** Turns a {@link PageView} into HTML that needs no other file and is well-formed XML, too. */
final class Page {

  private Page() {}

  static String html(PageView view) throws IOException {
    Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
    configuration.setTemplateLoader(new ClassTemplateLoader(Page.class, ""));
    configuration.setDefaultEncoding(StandardCharsets.UTF_8.name());
    configuration.setLocale(Locale.ROOT);
    configuration.setLogTemplateExceptions(false);
    configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    StringWriter html = new StringWriter();
    try {
      configuration.getTemplate("page.ftlh").process(Map.of("page", view), html);
    } catch (TemplateException e) {
      throw new IllegalStateException("the page's template does not fit its data", e);
    }
    return html.toString();
  }
}
