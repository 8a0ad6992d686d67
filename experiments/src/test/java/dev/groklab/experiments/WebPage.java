package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Attr;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** Checks of pages. */
final class WebPage {

  private WebPage() {}

  /**
   * The page is well-formed, every identifier is there once, and nothing is loaded from elsewhere.
   */
  static Document parse(Path page) throws IOException {
    Document document;
    try {
      document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(page.toFile());
    } catch (ParserConfigurationException | SAXException e) {
      throw new AssertionError(page + " is not well-formed", e);
    }
    NodeList elements = document.getElementsByTagName("*");
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < elements.getLength(); i++) {
      Element element = (Element) elements.item(i);
      for (int a = 0; a < element.getAttributes().getLength(); a++) {
        Attr attribute = (Attr) element.getAttributes().item(a);
        if (attribute.getName().equals("id")) {
          assertThat(ids.add(attribute.getValue())).as(attribute.getValue()).isTrue();
        }
        if (attribute.getName().matches("src|href|xlink:href|data|action")) {
          assertThat(attribute.getValue()).matches("(?s)#.*|data:image/png;base64,.*");
        }
      }
      assertThat(element.getTagName()).isNotIn("script", "link", "img", "iframe");
    }
    assertThat(Files.readString(page)).doesNotContain("@import", "url(http");
    return document;
  }

  static int count(Document document, String tag) {
    return document.getElementsByTagName(tag).getLength();
  }
}
