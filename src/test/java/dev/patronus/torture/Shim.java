package dev.patronus.torture;

import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.UUID;

/// The library `diskshim.c` between tested programs and their disk: compiles it, preloads it, and
/// tells it what to do while they run.
///
/// What is said takes effect with the next call, in all programs that were started with it. Safe
/// from any thread. It keeps two small files beside the folder.
public final class Shim {
  /// The kinds of calls, which can be added up.
  static final int WRITE = 1;

  static final int SYNC = 2;
  static final int TRUNCATE = 4;
  static final int NAME = 8;
  static final int CREATE = 16;
  static final int READ = 32;

  /// All calls that change the disk.
  static final int CHANGES = WRITE | SYNC | TRUNCATE | NAME | CREATE;

  /// Errors of errno(3).
  static final int EIO = 5;

  static final int ENOSPC = 28;

  private static final int KILL = -9;

  // The layout of `struct control`.
  private static final int ERROR_AT = 0;
  private static final int OPERATIONS_AT = 4;
  private static final int SKIP_AT = 8;
  private static final int COUNT_AT = 12;
  private static final int NANOS_AT = 16;
  private static final int HITS_AT = 24;
  private static final int CALLS_AT = 28;
  private static final int PAUSE_AT = 32;
  private static final int PART_AT = 40;
  private static final int PART_MAX = 199;
  private static final int PAGE = 4096;

  private static Path library;

  private final Path folder;
  private final Path page;
  private final Path log;
  private final MappedByteBuffer control;

  private Shim(Path folder, Path page, Path log, MappedByteBuffer control) {
    this.folder = folder;
    this.page = page;
    this.log = log;
    this.control = control;
  }

  /// A shim for the files in a folder.
  public static Shim over(Path folder) throws IOException {
    Tools.require("gcc");
    compile();
    Path page = folder.resolveSibling(folder.getFileName() + ".control");
    try (FileChannel channel =
        FileChannel.open(
            page,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      MappedByteBuffer control = channel.map(FileChannel.MapMode.READ_WRITE, 0, PAGE);
      control.order(ByteOrder.nativeOrder());
      Path log = folder.resolveSibling(folder.getFileName() + ".log");
      return new Shim(folder.toRealPath(), page, log, control);
    }
  }

  private static synchronized void compile() throws IOException {
    if (library == null) {
      Path made = Files.createTempDirectory("shim").resolve("diskshim.so").toAbsolutePath();
      ProgramOutcome gcc =
          Program.of(
                  "gcc",
                  "-O1",
                  "-Wall",
                  "-Werror",
                  "-shared",
                  "-fPIC",
                  "-o",
                  made,
                  Path.of("src/test/c/diskshim.c").toAbsolutePath(),
                  "-ldl",
                  "-lpthread")
              .run();
      if (gcc.exitCode() != 0) {
        throw new IllegalStateException(gcc.toString());
      }
      made.toFile().deleteOnExit();
      made.getParent().toFile().deleteOnExit();
      library = made;
    }
  }

  /// The program with this shim under it.
  public Program under(Program program) {
    return program.env("LD_PRELOAD", library).env("SHIM_UNDER", folder).env("SHIM_CONTROL", page);
  }

  /// The program on a folder that [PowerCut] made, on a machine that has booted since.
  Program rebooted(Program program) throws IOException {
    Path boot = folder.resolveSibling(folder.getFileName() + ".boot");
    Files.writeString(boot, UUID.randomUUID() + "\n");
    return kept(program).env("SHIM_BOOT", boot);
  }

  private Program kept(Program program) {
    return under(program).env("SHIM_KEEP", kept(folder));
  }

  /// The program with this shim under it, which also records what is written.
  Program recorded(Program program) {
    return kept(program).env("SHIM_LOG", log);
  }

  /// Where each file that was made while it was recorded has a second name, its inode's number.
  static Path kept(Path folder) {
    return folder.resolveSibling(folder.getFileName() + ".inodes");
  }

  /// Begins a recording of the folder as it is, in place of an older one.
  Recording record() throws IOException {
    Files.write(log, new byte[0]);
    Files.createDirectories(kept(folder));
    return Recording.begin(folder, log);
  }

  /// Lets calls of these kinds fail.
  ///
  /// @param part names that contain this are meant
  /// @param skip so many go well first
  /// @param count so many fail; below 0: all from then on
  void fail(int error, int operations, String part, int skip, int count) {
    heal();
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > PART_MAX) {
      throw new IllegalArgumentException("too long: " + part);
    }
    for (int i = 0; i <= bytes.length; i++) {
      control.put(PART_AT + i, i < bytes.length ? bytes[i] : 0);
    }
    control.putInt(SKIP_AT, skip);
    control.putInt(COUNT_AT, count);
    control.putInt(HITS_AT, 0);
    control.putInt(CALLS_AT, 0);
    control.putInt(ERROR_AT, error);
    control.putInt(OPERATIONS_AT, operations);
  }

  /// Lets the program be killed where it would change the disk for the n-th time, from 0.
  void killAt(int change) {
    fail(KILL, CHANGES, "", change, 1);
  }

  /// Counts calls of these kinds from now on, for [#calls()].
  void count(int operations) {
    fail(0, operations, "", 0, 0);
  }

  /// Lets calls of these kinds take so much longer.
  void slow(int operations, Duration pause) {
    count(operations);
    control.putInt(PAUSE_AT, Math.toIntExact(pause.toNanos() / 1000));
  }

  /// Lets everything go well again.
  void heal() {
    control.putInt(OPERATIONS_AT, 0);
    control.putInt(ERROR_AT, 0);
    control.putInt(PAUSE_AT, 0);
  }

  /// How many calls have failed since the last [#fail].
  int hits() {
    return control.getInt(HITS_AT);
  }

  /// How many calls were meant since the last [#count] or [#fail].
  int calls() {
    return control.getInt(CALLS_AT);
  }

  /// Sets the time of day: so much is added to the machine's.
  public void clock(Duration ahead) {
    control.putLong(NANOS_AT, ahead.toNanos());
  }
}
