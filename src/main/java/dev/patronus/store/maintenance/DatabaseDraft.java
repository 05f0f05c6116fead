package dev.patronus.store.maintenance;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.file.FileRights;
import dev.patronus.file.FileStatus;
import dev.patronus.file.OutputTarget;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Optional;

/// A database file that SQLite writes under a temporary name, and that gets its name when it is
/// complete.
///
/// Confined to one thread. The creator closes it; what was not published by then, or when a signal
/// ends the process, is deleted.
final class DatabaseDraft implements AutoCloseable {
  private static final String[] COMPANIONS = {"-wal", "-journal", "-shm"};

  private final AtomicFile file;
  private final boolean replace;
  private final String hint;

  private DatabaseDraft(AtomicFile file, boolean replace, String hint) {
    this.file = file;
    this.replace = replace;
    this.hint = hint;
  }

  /// Begins a database of this name.
  ///
  /// @param rule which names are refused
  /// @param replace whether a file that has the name already gives way
  /// @param hint what to do where the name is taken
  /// @throws UserError if the name is refused or taken, or the file cannot be made
  static DatabaseDraft begin(
      Path named, OutputTarget rule, FileRights rights, boolean replace, String hint) {
    Path target = rule.overDatabases().resolve(named);
    if (!replace) {
      OutputTarget.requireFree(target, hint);
    }
    requireNoLog(target);
    try {
      AtomicFile file = AtomicFile.begin(target, rights);
      file.release(); // SQLite opens it by its name
      file.discardOnSignal();
      return new DatabaseDraft(file, replace, hint);
    } catch (IOException e) {
      throw OutputTarget.cannotWrite(target, e);
    }
  }

  /// A log or journal beside the name belongs to another database: SQLite would play it into the
  /// new one and spoil it.
  private static void requireNoLog(Path target) {
    for (String ending : new String[] {"-wal", "-journal"}) {
      Path log = target.resolveSibling(target.getFileName() + ending);
      Optional<FileStatus> there = FileStatus.of(log);
      if (there.isPresent() && there.get().size() > 0) {
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
  Path path() {
    return file.temporary();
  }

  /// Gives the database its name, when the disk has it.
  ///
  /// @throws UserError if the name was taken meanwhile, or the folder does not let us
  void publish() {
    try {
      if (replace) {
        file.commit();
      } else {
        file.commitNew();
      }
    } catch (FileAlreadyExistsException e) {
      throw OutputTarget.taken(file.target(), hint, e);
    } catch (IOException e) {
      throw OutputTarget.cannotWrite(file.target(), e);
    }
  }

  @Override
  public void close() {
    try {
      for (String ending : COMPANIONS) {
        Path companion = path().resolveSibling(path().getFileName() + ending);
        AtomicFile.deleteOwn(companion);
      }
      file.close();
    } catch (IOException _) {
      // what prevents it has made the writing fail, too, and is reported there
    }
  }
}
