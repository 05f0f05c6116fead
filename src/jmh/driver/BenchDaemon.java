import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The daemon of a database, listening for flow export on a free port.
final class BenchDaemon extends Programs implements AutoCloseable {
  /// Twice the interval of `-XX:TrimNativeHeapInterval` in the daemon's options, and more.
  private static final Duration TRIMMED = Duration.ofSeconds(25);

  private final Process process;
  private final int port = UdpLoad.freePort();

  BenchDaemon(Path data, Path db, Path socket, int buffer) throws Exception {
    String source =
        "netflow://127.0.0.1:" + port + (buffer == 0 ? "" : "?receive-buffer=" + buffer);
    process =
        quietly(
            List.of(
                PROGRAM.toString(),
                "daemon",
                "--db",
                db.toString(),
                "--socket",
                socket.toString(),
                "--state-dir",
                data.toString(),
                "--metrics-listen",
                "off",
                "--source",
                source));
    UdpLoad.awaitListener(port);
    UdpLoad.await(() -> Files.exists(socket), "no daemon at " + socket);
  }

  int port() {
    return port;
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
