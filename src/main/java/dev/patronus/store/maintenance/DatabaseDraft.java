package dev.patronus.store.maintenance;

import static java.util.Objects.requireNonNull;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.file.FileRights;
import dev.patronus.file.FileStatus;
import dev.patronus.file.OutputTarget;
import dev.patronus.store.Database;
import dev.patronus.store.DatabaseOpener;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A database file that SQLite writes under a temporary name, and that gets its name when it is
/// complete.
///
/// The temporary name is `.NAME.XXXXXXXX.draft`. While no connection is open to it, this process
/// holds a lock on its last byte; while one is, SQLite holds locks of its own. So a draft on which
/// nobody holds a lock was left by a process that was killed, and the next draft that is begun in
/// its folder deletes it.
///
/// Confined to one thread. Who begins it closes it; what was not published by then, or when a
/// signal ends the process, is deleted.
final class DatabaseDraft implements AutoCloseable {
  private static final List<String> COMPANIONS = List.of("-wal", "-journal", "-shm");

  /// The name of a draft, or of what SQLite keeps beside it; the group is the draft.
  private static final Pattern NAME =
      Pattern.compile("(\\..+\\.[0-9a-f]{8}\\.draft)(?:-wal|-journal|-shm)?");

  /// SQLite's own locks are on other bytes (sqlite.org/lockingv3.html).
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private final AtomicFile file;
  private final boolean replace;
  private final String hint;
  private Optional<FileLock> held = Optional.empty();

  private DatabaseDraft(AtomicFile file, boolean replace, String hint) {
    this.file = file;
    this.replace = replace;
    this.hint = hint;
  }

  /// Begins a database of this name.
  ///
  /// @param rule which names are refused
  /// @param replace whether an earlier copy that has the name already gives way
  /// @param hint what to do where the name is taken
  /// @throws UserError if the name is refused or taken, or the file cannot be made
  static DatabaseDraft begin(
      Path named, OutputTarget rule, FileRights rights, boolean replace, String hint) {
    Path target = rule.overDatabases().resolve(named);
    if (!replace) {
      OutputTarget.requireFree(target, hint);
    }
    requireNoLog(target);
    requireReplaceable(target);
    try {
      deleteAbandoned(requireNonNull(target.toAbsolutePath().getParent()));
      AtomicFile file =
          AtomicFile.beginUntilSignal(target, temporaryOf(target), rights)
              .orElseThrow(() -> new UserError(ExitCode.INTERRUPTED, "interrupted"));
      file.companions(COMPANIONS);
      DatabaseDraft draft = new DatabaseDraft(file, replace, hint);
      draft.hold();
      return draft;
    } catch (IOException e) {
      throw OutputTarget.cannotWrite(target, e);
    }
  }

  /// Only an earlier copy may give way, or a file that holds nothing.
  private static void requireReplaceable(Path target) {
    boolean holds = FileStatus.of(target).filter(file -> file.size() > 0).isPresent();
    if (holds && !DatabaseOpener.isPatronus(target)) {
      throw new UserError(
          ExitCode.REFUSED,
          target
              + " is no copy of a Patronus database, and is left as it is; choose another name, or"
              + " delete it first");
    }
  }

  private static Path temporaryOf(Path target) {
    Path part = AtomicFile.temporaryOf(target);
    return part.resolveSibling(part.getFileName().toString().replaceFirst("part$", "draft"));
  }

  /// Deletes the drafts in a folder whose processes were killed.
  private static void deleteAbandoned(Path folder) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, ".*.draft*")) {
      for (Path each : all) {
        Matcher name = NAME.matcher(each.getFileName().toString());
        if (name.matches()) {
          deleteAbandoned(each, folder.resolve(name.group(1)));
        }
      }
    }
  }

  private static void deleteAbandoned(Path file, Path draft) throws IOException {
    Optional<FileStatus> there = FileStatus.ofName(draft);
    if (there.isEmpty()) {
      AtomicFile.deleteOwn(file);
      return;
    }
    if (!there.get().isRegular() || !AtomicFile.isOurs(there.get()) || Database.isOpen(draft)) {
      return;
    }
    try (FileChannel channel =
            FileChannel.open(draft, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        AtomicFile.deleteOwn(file);
      }
    } catch (IOException | OverlappingFileLockException _) {
      // it is in use, or cannot be asked: it stays
    }
  }

  /// Takes the lock on the draft again: a connection to it that is closed has released it
  /// (fcntl(2)). Where the file system has no locks, there is none, and nobody else takes one.
  void hold() {
    try {
      if (held.isPresent()) {
        held.get().release();
      }
      held = Optional.ofNullable(file.channel().tryLock(LOCKED_BYTE, 1, false));
    } catch (IOException | OverlappingFileLockException _) {
      held = Optional.empty();
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

  /// The name that it gets.
  Path target() {
    return file.target();
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
      file.close();
    } catch (IOException _) {
      // what prevents it has made the writing fail, too, and is reported there
    }
  }
}
