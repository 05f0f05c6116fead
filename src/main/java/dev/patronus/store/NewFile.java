package dev.patronus.store;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// A database file in the making: written beside its name, and put there when it is whole.
///
/// Confined to one thread. Who makes it closes it; what was not published by then, or when a signal
/// ends the process, is thrown away.
final class NewFile implements AutoCloseable {
  private static final String[] COMPANIONS = {"-wal", "-journal", "-shm"};

  private final Path target;
  private final Path draft;
  private final boolean replace;
  private final String hint;
  private final Thread onSignal = new Thread(this::throwAway, "patronus-discard");

  private NewFile(Path target, Path draft, boolean replace, String hint) {
    this.target = target;
    this.draft = draft;
    this.replace = replace;
    this.hint = hint;
  }

  /// Prepares a file of this name.
  ///
  /// @param replace whether a file that has the name already gives way
  /// @param hint what to do where the name is taken
  /// @throws UserError if the folder is missing, or the name is taken
  static NewFile at(Path file, boolean replace, String hint) {
    Path target = file.toAbsolutePath().normalize();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new UserError(ExitCode.REFUSED, target + " is a folder; name a file in it");
    }
    if (!Files.isDirectory(folder)) {
      throw new UserError(
          ExitCode.FAILED,
          "there is no folder " + folder + "; make it with 'mkdir -p " + folder + "'");
    }
    if (Files.exists(target) && !replace) {
      throw taken(target, hint);
    }
    requireNoLog(target);
    String name = target.getFileName() + ".part-" + ProcessHandle.current().pid();
    NewFile made = new NewFile(target, folder.resolve(name), replace, hint);
    made.throwAway();
    Runtime.getRuntime().addShutdownHook(made.onSignal);
    return made;
  }

  private static UserError taken(Path target, String hint) {
    return new UserError(
        ExitCode.REFUSED, target + " exists already, and is left as it is; " + hint);
  }

  /// A log or journal beside the name belongs to another database: SQLite would play it into the
  /// new one and spoil it.
  private static void requireNoLog(Path target) {
    for (String ending : new String[] {"-wal", "-journal"}) {
      Path log = target.resolveSibling(target.getFileName() + ending);
      if (Files.exists(log) && size(log) > 0) {
        throw new UserError(
            ExitCode.REFUSED,
            log
                + " belongs to another database of this name: if nothing uses that any more ('fuser "
                + log
                + "'), remove what is left of it; else choose another name");
      }
    }
  }

  /// Where it is written until it is published.
  Path draft() {
    return draft;
  }

  /// Puts it in its place, on the disk for certain.
  ///
  /// @throws UserError if the name was taken meanwhile, or the folder does not let us
  void publish() {
    try {
      try (RandomAccessFile file = new RandomAccessFile(draft.toFile(), "rw")) {
        file.getFD().sync();
      }
      if (replace) {
        Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
      } else {
        link();
      }
    } catch (FileAlreadyExistsException e) {
      throw taken(target, hint);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /// A link refuses a name that is taken, in one step; a rename would replace it.
  private void link() throws IOException {
    try {
      Files.createLink(target, draft);
    } catch (UnsupportedOperationException _) {
      Files.move(draft, target);
    }
  }

  /// What the system said about the folder, as a sentence.
  UserError unwritable(IOException e) {
    String why =
        e instanceof AccessDeniedException ? "no permission to write there" : e.getMessage();
    return new UserError(ExitCode.FAILED, "cannot make " + target + ": " + why, e);
  }

  /// Begins the draft as an empty file, so that a folder that refuses it is found out by its own
  /// words.
  void begin() {
    try {
      Files.createFile(draft);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException _) {
      return 0;
    }
  }

  @Override
  public void close() {
    throwAway();
    try {
      Runtime.getRuntime().removeShutdownHook(onSignal);
    } catch (IllegalStateException _) {
      // the process is ending, and the hook does the same
    }
  }

  private void throwAway() {
    draft.toFile().delete();
    for (String ending : COMPANIONS) {
      draft.resolveSibling(draft.getFileName() + ending).toFile().delete();
    }
  }
}
