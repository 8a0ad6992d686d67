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

/** Fills templates of pages, which need no other file and are well-formed XML, too. */
public final class Page {

  private Page() {}

  /**
   * Fills a template.
   *
   * @param owner a class in the package that the template lies in
   * @param template its file
   * @param view what the template knows as {@code page}; of a package that is open to FreeMarker
   * @return HTML
   * @throws IOException if the template cannot be read
   */
  public static String html(Class<?> owner, String template, Object view) throws IOException {
    Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
    configuration.setTemplateLoader(new ClassTemplateLoader(owner, ""));
    configuration.setDefaultEncoding(StandardCharsets.UTF_8.name());
    configuration.setLocale(Locale.ROOT);
    configuration.setLogTemplateExceptions(false);
    configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    StringWriter html = new StringWriter();
    try {
      configuration.getTemplate(template).process(Map.of("page", view), html);
    } catch (TemplateException e) {
      throw new IllegalStateException("the page's template does not fit its data", e);
    }
    return html.toString();
  }
}
