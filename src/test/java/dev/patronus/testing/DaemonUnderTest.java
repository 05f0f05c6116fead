package dev.patronus.testing;

import dev.patronus.control.ControlClient;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.policy.PolicyTraffic;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The packaged daemon on a database in a folder of the test's, and questions to it.
///
/// Who starts it closes it; that kills what still runs.
public final class DaemonUnderTest implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Path folder;
  private final int port;
  private final RunningProgram program;

  private DaemonUnderTest(Path folder, int port, RunningProgram program) {
    this.folder = folder;
    this.port = port;
    this.program = program;
  }

  /// A port on loopback where nobody listens at this moment.
  public static int freePort() {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// A TCP port on loopback where nobody listens at this moment.
  public static int freeTcpPort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// The daemon of the database `sdwan.db` in `folder`, listening for flow export on `port`.
  public static DaemonUnderTest start(Path folder, int port, String... more) {
    return start(program(folder, port, more), folder, port);
  }

  /// The same as a program that is not started yet, for tests that change its environment.
  public static Program program(Path folder, int port, String... more) {
    List<Object> words =
        new ArrayList<>(
            List.of(
                "daemon",
                "--db",
                folder.resolve("sdwan.db"),
                "--source",
                "netflow://127.0.0.1:" + port,
                "--state-dir",
                folder,
                "--socket",
                folder.resolve("patronus.sock")));
    words.addAll(List.of(more));
    return Program.patronus(words.toArray()).env("PATRONUS_METRICS_LISTEN", "off");
  }

  /// Starts it and waits until it says that it is ready.
  public static DaemonUnderTest start(Program program, Path folder, int port) {
    RunningProgram running = program.start();
    running.awaitStderr("ready: ");
    return new DaemonUnderTest(folder, port, running);
  }

  public RunningProgram program() {
    return program;
  }

  public int port() {
    return port;
  }

  /// Asks by the control socket.
  public Reply ask(Request request) throws IOException {
    try (ControlClient client =
        ControlClient.connect(folder.resolve("patronus.sock")).orElseThrow()) {
      return client.ask(request);
    }
  }

  public Reply.Stats stats() throws IOException {
    return (Reply.Stats) ask(new Request.Stats());
  }

  /// The packets of all policies and of what none matched.
  public long packets() throws IOException {
    Reply.Stats stats = stats();
    return stats.unmatched().packets()
        + stats.policies().stream().mapToLong(PolicyTraffic::packets).sum();
  }

  /// Waits until something is so.
  ///
  /// @throws IllegalStateException if it is not so after a minute
  public static void await(String what, Condition condition) throws Exception {
    await(what, TIMEOUT, condition);
  }

  /// The same with another limit.
  public static void await(String what, Duration limit, Condition condition) throws Exception {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("not so after " + limit.toSeconds() + " s: " + what);
      }
      Thread.sleep(20);
    }
  }

  /// What is waited for.
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws Exception;
  }

  @Override
  public void close() {
    program.close();
  }
}
