package dev.groklab.data.text;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * German and English messages of the JDK that runs this program: what its compiler, its tools and
 * its libraries say, as their translators wrote it. Read from the JDK's image file; bundles of
 * modules that this runtime does not have are left out.
 */
final class JdkMessages {

  /** The German bundles; beside each is the English one, of the same name without {@code _de}. */
  private static final List<String> BUNDLES =
      List.of(
          "jdk.compiler/com/sun/tools/javac/resources/compiler_de.class",
          "jdk.compiler/com/sun/tools/javac/resources/javac_de.class",
          "jdk.compiler/com/sun/tools/javac/resources/launcher_de.class",
          "jdk.javadoc/jdk/javadoc/internal/doclets/formats/html/resources/standard_de.class",
          "jdk.javadoc/jdk/javadoc/internal/doclets/toolkit/resources/doclets_de.class",
          "jdk.javadoc/jdk/javadoc/internal/doclint/resources/doclint_de.class",
          "jdk.javadoc/jdk/javadoc/internal/tool/resources/javadoc_de.class",
          "jdk.jshell/jdk/internal/jshell/tool/resources/l10n_de.class",
          "jdk.jshell/jdk/jshell/resources/l10n_de.class",
          "jdk.jdi/com/sun/tools/example/debug/tty/TTYResources_de.class",
          "jdk.jdi/com/sun/tools/jdi/resources/jdi_de.class",
          "jdk.jdeps/com/sun/tools/javap/resources/javap_de.class",
          "jdk.jdeps/com/sun/tools/jdeprscan/resources/jdeprscan_de.class",
          "jdk.jdeps/com/sun/tools/jdeps/resources/jdeps_de.class",
          "jdk.jlink/jdk/tools/jimage/resources/jimage_de.class",
          "jdk.jlink/jdk/tools/jlink/resources/jlink_de.class",
          "jdk.jlink/jdk/tools/jlink/resources/plugins_de.class",
          "jdk.jlink/jdk/tools/jmod/resources/jmod_de.class",
          "jdk.jpackage/jdk/jpackage/internal/resources/HelpResources_de.properties",
          "jdk.jpackage/jdk/jpackage/internal/resources/LinuxResources_de.properties",
          "jdk.jpackage/jdk/jpackage/internal/resources/MainResources_de.properties",
          "jdk.jartool/sun/security/tools/jarsigner/resources/jarsigner_de.class",
          "jdk.jartool/sun/tools/jar/resources/jar_de.class",
          "jdk.jconsole/sun/tools/jconsole/resources/messages_de.properties",
          "jdk.httpserver/sun/net/httpserver/simpleserver/resources/simpleserver_de.class",
          "jdk.management.agent/jdk/internal/agent/resources/agent_de.class",
          "java.base/sun/launcher/resources/launcher_de.class",
          "java.base/sun/security/tools/keytool/resources/keytool_de.class",
          "java.base/sun/security/util/resources/auth_de.class",
          "java.base/sun/security/util/resources/security_de.class",
          "java.logging/sun/util/logging/resources/logging_de.class",
          "java.rmi/sun/rmi/registry/resources/rmiregistry_de.properties",
          "java.sql.rowset/com/sun/rowset/RowSetResourceBundle_de.properties",
          "java.xml/com/sun/org/apache/xalan/internal/res/XSLTErrorResources_de.class",
          "java.xml/com/sun/org/apache/xalan/internal/xsltc/compiler/util/ErrorMessages_de.class",
          "java.xml/com/sun/org/apache/xalan/internal/xsltc/runtime/ErrorMessages_de.class",
          "java.xml/com/sun/org/apache/xml/internal/res/XMLErrorResources_de.class",
          "java.xml/com/sun/org/apache/xml/internal/serializer/utils/SerializerMessages_de.class",
          "java.xml/com/sun/org/apache/xpath/internal/res/XPATHErrorResources_de.class",
          "java.xml/com/sun/org/apache/xerces/internal/impl/msg/DOMMessages_de.properties",
          "java.xml/com/sun/org/apache/xerces/internal/impl/msg/DatatypeMessages_de.properties",
          "java.xml/com/sun/org/apache/xerces/internal/impl/msg/JAXPValidationMessages_de.properties",
          "java.xml/com/sun/org/apache/xerces/internal/impl/msg/SAXMessages_de.properties",
          "java.xml/com/sun/org/apache/xerces/internal/impl/msg/XIncludeMessages_de.properties",
          "java.xml/com/sun/org/apache/xerces/internal/impl/msg/XMLMessages_de.properties",
          "java.xml/com/sun/org/apache/xerces/internal/impl/msg/XMLSchemaMessages_de.properties",
          "java.xml/com/sun/org/apache/xerces/internal/impl/msg/XMLSerializerMessages_de.properties",
          "java.xml/com/sun/org/apache/xerces/internal/impl/msg/XPointerMessages_de.properties",
          "java.xml/com/sun/org/apache/xerces/internal/impl/xpath/regex/message_de.properties",
          "java.xml/javax/xml/catalog/CatalogMessages_de.properties",
          "java.desktop/com/sun/accessibility/internal/resources/accessibility_de.class",
          "java.desktop/com/sun/swing/internal/plaf/basic/resources/basic_de.class",
          "java.desktop/com/sun/swing/internal/plaf/metal/resources/metal_de.class",
          "java.desktop/sun/awt/resources/awt_de.class",
          "java.desktop/sun/print/resources/serviceui_de.class");

  /**
   * {@link java.text.MessageFormat}'s quotes: two stand for one; one before or after a brace makes
   * that an ordinary character.
   */
  private static final Pattern QUOTES = Pattern.compile("'(')|'(?=[{}])|(?<=[{}])'");

  /** A placeholder with the format of its value, which is of no concern to a translator. */
  private static final Pattern FORMATTED = Pattern.compile("\\{(\\d+)\\s*,[^{}]*\\}");

  private JdkMessages() {}

  /**
   * All messages of one line that have a letter and are not the same in both languages; of those
   * with the same words in German only the first.
   */
  static List<SentencePair> read() throws IOException {
    Path modules = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules");
    Set<List<String>> seen = new HashSet<>();
    List<SentencePair> pairs = new ArrayList<>();
    for (String bundle : BUNDLES) {
      Path german = modules.resolve(bundle);
      Path english = modules.resolve(bundle.replace("_de.", "."));
      if (!Files.exists(german) || !Files.exists(english)) {
        continue;
      }
      Map<String, String> translations = MessageBundle.read(english);
      for (Map.Entry<String, String> message : MessageBundle.read(german).entrySet()) {
        String source = clean(message.getValue());
        String target = clean(translations.getOrDefault(message.getKey(), ""));
        List<String> words = Tokenizer.words(source);
        if (isSentence(source)
            && isSentence(target)
            && !words.equals(Tokenizer.words(target))
            && seen.add(words)) {
          pairs.add(new SentencePair(source, target));
        }
      }
    }
    return pairs;
  }

  /** The message as it is shown, except that its placeholders stand. */
  static String clean(String message) {
    String unquoted = QUOTES.matcher(message.strip()).replaceAll("$1");
    return FORMATTED.matcher(unquoted).replaceAll("{$1}");
  }

  private static boolean isSentence(String text) {
    return text.codePoints().anyMatch(Character::isLetter)
        && text.codePoints().noneMatch(c -> c == '\n' || c == '\r')
        && !text.contains(",choice,");
  }
}
