package dev.groklab.data.text;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ConstantInstruction.LoadConstantInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.PropertyResourceBundle;
import java.util.TreeMap;

/**
 * The messages of a resource bundle, read from its file: a property file, or the class of a {@code
 * ListResourceBundle}, which is read and never run. So no module has to open its package.
 */
final class MessageBundle {

  private MessageBundle() {}

  /** Key → message, by ascending keys. */
  static Map<String, String> read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    return file.toString().endsWith(".class") ? ofClass(bytes) : ofProperties(bytes);
  }

  private static Map<String, String> ofProperties(byte[] bytes) throws IOException {
    PropertyResourceBundle bundle = new PropertyResourceBundle(new ByteArrayInputStream(bytes));
    Map<String, String> messages = new TreeMap<>();
    for (String key : bundle.keySet()) {
      messages.put(key, bundle.getString(key));
    }
    return messages;
  }

  private static Map<String, String> ofClass(byte[] bytes) {
    Map<String, String> messages = new TreeMap<>();
    for (MethodModel method : ClassFile.of().parse(bytes).methods()) {
      method.code().ifPresent(code -> addEntries(code, messages));
    }
    return messages;
  }

  /**
   * What <code>{"key", "message"}</code> becomes in an array's initialiser: two string constants,
   * each stored where the array and an index have been pushed, the second at index 1.
   */
  private static void addEntries(CodeModel code, Map<String, String> messages) {
    Deque<Instruction> latest = new ArrayDeque<>(); // the newest first
    code.elementStream()
        .filter(Instruction.class::isInstance)
        .map(Instruction.class::cast)
        .forEach(
            instruction -> {
              latest.addFirst(instruction);
              if (latest.size() > 6) {
                latest.removeLast();
              }
              addEntry(latest.toArray(new Instruction[0]), messages);
            });
  }

  private static void addEntry(Instruction[] latest, Map<String, String> messages) {
    if (latest.length == 6
        && latest[0].opcode() == Opcode.AASTORE
        && latest[1] instanceof LoadConstantInstruction message
        && message.constantValue() instanceof String text
        && latest[2].opcode() == Opcode.ICONST_1
        && latest[3].opcode() == Opcode.DUP
        && latest[4].opcode() == Opcode.AASTORE
        && latest[5] instanceof LoadConstantInstruction key
        && key.constantValue() instanceof String name) {
      messages.put(name, text);
    }
  }
}
