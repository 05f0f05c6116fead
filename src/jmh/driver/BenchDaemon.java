import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The daemon of a database, listening for flow export on free ports.
final class BenchDaemon extends Programs implements AutoCloseable {
  /// Twice the interval of `-XX:TrimNativeHeapInterval` in the daemon's options, and more.
  private static final Duration TRIMMED = Duration.ofSeconds(25);

  /// How the name of a source begins, and that of each of its receiving threads.
  private static final String RECEIVING_THREAD = "netflow://";

  private final Process process;
  private final List<Integer> ports = new ArrayList<>();

  /// @param sources the options of each source's address, as `?receivers=2`; empty for none
  BenchDaemon(Path data, Path db, Path socket, String... sources) throws Exception {
    List<String> words = new ArrayList<>(List.of(PROGRAM.toString(), "daemon"));
    words.addAll(List.of("--db", db.toString(), "--socket", socket.toString()));
    words.addAll(List.of("--state-dir", data.toString(), "--metrics-listen", "off"));
    for (String options : sources) {
      int port = UdpLoad.freePort();
      ports.add(port);
      words.addAll(List.of("--source", RECEIVING_THREAD + "127.0.0.1:" + port + options));
    }
    process = quietly(words);
    for (int port : ports) {
      UdpLoad.awaitListener(port);
    }
    UdpLoad.await(() -> Files.exists(socket), "no daemon at " + socket);
  }

  /// Of the first source.
  int port() {
    return ports.getFirst();
  }

  List<Integer> ports() {
    return ports;
  }

  /// The kernel's numbers of the threads that receive flow export (`/proc/PID/task`, proc(5)).
  List<Long> receivingThreads() throws IOException {
    List<Long> threads = new ArrayList<>();
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path task : tasks) {
        if (Files.readString(task.resolve("comm")).startsWith(RECEIVING_THREAD)) {
          threads.add(Long.parseLong(task.getFileName().toString()));
        }
      }
    }
    return threads;
  }

  Process process() {
    return process;
  }

  double peakMegabytes() throws IOException {
    return megabytes("VmHWM:");
  }

  /// Once the daemon has given back what it needed for a moment.
  double restingMegabytes() throws Exception {
    Thread.sleep(TRIMMED);
    return megabytes("VmRSS:");
  }

  private double megabytes(String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith(field))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
