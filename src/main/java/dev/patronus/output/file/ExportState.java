package dev.patronus.output.file;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.file.FileErrors;
import dev.patronus.file.FileStatus;
import dev.patronus.file.FullDisk;
import dev.patronus.file.LockFile;
import dev.patronus.file.RefusedName;
import dev.patronus.output.file.ExportStateDocument.Pending;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The state between runs that each hand over what came since the last one, each row exactly once.
///
/// A file and its state are two names on a disk, and no system renames two at once. So the state is
/// written before and after, and a second name of the complete file, the receipt, tells a file that
/// got its name, and was perhaps taken away by its reader, from one that is not to be found:
///
/// ```text
///   1  begin     state := mark, part            a crash from here on: the part is deleted, and
///   2            … the part is written …        its rows are handed over again
///   3            part and its folder are synced, receipt := a hard link of the part
///   4  prepare   state := mark, part, inode, size, next
///   5            part is renamed to its name
///   6  commit    state := next, with the part, of which only the receipt may be left
///   7            the receipt is deleted
///
///   crash between 4 and 6, at the next run:
///     part is there                             it never got its name: as after 1
///     receipt without part                      it got its name: state := next
///     neither, but the name has inode and size  the same, where a file system has no hard links
///     nothing of it                             perhaps the folder is not mounted: refused
/// ```
///
/// Each state is written atomically. Only what has the name of a part in the folder of the file
/// that is asked for, and is a plain file of this user, is deleted: a state is data, and may have
/// been written by somebody else.
///
/// Where rows go to a stream there is nothing to look at after a crash: the mark moves once all was
/// written and flushed, so a crash in the moment between repeats the rows and never loses one.
///
/// Confined to one thread; a lock on `STATE.lock` keeps other processes out. Who opened it closes
/// it. A run that is refused before it wrote the state leaves no `STATE.lock` that it made.
public final class ExportState implements Closeable {
  private static final int STATE_LENGTH_MAX = 16 << 20;

  private final Path file;
  private final LockFile lock;
  private ExportStateDocument state;
  private boolean written;

  /// What is wanted of a state.
  ///
  /// @param asked what is asked for: texts, lists of texts, and null, by name; a state belongs to
  ///   one question
  /// @param target the file that is asked for; empty for a stream
  /// @param restart whether what is remembered is to be forgotten
  /// @param again whether rows are handed over again whose file is not to be found after a crash
  public record Wanted(
      Map<String, Object> asked, Optional<Path> target, boolean restart, boolean again) {}

  @SuppressWarnings("NullAway.Init") // [#load] reads the state
  private ExportState(Path file, LockFile lock) {
    this.file = file;
    this.lock = lock;
  }

  /// The lock of a state.
  public static Path lockOf(Path state) {
    return state.resolveSibling(state.getFileName() + ".lock");
  }

  /// Opens the state in this file, and settles what a crash left.
  ///
  /// @throws UserError if another export has it open, it is damaged, it belongs to another
  ///   question, or what a crash left cannot be settled
  public static ExportState open(Path named, Wanted wanted) {
    Path file = named.toAbsolutePath().normalize();
    try {
      ExportState state = new ExportState(file, lock(file));
      try {
        state.load(wanted);
        return state;
      } catch (IOException | UserError e) {
        state.close();
        throw e;
      }
    } catch (RefusedName e) {
      throw new UserError(ExitCode.REFUSED, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new UserError(
          ExitCode.FAILED,
          FullDisk.isReason(e)
              ? FullDisk.message(file)
              : "cannot write the state file " + file + ": " + FileErrors.reason(e),
          e);
    }
  }

  private static LockFile lock(Path file) throws IOException {
    return LockFile.tryAcquire(lockOf(file))
        .lock()
        .orElseThrow(() ->
            new UserError(
                ExitCode.BUSY,
                "another export is using the state file "
                    + file
                    + "; try again when it has ended"));
  }

  private void load(Wanted wanted) throws IOException {
    Optional<ExportStateDocument> found = read(wanted.restart());
    if (!wanted.restart() && found.isPresent() && !found.get().asked().equals(wanted.asked())) {
      throw new UserError(
          ExitCode.FAILED,
          "the state "
              + file
              + " was created with different options: "
              + found.get().differenceTo(wanted.asked())
              + "; give those again, use another state file, or start over with --restart");
    }
    Optional<Pending> left = found.flatMap(ExportStateDocument::pending);
    boolean trusted = left.isPresent() && isPart(left.get().path(), wanted.target());
    boolean settled = left.flatMap(Pending::next).equals(found.map(ExportStateDocument::mark));
    if (left.isPresent() && !trusted && !settled && !wanted.restart() && !wanted.again()) {
      requireGone(left.get());
    }
    Checkpoint mark = Checkpoint.START;
    if (!wanted.restart() && found.isPresent()) {
      mark =
          left.isPresent() && !settled
              ? settled(found.get(), left.get(), wanted)
              : found.get().mark();
    }
    state = new ExportStateDocument(wanted.asked(), mark, Optional.empty());
    if (trusted) {
      write(false);
      AtomicFile.deleteOwn(left.get().path());
      AtomicFile.deleteOwn(receiptOf(left.get().path()));
    }
  }

  /// Whether a path is that of a temporary file that an export into this folder would make.
  private static boolean isPart(Path part, Optional<Path> target) {
    Path name = part.getFileName();
    if (target.isEmpty()
        || name == null
        || !part.isAbsolute()
        || AtomicFile.nameOf(name.toString()).isEmpty()
        || !Objects.equals(part.getParent(), target.get().getParent())) {
      return false;
    }
    return FileStatus.ofName(part)
        .map(status -> status.isRegular() && AtomicFile.isOurs(status))
        .orElse(true);
  }

  /// Refuses a run that was interrupted in another folder, unless none of its rows counts and its
  /// part is gone: it has deleted that itself.
  private void requireGone(Pending left) {
    Path part = left.path();
    if (left.next().isEmpty()
        && part.isAbsolute()
        && part.getFileName() != null
        && AtomicFile.nameOf(part.getFileName().toString()).isPresent()
        && FileStatus.ofName(part).isEmpty()) {
      return;
    }
    throw new UserError(
        ExitCode.REFUSED,
        file
            + " names an interrupted run that wrote "
            + left.part()
            + ", which is not an unfinished file of this export; nothing was deleted;"
            + " use a --file in the folder of the interrupted run, or add --force, which leaves"
            + " that file and exports its rows again unless its file is found");
  }

  /// Up to where a crashed run came: to the end of its file, if that got its name.
  private Checkpoint settled(ExportStateDocument found, Pending left, Wanted wanted) {
    if (left.next().isEmpty()) {
      return found.mark();
    }
    Path part = left.path();
    Optional<Path> target = targetOf(part);
    if (target.isEmpty()) { // no part of an export, and --force goes on
      return found.mark();
    }
    Optional<FileStatus> named = FileStatus.ofName(target.get());
    Optional<FileStatus> unnamed = FileStatus.ofName(part);
    if (unnamed.isPresent()) {
      return hasName(part, unnamed.get()) ? left.next().get() : found.mark();
    }
    if (FileStatus.ofName(receiptOf(part)).isPresent()
        || named
            .filter(there -> there.inode() == left.inode() && there.size() == left.size())
            .isPresent()) {
      return left.next().get();
    }
    if (!wanted.again()) {
      throw new UserError(
          ExitCode.REFUSED,
          "the last export was interrupted, and its file "
              + target.get()
              + " was not found; if its folder is not mounted, mount it; to export its"
              + " rows again, add --force");
    }
    return found.mark();
  }

  /// The file that a part becomes; empty if it is no part of one.
  private static Optional<Path> targetOf(Path part) {
    return Optional.ofNullable(part.getFileName())
        .flatMap(last -> AtomicFile.nameOf(last.toString()))
        .map(part::resolveSibling);
  }

  /// Whether a part has got its name beside that of the part, even if that was taken away.
  private static boolean hasName(Path part, FileStatus unnamed) {
    boolean linked =
        targetOf(part).flatMap(FileStatus::ofName).filter(unnamed::isSameFile).isPresent();
    return linked || (FileStatus.ofName(receiptOf(part)).isPresent() && unnamed.links() > 2);
  }

  /// A second name of a complete file, until the state says that it was handed over.
  private static Path receiptOf(Path part) {
    return part.resolveSibling(part.getFileName() + ".receipt");
  }

  private Optional<ExportStateDocument> read(boolean restart) throws IOException {
    AtomicFile.requireFile(file);
    Optional<FileStatus> there = FileStatus.ofName(file);
    if (there.isEmpty() || (restart && there.get().size() == 0)) {
      return Optional.empty();
    }
    try {
      if (there.get().size() > STATE_LENGTH_MAX) {
        throw new IllegalArgumentException("it is too long");
      }
      if (there.get().size() == 0) {
        throw new IllegalArgumentException("it is empty");
      }
      return Optional.of(ExportStateDocument.parse(Files.readString(file)));
    } catch (MalformedInputException e) {
      throw noState("it is not text", e);
    } catch (IllegalArgumentException e) {
      throw noState(String.valueOf(e.getMessage()), e);
    }
  }

  private UserError noState(String why, Exception e) {
    return new UserError(
        ExitCode.REFUSED,
        file
            + " is not an export state file ("
            + why
            + "); it was not changed; use another file with --since-last",
        e);
  }

  public Path file() {
    return file;
  }

  /// Up to where everything was handed over.
  public Checkpoint checkpoint() {
    return state.mark();
  }

  /// Remembers that a file is being written, so that what a crash leaves of it is deleted.
  public void begin(Path part) throws IOException {
    remember(Pending.begun(part), false);
  }

  /// Gives a complete file its name, and with it all up to `next` is handed over.
  ///
  /// Before the state says that the part counts, nothing may delete it any more, and a signal
  /// waits.
  ///
  /// @param replace whether a file that has the name gives way
  /// @throws java.nio.file.FileAlreadyExistsException if one has, and may not
  public void deliver(AtomicFile output, Checkpoint next, boolean replace) throws IOException {
    output.sync();
    output.deliver(() -> commitBoth(output, next, replace));
  }

  private void commitBoth(AtomicFile output, Checkpoint next, boolean replace) throws IOException {
    Path receipt = receiptOf(output.temporary());
    link(receipt, output.temporary());
    FileStatus complete =
        FileStatus.ofName(output.temporary())
            .orElseThrow(() -> new IOException(output.temporary() + " is gone"));
    Pending pending =
        new Pending(
            output.temporary().toString(), complete.inode(), complete.size(), Optional.of(next));
    remember(pending, true);
    try {
      if (replace) {
        output.commit();
      } else {
        output.commitNew();
      }
    } catch (IOException e) {
      Optional<FileStatus> unnamed = FileStatus.ofName(output.temporary());
      if (unnamed.isPresent() && !hasName(output.temporary(), unnamed.get())) {
        commit(state.mark(), true);
        AtomicFile.deleteOwn(receipt);
      }
      throw e;
    }
    state = new ExportStateDocument(state.asked(), next, Optional.of(pending));
    write(true);
    AtomicFile.deleteOwn(receipt);
  }

  private static void link(Path receipt, Path part) throws IOException {
    try {
      Files.createLink(receipt, part);
      AtomicFile.syncFolder(receipt);
    } catch (UnsupportedOperationException | FileSystemException _) {
      // a file system without hard links: the inode and the size have to do
    }
  }

  /// All up to `next` was handed over.
  public void commit(Checkpoint next) throws IOException {
    commit(next, false);
  }

  private void commit(Checkpoint next, boolean delivering) throws IOException {
    state = new ExportStateDocument(state.asked(), next, Optional.empty());
    write(delivering);
  }

  private void remember(Pending pending, boolean delivering) throws IOException {
    state = new ExportStateDocument(state.asked(), state.mark(), Optional.of(pending));
    write(delivering);
  }

  /// @param delivering whether a file is being delivered: a signal waits for that, and so for the
  ///   state, which it must not discard
  private void write(boolean delivering) throws IOException {
    try (AtomicFile fresh =
        delivering
            ? AtomicFile.beginState(file)
            : AtomicFile.beginStateUntilSignal(file)
                .orElseThrow(() -> new UserError(ExitCode.INTERRUPTED, "interrupted"))) {
      fresh.write(ByteBuffer.wrap(state.toText().getBytes(StandardCharsets.UTF_8)));
      fresh.commit();
      written = true;
    }
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      if (!written) {
        lock.discardIfMade();
      }
    }
  }
}
