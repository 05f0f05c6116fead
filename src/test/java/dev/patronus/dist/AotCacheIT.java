package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.source.netflow.Datagram;
import dev.patronus.source.netflow.Flows;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.SampleDatabase;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands of every day, beside a live daemon, find their classes in an AOT cache: each one
/// that they do not find there costs them a part of a millisecond.
class AotCacheIT {
  /// Some classes of the JDK are made at each start.
  private static final int OUTSIDE_MAX = 20;

  @TempDir private Path folder;
  private DaemonUnderTest daemon;

  @BeforeEach
  void start() throws Exception {
    SampleDatabase.make(folder, Age.NEWEST);
    daemon = DaemonUnderTest.start(folder, DaemonUnderTest.freePort());
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  /// The classes that a command loads, with where each comes from.
  private List<String> loaded(String words) throws IOException {
    Path log = folder.resolve("classes");
    ProgramOutcome outcome =
        Program.patronus((Object[]) words.split(" ", -1))
            .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
            .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"))
            .env("PATRONUS_JAVA_OPTS", "-Xlog:class+load,class+init=info:file=" + log)
            .run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return Files.readAllLines(log);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stats",
        "stats -o json",
        "status",
        "stats flows",
        "cache stats",
        "site list",
        "policy list",
        "path list",
        "policy explain 10.1.2.3 192.0.2.10:443",
        "site delete berlin --dry-run",
        "audit",
        "--help",
      })
  void a_command_finds_its_classes_in_the_cache(String words) throws Exception {
    List<String> outside =
        loaded(words).stream()
            .filter(line -> line.contains(" source: ") && !line.contains("shared objects file"))
            .toList();
    assertTrue(
        outside.size() <= OUTSIDE_MAX,
        () -> outside.size() + " are not:\n" + String.join("\n", outside));
  }

  /// What changes the database uses it, and nothing else.
  @ParameterizedTest
  @ValueSource(strings = {"stats", "site list", "site delete berlin --dry-run", "audit"})
  void a_command_that_only_reads_does_not_load_jdbi(String words) throws Exception {
    List<String> jdbi =
        loaded(words).stream().filter(line -> line.contains("org.jdbi.v3.core.Handle")).toList();
    assertEquals(List.of(), jdbi);
  }

  @Test
  void reading_an_answer_of_the_daemon_initializes_no_decimal_numbers() throws Exception {
    List<String> initialized =
        loaded("stats").stream()
            .filter(line -> line.contains("Initializing 'java/math/BigDecimal'"))
            .toList();
    assertEquals(List.of(), initialized);
  }

  /// The first datagrams wait while a class is read from the program.
  @Test
  void a_daemon_finds_the_classes_that_decode_flow_export_in_the_cache() throws Exception {
    Path own = Files.createDirectory(folder.resolve("own"));
    SampleDatabase.make(own, Age.NEWEST);
    int port = DaemonUnderTest.freePort();
    Path log = folder.resolve("classes");
    Program program =
        DaemonUnderTest.program(own, port)
            .env("PATRONUS_JAVA_OPTS", "-Xlog:class+load=info:file=" + log);
    try (DaemonUnderTest running = DaemonUnderTest.start(program, own, port);
        DatagramSocket socket = new DatagramSocket()) {
      long before = running.packets();
      for (Datagram datagram : flowExport()) {
        byte[] bytes = datagram.exportedAt(System.currentTimeMillis()).bytes();
        socket.send(
            new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
      }
      DaemonUnderTest.await("counted", () -> running.packets() == before + 3 * 10);
    }
    List<String> outside =
        Files.readAllLines(log).stream()
            .filter(line -> line.contains(" dev.patronus.source."))
            .filter(line -> !line.contains("shared objects file"))
            .toList();
    assertEquals(List.of(), outside);
  }

  /// A flow of 10 packets in each version.
  private static List<Datagram> flowExport() {
    return List.of(
        Datagram.v5(0).flow("10.0.0.1", 40_000, "10.0.0.2", 443, 6, 10, 1500),
        Datagram.v9(0)
            .template(Flows.TEMPLATE, Flows.fields())
            .data(Flows.TEMPLATE, Flows.record()),
        Datagram.ipfix(0)
            .template(Flows.TEMPLATE, Flows.fields())
            .data(Flows.TEMPLATE, Flows.record()));
  }
}
