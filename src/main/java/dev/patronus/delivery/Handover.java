package dev.patronus.delivery;

import dev.patronus.delivery.HandoverState.Pending;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The memory between runs that each hand over what came since the last one, each row exactly once.
///
/// A file and the memory of it are two names on a disk, and no system renames two at once. So the
/// memory is written before and after:
///
/// ```
///   1  begin     state := mark, part            a crash from here on: the part is deleted, and
///   2            … the part is written …        what was in it comes again
///   3  prepare   state := mark, part, next
///   4            rename part to its name        a crash between 3 and 4: the part is still there,
///   5  commit    state := next                  so it never appeared; the same as above.
///                                               Between 4 and 5: the part is gone, so it appeared,
///                                               and the state moves on to `next` at the next run.
/// ```
///
/// Each of these writes is atomic: a file beside it, on the disk, then renamed. The part is deleted
/// only after the state has forgotten it, for a part that is prepared and gone means that it
/// appeared, also if its reader has taken it away since.
///
/// Where rows go to a stream there is nothing to look at after a crash: the mark moves once all was
/// written and flushed, so a crash in the moment between repeats the rows and never loses one.
///
/// Confined to one thread; a lock on `STATE.lock` keeps other processes out. Who opened it closes
/// it.
public final class Handover implements Closeable {
  private static final int STATE_LENGTH_MAX = 1 << 20;

  /// The states that this process has open.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel lock;
  private HandoverState state;

  private Handover(Path file, FileChannel lock) {
    this.file = file;
    this.lock = lock;
  }

  /// Opens the memory in this file, and settles what a crash left.
  ///
  /// @param asked what is asked for: a memory belongs to one question
  /// @param restart whether what is remembered is to be forgotten
  /// @throws UserError if somebody else has it open, it is damaged, or it belongs to another
  ///   question
  public static Handover open(Path named, Json asked, boolean restart) {
    Path file = named.toAbsolutePath().normalize();
    try {
      Handover handover = new Handover(file, lock(file));
      try {
        handover.load(asked, restart);
        return handover;
      } catch (IOException | UserError e) {
        handover.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UserError(ExitCode.FAILED, "cannot keep the state " + file + ": " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case java.nio.file.NoSuchFileException _ -> "there is no such folder";
      case java.nio.file.AccessDeniedException _ -> "no permission";
      default -> String.valueOf(e.getMessage());
    };
  }

  /// Locks the state against other processes, and against this one: closing any channel on a file
  /// gives up all of a process' locks on it (fcntl(2)), so a second channel must not even be
  /// opened.
  private static FileChannel lock(Path file) throws IOException {
    if (!HELD.add(file)) {
      throw inUse(file);
    }
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel =
          FileChannel.open(
              file.resolveSibling(file.getFileName() + ".lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      locked = channel.tryLock() != null;
    } finally {
      if (!locked) {
        HELD.remove(file);
        closeIfOpen(channel);
      }
    }
    if (!locked) {
      throw inUse(file);
    }
    return channel;
  }

  private static void closeIfOpen(FileChannel channel) throws IOException {
    if (channel != null) {
      channel.close();
    }
  }

  private static UserError inUse(Path file) {
    return new UserError(
        ExitCode.BUSY, "another export is using the state " + file + "; try again when it is done");
  }

  private void load(Json asked, boolean restart) throws IOException {
    Optional<HandoverState> found = read(restart);
    if (!restart && found.isPresent() && !found.get().asked().equals(asked)) {
      throw new UserError(
          ExitCode.FAILED,
          "the state "
              + file
              + " belongs to another question ("
              + found.get().asked()
              + "); name another state, or start over with --restart");
    }
    Mark mark = restart ? Mark.START : found.map(Handover::settled).orElse(Mark.START);
    state = new HandoverState(asked, mark, Optional.empty());
    Optional<Pending> left = found.flatMap(HandoverState::pending);
    if (left.isPresent()) {
      write();
      Files.deleteIfExists(left.get().part());
    }
  }

  /// Up to where a crashed run came: to the end of its file, if that had appeared.
  private static Mark settled(HandoverState found) {
    return found
        .pending()
        .filter(pending -> Files.notExists(pending.part()))
        .flatMap(Pending::next)
        .orElse(found.mark());
  }

  private Optional<HandoverState> read(boolean forgiving) throws IOException {
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    try {
      if (Files.size(file) > STATE_LENGTH_MAX) {
        throw new IllegalArgumentException("it is too long");
      }
      return Optional.of(HandoverState.parse(Files.readString(file)));
    } catch (IllegalArgumentException
        | UnreadableJson
        | ClassCastException
        | MalformedInputException e) {
      if (forgiving) {
        return Optional.empty();
      }
      throw new UserError(
          ExitCode.FAILED,
          file
              + " is no state of an export ("
              + e.getMessage()
              + "); name another file, or start over with --restart",
          e);
    }
  }

  public Path file() {
    return file;
  }

  /// Up to where everything was handed over.
  public Mark mark() {
    return state.mark();
  }

  /// Remembers that a file is being written, so that what a crash leaves of it is cleared away.
  public void begin(Path part) throws IOException {
    remember(new Pending(part, Optional.empty()));
  }

  /// Lets a sealed file appear, and with it all up to `next` is handed over.
  ///
  /// Before the state says that the part counts, nothing may delete it any more, not even a signal.
  public void deliver(OutputFile output, Mark next) throws IOException {
    output.keepOnSignal();
    remember(new Pending(output.part(), Optional.of(next)));
    try {
      output.appear();
    } catch (IOException e) {
      if (Files.exists(output.part())) {
        commit(state.mark());
      }
      throw e;
    }
    commit(next);
  }

  /// All up to `next` was handed over.
  public void commit(Mark next) throws IOException {
    state = new HandoverState(state.asked(), next, Optional.empty());
    write();
  }

  private void remember(Pending pending) throws IOException {
    state = new HandoverState(state.asked(), state.mark(), Optional.of(pending));
    write();
  }

  private void write() throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(
        fresh,
        state.toText(),
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    OutputFile.syncFolder(file);
  }

  @Override
  public void close() throws IOException {
    lock.close();
    HELD.remove(file);
  }
}
