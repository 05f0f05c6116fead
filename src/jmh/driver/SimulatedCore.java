import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A slow processor for one thread: a control group with a processor quota (cgroups(7), version 1).
///
/// As long as the machine has room for the quotas of all groups, as many threads run beside each
/// other as there are groups, also where there are more groups than processors. The group is
/// removed when this is closed, or when this process is told to end. Safe from any thread.
final class SimulatedCore implements AutoCloseable {
  private static final Path CONTROLLER = Path.of("/sys/fs/cgroup/cpu");

  /// The kernel sees that a quota is used up at its clock tick, which may come every 4 ms: with
  /// periods of 5 ms and less threads got up to a fifth less than their quota.
  private static final int PERIOD_MICROS = 10_000;

  /// Ten times that of other programs, so that they take little of what a group may have.
  private static final int WEIGHT = 10_240;

  private static int made;

  private final Path group;
  private final Thread hook = new Thread(this::remove);

  /// @param share of a processor
  SimulatedCore(double share) throws IOException {
    group = CONTROLLER.resolve("patronus-bench-" + ProcessHandle.current().pid() + "-" + next());
    Files.createDirectory(group);
    Runtime.getRuntime().addShutdownHook(hook);
    set("cpu.cfs_period_us", PERIOD_MICROS);
    set("cpu.cfs_quota_us", (long) (PERIOD_MICROS * share));
    set("cpu.shares", WEIGHT);
  }

  private static synchronized int next() {
    return made++;
  }

  /// Whether groups can be made: by root, where the controller of version 1 is mounted.
  static boolean possible() {
    return Files.isWritable(CONTROLLER.resolve("tasks"))
        && Files.exists(CONTROLLER.resolve("cpu.cfs_quota_us"));
  }

  private void set(String file, long number) throws IOException {
    Files.writeString(group.resolve(file), "" + number);
  }

  /// Has a thread run here.
  ///
  /// @param thread the kernel's number of it
  void take(long thread) throws IOException {
    set("tasks", thread);
  }

  /// Has all threads of a process run here, and those that they start.
  void take(Process process) throws IOException {
    set("cgroup.procs", process.pid());
  }

  /// Has the calling thread run here.
  void takeCaller() throws IOException {
    take(Long.parseLong(Path.of("/proc/thread-self").toRealPath().getFileName().toString()));
  }

  /// Threads that still run go on without a quota.
  private void remove() {
    try {
      UdpLoad.await(this::isRemoved, "there are threads in " + group);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isRemoved() {
    try {
      for (String thread : Files.readAllLines(group.resolve("tasks"))) {
        Files.writeString(CONTROLLER.resolve("tasks"), thread);
      }
      Files.delete(group);
      return true;
    } catch (IOException _) {
      return false; // a thread has begun or ended meanwhile
    }
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    remove();
  }
}
