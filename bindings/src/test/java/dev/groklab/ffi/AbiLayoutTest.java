package dev.groklab.ffi;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.ffi.loading.NativeLibrary;
import dev.groklab.ffi.loading.NativeText;
import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The generated bindings are the compiled library's ABI: both sides are put into the lines of
 * {@code groklab_abi_description}, and the lines must be the same, none missing on either side.
 */
final class AbiLayoutTest {
  private static final String LAYOUT = "layout";
  private static final String DESCRIPTOR = "$descriptor";

  private static List<String> library;

  @BeforeAll
  static void describeLibrary() {
    NativeLibrary.load();
    library =
        NativeText.at(groklab_h.groklab_abi_description())
            .lines()
            // Java's layouts have no sign.
            .map(line -> line.replaceAll("\\bu(8|32|64)\\b", "i$1"))
            .toList();
  }

  @Test
  void numberIsTheHeaders() {
    assertThat(groklab_h.groklab_abi_number()).isEqualTo(groklab_h.GROKLAB_ABI_NUMBER());
  }

  @Test
  void structsAreTheLibrarys() throws Exception {
    List<String> bindings = new ArrayList<>();
    for (Class<?> type : structs()) {
      describe(type.getSimpleName(), (GroupLayout) type.getMethod(LAYOUT).invoke(null), bindings);
    }

    assertThat(bindings)
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(
            library.stream().filter(line -> !line.startsWith("function ")).toList());
  }

  @Test
  void functionsAreTheLibrarys() throws Exception {
    List<String> bindings = new ArrayList<>();
    for (Method method : groklab_h.class.getMethods()) {
      if (method.getName().endsWith(DESCRIPTOR)) {
        String name =
            method.getName().substring(0, method.getName().length() - DESCRIPTOR.length());
        bindings.add(describe(name, (FunctionDescriptor) method.invoke(null)));
      }
    }

    assertThat(bindings)
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(
            library.stream().filter(line -> line.startsWith("function ")).toList());
  }

  /** Every generated class with a layout; the class files say which there are. */
  private static List<Class<?>> structs()
      throws IOException, URISyntaxException, ClassNotFoundException {
    Path classes =
        Path.of(groklab_h.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> names;
    try (Stream<Path> files = Files.list(classes.resolve("dev/groklab/ffi"))) {
      names =
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith(".class") && !file.contains("$"))
              .map(file -> file.substring(0, file.length() - ".class".length()))
              .sorted()
              .toList();
    }
    List<Class<?>> structs = new ArrayList<>();
    for (String name : names) {
      Class<?> type = Class.forName("dev.groklab.ffi." + name);
      if (Arrays.stream(type.getMethods()).anyMatch(method -> method.getName().equals(LAYOUT))) {
        structs.add(type);
      }
    }
    return structs;
  }

  private static void describe(String name, GroupLayout layout, List<String> lines) {
    lines.add("struct %s %d".formatted(name, layout.byteSize()));
    for (MemoryLayout member : layout.memberLayouts()) {
      if (!(member instanceof PaddingLayout)) {
        String field = member.name().orElseThrow();
        long offset = layout.byteOffset(PathElement.groupElement(field));
        lines.add(
            "field %s %s %d %d %s".formatted(name, field, offset, member.byteSize(), type(member)));
      }
    }
  }

  private static String describe(String name, FunctionDescriptor descriptor) {
    return "function %s %s(%s)"
        .formatted(
            name,
            descriptor.returnLayout().map(AbiLayoutTest::type).orElse("void"),
            descriptor.argumentLayouts().stream().map(AbiLayoutTest::type).collect(joining(",")));
  }

  private static String type(MemoryLayout layout) {
    return switch (layout) {
      case ValueLayout.OfByte _ -> "char";
      case ValueLayout.OfInt _ -> "i32";
      case ValueLayout.OfLong _ -> "i64";
      case ValueLayout.OfDouble _ -> "f64";
      case AddressLayout _ -> "ptr";
      case SequenceLayout array ->
          "%s[%d]".formatted(type(array.elementLayout()), array.elementCount());
      default -> throw new AssertionError("a type that the ABI does not use: " + layout);
    };
  }
}
