package dev.patronus.collect;

import static dev.patronus.collect.CounterLayout.BOOT_AT;
import static dev.patronus.collect.CounterLayout.CAPACITY_AT;
import static dev.patronus.collect.CounterLayout.CLOSED_AT;
import static dev.patronus.collect.CounterLayout.ENTRIES_AT;
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

/// The counters of all policies in a file that is mapped into memory, so that they outlive the
/// process, however it ends. [CounterLayout] draws the file.
///
/// A change of several slots is first written into the log as new absolute values, then the commit
/// word, then the slots; then the commit word is cleared. Who is killed in between leaves a log
/// without commit word, which is ignored (the slots are as they were), or one with it, which
/// [#open] applies again. So a batch is counted whole or not at all, and packets never part from
/// bytes.
///
/// The kernel keeps what a killed process wrote. A power cut may lose what was not forced to disk,
/// and may tear it, one page newer than the other: a file that was in use then is not believed
/// ([PolicyCounters]).
///
/// For one thread at a time. The owner closes it. All space is written when the file is made or
/// grows, never left sparse: so a full disk is an exception there, not a fault in the mapping.
final class CounterFile implements AutoCloseable {
  /// The most slots that a file can have.
  static final int CAPACITY_MAX = 1 << 16;

  /// The most slots that one commit changes.
  static final int COMMIT_MAX = 128;

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

  private CounterFile(Path path, FileChannel channel, Optional<String> problem)
      throws IOException {
    this.path = path;
    this.channel = channel;
    this.problem = problem;
    arena = arena();
    memory = map(arena);
    capacity = CounterLayout.capacity(word(CAPACITY_AT));
    recover();
  }

  /// Opens the file, or makes it, and locks it as long as it is open. One that is damaged or
  /// belongs to another database is put aside with `.quarantined` behind its name, in place of an
  /// older one, and a new one begins.
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

  /// The lock is the process's, and goes with it, however it ends. It goes, too, with any other
  /// channel of the same file that the process closes: nobody else opens it.
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
        : Optional.of(path + " is put aside as " + aside(path) + ": " + wrong);
  }

  private static ByteBuffer header(FileChannel channel) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(LOG_AT).order(ByteOrder.nativeOrder());
    while (header.hasRemaining() && channel.read(header, header.position()) >= 0) {
      // a read may give less than was asked for
    }
    return header;
  }

  /// The text that names the database that a file of counters belongs to; empty if there is no such
  /// file, it is none, or its header is damaged. Not for a file that this process has open: its
  /// lock would go.
  static Optional<String> identity(Path path) {
    try (FileChannel channel = FileChannel.open(path, READ, NOFOLLOW_LINKS)) {
      return CounterLayout.identity(header(channel));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// Gives a file that is not open to a database, under another name. Whoever is killed in between
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

  /// Gives the open file to another database, under another name, in place of a file that has it.
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
    writeFully(channel, ByteBuffer.allocate(Math.toIntExact(to - from)), from);
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes, long at)
      throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes, at + bytes.position());
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // lives until the file grows or is closed
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

  /// Applies what a killed process had committed, then clears slots whose check is wrong.
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

  /// Reads the log, and says whether its check is right.
  private boolean isWhole(int count) {
    MemorySegment.copy(memory, JAVA_LONG, ENTRIES_AT, entries, 0, count * ENTRY_WORDS);
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

  /// A sum over the six words from `at`, which is 0 if they all are.
  private long sixWords(long at) {
    return CounterLayout.sum(
        word(at), word(at + 8), word(at + 16), word(at + 24), word(at + 32), word(at + 40));
  }

  /// 64 bits that stand for the boot in which the file was last used; 0 if an earlier version of
  /// the program has used it, or nobody.
  long boot() {
    return word(BOOT_AT);
  }

  /// Whether it was closed in order, with all of it on the disk.
  boolean isClosed() {
    return word(CLOSED_AT) != 0;
  }

  /// The number of the last snapshot that was taken of these counters; 0 if none was.
  long snapshot() {
    return word(SNAPSHOT_AT);
  }

  /// Notes that a snapshot of this number is taken.
  void snapshot(long number) {
    putWord(SNAPSHOT_AT, number);
  }

  /// Notes that the file is in use from now on. On the disk before anything is counted: a power cut
  /// must not leave a file that seems to be closed.
  ///
  /// @param boot 64 bits that stand for this boot; not 0
  void use(long boot) throws IOException {
    putWord(BOOT_AT, boot);
    putWord(CLOSED_AT, 0);
    force();
  }

  /// Why an older file was put aside; empty if none was.
  Optional<String> problem() {
    return problem;
  }

  /// How many slots were found torn when the file was opened; they are free now.
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

  /// Stages the new values of a slot; nothing is changed before [#commit()]. At most [#COMMIT_MAX]
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

  /// Makes all staged changes, so that none is ever seen without the others.
  void commit() {
    if (staged == 0) {
      return;
    }
    sequence++;
    MemorySegment.copy(entries, 0, memory, JAVA_LONG, ENTRIES_AT, staged * ENTRY_WORDS);
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

  /// Makes room for more slots.
  ///
  /// @throws IOException if there is no room on the disk; the file is then as it was
  void grow() throws IOException {
    int wanted = Math.min(CAPACITY_MAX, capacity + Math.max(CAPACITY_STEP, capacity / 2));
    fill(channel, CounterLayout.size(capacity), CounterLayout.size(wanted));
    Arena larger = arena();
    memory = map(larger);
    arena.close();
    arena = larger;
    capacity = wanted;
    putWord(CAPACITY_AT, CounterLayout.capacityWord(wanted));
  }

  /// Waits until the disk has all that was committed. Safe from any thread: it goes by the file,
  /// not by the mapping; to the kernel both are the same pages.
  void force() throws IOException {
    channel.force(false);
  }

  private long word(long at) {
    return memory.get(JAVA_LONG, at);
  }

  private void putWord(long at, long value) {
    memory.set(JAVA_LONG, at, value);
  }

  /// Brings all of it to the disk, notes that it is closed, and closes it.
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
