package dev.groklab.engine;

/** Opens an engine in a JVM of its own, and prints what came of it. */
final class OpenEngineMain {

  private OpenEngineMain() {}

  public static void main(String[] arguments) {
    try (Engine engine = Engine.open(new EngineOptions(Backend.CPU, 1))) {
      System.out.println("opened " + engine.info().backend());
    } catch (NativeLibraryException e) {
      System.out.println(e.status() + " " + e.getMessage());
    }
  }
}
