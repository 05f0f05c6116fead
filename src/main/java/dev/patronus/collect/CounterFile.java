package dev.patronus.collect;

import static dev.patronus.collect.CounterLayout.BOOT_AT;
import static dev.patronus.collect.CounterLayout.CAPACITY_AT;
import static dev.patronus.collect.CounterLayout.CLOSED_AT;
import static dev.patronus.collect.CounterLayout.COMMIT_MAX;
import static dev.patronus.collect.CounterLayout.ENTRY_WORDS;
import static dev.patronus.collect.CounterLayout.IDENTITY_LENGTH_AT;
import static dev.patronus.collect.CounterLayout.LOG_AT;
import static dev.patronus.collect.CounterLayout.LOG_CHECK_AT;
import static dev.patronus.collect.CounterLayout.LOG_SEQUENCE_AT;
import static dev.patronus.collect.CounterLayout.MAGIC;
import static dev.patronus.collect.CounterLayout.SLOT_CHECK;
import static dev.patronus.collect.CounterLayout.SLOT_SEQUENCE;
import static dev.patronus.collect.CounterLayout.SNAPSHOT_AT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Memory-mapped file of all policies' counters, which survives any end of the process.
/// [CounterLayout] describes its layout.
///
/// A change of several slots is first written into the log as new absolute values, then the commit
/// word, then the slots; then the commit word is cleared. A process that is killed in between
/// leaves a log without commit word, which is ignored (the slots are unchanged), or one with it,
/// which [#open] applies again. So a commit is there completely or not at all, and packets and
/// bytes always match.
///
/// The kernel keeps what a killed process wrote. A power cut may lose what was not synced to disk,
/// and may leave pages of different ages: a file that was in use then is not trusted
/// ([PolicyCounters]).
///
/// For one thread at a time. The owner closes it. All space is written when the file is created or
/// grows, never left sparse: so a full disk causes an exception there, not a fault in the mapping.
final class CounterFile implements AutoCloseable {
  /// The maximum number of slots of a file.
  static final int CAPACITY_MAX = 1 << 16;

  private static final int CAPACITY_STEP = 256;

  private Path path;
  private final FileChannel channel;
  private final Optional<String> problem;
  private Arena arena;
  private MemorySegment memory;
  private int capacity;
  private long sequence;
  private final long[] entries = new long[COMMIT_MAX * ENTRY_WORDS];
  private int staged;
  private int damaged;

  private CounterFile(Path path, FileChannel channel, Optional<String> problem) throws IOException {
    this.path = path;
    this.channel = channel;
    this.problem = problem;
    capacity = CounterLayout.capacity(header(channel).getLong(CAPACITY_AT));
    fill(channel, channel.size(), CounterLayout.size(capacity)); // of a file without a long log
    arena = arena();
    memory = map(arena);
    recover();
  }

  /// Opens or creates the file, and locks it while it is open. A file that is damaged or belongs to
  /// another database is renamed with the suffix `.quarantined`, replacing an older one, and a new
  /// file is created.
  ///
  /// @param identity names the database that the counters belong to
  /// @throws UserError if another process uses the file
  static CounterFile open(Path path, String identity) throws IOException {
    Optional<String> problem = Optional.empty();
    AtomicFile.requireFile(path);
    if (Files.exists(path)) {
      AtomicFile.restrict(path);
      FileChannel channel = openLocked(path);
      try {
        problem = problem(channel, path, identity);
        if (problem.isEmpty()) {
          return new CounterFile(path, channel, problem);
        }
        Files.move(path, aside(path), REPLACE_EXISTING);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
      channel.close();
    }
    create(path, identity);
    FileChannel channel = openLocked(path);
    try {
      return new CounterFile(path, channel, problem);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /// Locks the file. The lock belongs to the process, and ends with it. It also ends when the
  /// process closes any other channel of the same file, so nothing else may open it.
  private static FileChannel openLocked(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, READ, WRITE, NOFOLLOW_LINKS);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException _) {
      // held by this process
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new UserError(
        ExitCode.REFUSED,
        "another process uses the counters file "
            + path
            + "; stop it, or name another folder with --state-dir");
  }

  private static Path aside(Path path) {
    return path.resolveSibling(path.getFileName() + ".quarantined");
  }

  private static Optional<String> problem(FileChannel channel, Path path, String identity)
      throws IOException {
    String wrong = CounterLayout.problem(header(channel), channel.size(), identity);
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of(path + " was renamed to " + aside(path) + ": " + wrong);
  }

  private static ByteBuffer header(FileChannel channel) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(LOG_AT).order(ByteOrder.nativeOrder());
    while (header.hasRemaining() && channel.read(header, header.position()) >= 0) {
      // a read may return fewer bytes than requested
    }
    return header;
  }

  /// The identity of the database that a counter file belongs to; empty if the file is missing, is
  /// no counter file, or has a damaged header. Not for a file that this process has open: its lock
  /// would be released.
  static Optional<String> identity(Path path) {
    try (FileChannel channel = FileChannel.open(path, READ, NOFOLLOW_LINKS)) {
      return CounterLayout.identity(header(channel));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// Assigns a closed file to a database, under another name. A process that is killed in between
  /// leaves it under the old name with the new identity.
  ///
  /// @throws UserError if another process uses the file
  static void giveTo(Path from, Path to, String identity) throws IOException {
    try (FileChannel channel = openLocked(from)) {
      writeFully(channel, CounterLayout.identityArea(identity), IDENTITY_LENGTH_AT);
      channel.force(false);
      Files.move(from, to, ATOMIC_MOVE);
    }
  }

  /// Assigns the open file to another database, under another name, replacing a file of that name.
  void giveTo(Path to, String identity) throws IOException {
    writeFully(channel, CounterLayout.identityArea(identity), IDENTITY_LENGTH_AT);
    Files.move(path, to, ATOMIC_MOVE, REPLACE_EXISTING);
    path = to;
  }

  private static void create(Path path, String identity) throws IOException {
    try (AtomicFile file = AtomicFile.beginState(path)) {
      ByteBuffer header = CounterLayout.header(CAPACITY_STEP, identity);
      writeFully(file.channel(), header, 0);
      fill(file.channel(), header.capacity(), CounterLayout.size(CAPACITY_STEP));
      file.commit();
    }
  }

  private static void fill(FileChannel channel, long from, long to) throws IOException {
    writeFully(channel, ByteBuffer.allocate(Math.toIntExact(Math.max(0, to - from))), from);
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes, long at)
      throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes, at + bytes.position());
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // valid until the file grows or is closed
  private static Arena arena() {
    return Arena.ofShared();
  }

  private MemorySegment map(Arena lifetime) throws IOException {
    try {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), lifetime);
    } catch (IOException e) {
      lifetime.close();
      throw e;
    }
  }

  /// Applies the changes that a killed process had committed, then clears slots with a wrong check.
  private void recover() {
    long count = word(LOG_AT);
    if (count > 0 && count <= COMMIT_MAX && isWhole((int) count)) {
      sequence = word(LOG_SEQUENCE_AT);
      applyWhereOlder((int) count);
    }
    putWord(LOG_AT, 0);
    for (int index = 0; index < capacity; index++) {
      long at = CounterLayout.slot(index);
      if (word(at + SLOT_CHECK) != CounterLayout.slotCheck(sixWords(at)) && !isBlank(at)) {
        memory.asSlice(at, CounterLayout.SLOT_BYTES).fill((byte) 0);
        damaged++;
      }
      sequence = Math.max(sequence, word(at + SLOT_SEQUENCE));
    }
  }

  /// Reads the log, and returns whether its check is right.
  private boolean isWhole(int count) {
    long at = CounterLayout.entries(count, capacity);
    MemorySegment.copy(memory, JAVA_LONG, at, entries, 0, count * ENTRY_WORDS);
    return word(LOG_CHECK_AT) == logCheck(count, word(LOG_SEQUENCE_AT));
  }

  private void applyWhereOlder(int count) {
    for (int entry = 0; entry < count * ENTRY_WORDS; entry += ENTRY_WORDS) {
      long index = entries[entry];
      boolean exists = index >= 0 && index < capacity;
      if (exists && word(CounterLayout.slot((int) index) + SLOT_SEQUENCE) <= sequence) {
        apply(entry);
      }
    }
  }

  private long logCheck(int count, long numbered) {
    long check = MAGIC;
    for (int at = 0; at < count * ENTRY_WORDS; at += ENTRY_WORDS) {
      long sum =
          CounterLayout.sum(
              entries[at],
              entries[at + 1],
              entries[at + 2],
              entries[at + 3],
              entries[at + 4],
              entries[at + 5]);
      check = CounterLayout.next(check, sum);
    }
    return CounterLayout.seal(CounterLayout.mix(check, numbered));
  }

  private boolean isBlank(long slot) {
    return sixWords(slot) == 0 && word(slot + SLOT_CHECK) == 0;
  }

  /// A checksum over the six words from `at`, which is 0 if they are all 0.
  private long sixWords(long at) {
    return CounterLayout.sum(
        word(at), word(at + 8), word(at + 16), word(at + 24), word(at + 32), word(at + 40));
  }

  /// A 64-bit identifier of the boot in which the file was last used; 0 if it was last used by an
  /// earlier version of the program, or never.
  long boot() {
    return word(BOOT_AT);
  }

  /// Whether it was closed properly, with all of it on the disk.
  boolean isClosed() {
    return word(CLOSED_AT) != 0;
  }

  /// The number of the last snapshot of these counters; 0 if there was none.
  long snapshot() {
    return word(SNAPSHOT_AT);
  }

  /// Stores the number of the snapshot that is being taken.
  void snapshot(long number) {
    putWord(SNAPSHOT_AT, number);
  }

  /// Marks the file as in use. Synced before anything is counted, since a power cut must not leave
  /// a file that seems to be closed.
  ///
  /// @param boot a 64-bit identifier of this boot; not 0
  void use(long boot) throws IOException {
    putWord(BOOT_AT, boot);
    putWord(CLOSED_AT, 0);
    force();
  }

  /// The reason why an older file was quarantined; empty if none was.
  Optional<String> problem() {
    return problem;
  }

  /// The number of slots that were found damaged when the file was opened; they are free now.
  int damaged() {
    return damaged;
  }

  int capacity() {
    return capacity;
  }

  CounterSlot read(int index) {
    long at = CounterLayout.slot(index);
    return new CounterSlot(word(at), word(at + 8), word(at + 16), word(at + 24), word(at + 32));
  }

  /// Stages the new values of a slot; they take effect with [#commit()]. At most [#COMMIT_MAX]
  /// slots are staged at a time, each once.
  void stage(int index, long id, long flags, long packets, long bytes, long lastSeenMillis) {
    int at = staged * ENTRY_WORDS;
    entries[at] = index;
    entries[at + 1] = id;
    entries[at + 2] = flags;
    entries[at + 3] = packets;
    entries[at + 4] = bytes;
    entries[at + 5] = lastSeenMillis;
    staged++;
  }

  /// Commits all staged changes atomically.
  void commit() {
    if (staged == 0) {
      return;
    }
    sequence++;
    long at = CounterLayout.entries(staged, capacity);
    MemorySegment.copy(entries, 0, memory, JAVA_LONG, at, staged * ENTRY_WORDS);
    putWord(LOG_SEQUENCE_AT, sequence);
    putWord(LOG_CHECK_AT, logCheck(staged, sequence));
    VarHandle.releaseFence();
    putWord(LOG_AT, staged);
    VarHandle.releaseFence();
    for (int entry = 0; entry < staged * ENTRY_WORDS; entry += ENTRY_WORDS) {
      apply(entry);
    }
    VarHandle.releaseFence();
    putWord(LOG_AT, 0);
    VarHandle.releaseFence();
    staged = 0;
  }

  private void apply(int entry) {
    long slot = CounterLayout.slot((int) entries[entry]);
    long id = entries[entry + 1];
    long flags = entries[entry + 2];
    long packets = entries[entry + 3];
    long bytes = entries[entry + 4];
    long seen = entries[entry + 5];
    putWord(slot, id);
    putWord(slot + 8, flags);
    putWord(slot + 16, packets);
    putWord(slot + 24, bytes);
    putWord(slot + 32, seen);
    putWord(slot + SLOT_SEQUENCE, sequence);
    long sum = CounterLayout.sum(id, flags, packets, bytes, seen, sequence);
    putWord(slot + SLOT_CHECK, CounterLayout.slotCheck(sum));
  }

  /// Grows the file to hold more slots.
  ///
  /// @throws IOException if the disk is full; the file is then unchanged
  void grow() throws IOException {
    int wanted = Math.min(CAPACITY_MAX, capacity + Math.max(CAPACITY_STEP, capacity / 2));
    fill(channel, CounterLayout.slot(capacity), CounterLayout.size(wanted)); // over the long log
    Arena larger = arena();
    memory = map(larger);
    arena.close();
    arena = larger;
    capacity = wanted;
    putWord(CAPACITY_AT, CounterLayout.capacityWord(wanted));
  }

  /// Syncs all committed changes to disk. Safe from any thread: it uses the file, not the mapping;
  /// for the kernel both are the same pages.
  void force() throws IOException {
    channel.force(false);
  }

  private long word(long at) {
    return memory.get(JAVA_LONG, at);
  }

  private void putWord(long at, long value) {
    memory.set(JAVA_LONG, at, value);
  }

  /// Syncs the file to disk, marks it as closed, and closes it.
  @Override
  public void close() throws IOException {
    try {
      force();
      putWord(CLOSED_AT, 1);
      force();
    } finally {
      arena.close();
      channel.close();
    }
  }
}
