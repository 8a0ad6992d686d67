package dev.groklab.run;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Failures of files in words: what the JDK's exceptions mean, always with the file's name. */
public final class IoFailure {

  private IoFailure() {}

  /**
   * One line that names the file and the cause.
   *
   * @param failure what went wrong
   * @return such as {@code runs/x/config.yaml: permission denied}
   */
  public static String describe(IOException failure) {
    return failure instanceof FileSystemException e
        ? e.getFile() + ": " + cause(e)
        : cause(failure);
  }

  private static String cause(IOException failure) {
    String cause =
        switch (failure) {
          case NoSuchFileException _ -> "no such file or folder";
          case AccessDeniedException _ -> "permission denied";
          case NotDirectoryException _ -> "is no folder";
          case FileAlreadyExistsException e ->
              e.getReason() == null ? "is there already" : e.getReason();
          case CharacterCodingException _ -> "is no text in UTF-8";
          case FileSystemException e -> e.getReason();
          default -> failure.getMessage();
        };
    return cause == null ? failure.getClass().getSimpleName() : cause;
  }

  /** The same failure as one of this file: "No space left on device" names none. */
  static IOException naming(Path file, IOException failure) {
    if (failure instanceof FormatException) {
      return failure;
    }
    FileSystemException named = new FileSystemException(file.toString(), null, cause(failure));
    named.initCause(failure);
    return named;
  }
}
