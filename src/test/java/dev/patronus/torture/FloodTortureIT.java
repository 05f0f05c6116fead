package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// More of everything than there is room for, in a heap of the daemon's own size and in smaller
/// ones: afterwards the daemon counts on, or it has ended and said why, and then the next one does.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FloodTortureIT {
  private static final int ADDRESSES = 17;

  @TempDir private Path folder;

  enum Flood {
    TEMPLATES,
    STRAYS,
    FLOWS,
    CONTROL_CLIENTS,
    METRICS_CLIENTS,
    LONG_NAME
  }

  @ParameterizedTest
  @EnumSource(Flood.class)
  void after_a_flood_good_records_are_counted(Flood flood) throws Exception {
    flooded(List.of(flood), "", Torture.of("FloodTortureIT", flood.name()));
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 48, 64, 96})
  void in_a_heap_that_is_too_small_nothing_that_was_shown_is_lost(int megabytes) throws Exception {
    Torture torture = Torture.of("FloodTortureIT", "heap " + megabytes);
    if (Torture.isSmall() && megabytes != 48) {
      return; // a small run tries some of them
    }
    List<Flood> floods = List.of(Flood.TEMPLATES, Flood.FLOWS, Flood.CONTROL_CLIENTS);
    flooded(floods, "-Xmx" + megabytes + "m", torture);
  }

  private void flooded(List<Flood> floods, String heap, Torture torture) throws Exception {
    Random random = torture.random();
    Path database = Traffic.database(folder, "wal");
    int port = DaemonUnderTest.freePort();
    int metrics = DaemonUnderTest.freeTcpPort();
    Program program =
        DaemonUnderTest.program(folder, port, "--snapshot-every", "1s")
            .env("PATRONUS_METRICS_LISTEN", "127.0.0.1:" + metrics);
    Bounds bounds = Bounds.START;
    try (DaemonUnderTest daemon =
        DaemonUnderTest.start(program.env("PATRONUS_JAVA_OPTS", heap), folder, port)) {
      try (Traffic traffic = new Traffic(port, random, bounds, _ -> {})) {
        traffic.send(20);
        traffic.settle(daemon);
        traffic.show(daemon);
        bounds = traffic.bounds();
      }
      try {
        for (Flood flood : floods) {
          pour(flood, port, metrics, database, random);
        }
        if (!countsOn(daemon, port, random)) {
          ended(daemon, torture);
        }
      } catch (IOException | IllegalStateException e) {
        ended(daemon, torture);
      }
      daemon.program().signal("KILL");
    }
    try (DaemonUnderTest daemon = DaemonUnderTest.start(program, folder, port)) {
      assertTrue(daemon.packets() >= bounds.least(), "lost in a flood (" + torture + ")");
      assertTrue(countsOn(daemon, port, random), "started anew (" + torture + ")");
    }
    DatabaseRows.of(database, torture.toString());
  }

  /// Whether good records that come now are counted, and saved.
  private static boolean countsOn(DaemonUnderTest daemon, int port, Random random)
      throws Exception {
    long before = daemon.packets();
    try (Traffic traffic = new Traffic(port, random, new Bounds(0, before, false, 0, 0), _ -> {})) {
      DaemonUnderTest.await(
          "good records are counted",
          () -> {
            traffic.send(20); // again while the socket's buffer is full of the flood
            return daemon.packets() > before;
          });
      traffic.save(daemon);
    }
    return true;
  }

  /// A daemon that does not count has to have ended, and to have said why.
  private static void ended(DaemonUnderTest daemon, Torture torture) throws Exception {
    String log = daemon.program().stderrSoFar();
    DaemonUnderTest.await(
        "it has ended, since it does not count (" + torture + "); it said " + log,
        () -> !daemon.program().isAlive());
    ProgramOutcome outcome = daemon.program().outcome();
    assertTrue(outcome.exitCode() != 0 && !outcome.stderr().isBlank(), torture + ": " + outcome);
  }

  private void pour(Flood flood, int port, int metrics, Path database, Random random)
      throws Exception {
    switch (flood) {
      case TEMPLATES -> {
        for (int address = 1; address <= ADDRESSES; address++) {
          try (DatagramChannel from = from("127.9.0." + address, port)) {
            for (int i = 0; i < Torture.amount(700, 1_000); i++) {
              from.write(templates(i));
            }
          }
        }
      }
      case STRAYS -> {
        for (int i = 0; i < Torture.amount(2_000, 10_000); i++) {
          String address = "127.8." + i / 250 + "." + (1 + i % 250);
          try (DatagramChannel from = from(address, port)) {
            from.write(
                ByteBuffer.wrap(
                    new byte[] {0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
          }
        }
      }
      case FLOWS -> {
        try (Traffic traffic = new Traffic(port, random, Bounds.START, _ -> {})) {
          traffic.sendNewFlows(Torture.amount(20_000, 100_000));
        }
      }
      case CONTROL_CLIENTS -> {
        List<SocketChannel> clients = new ArrayList<>();
        var address = UnixDomainSocketAddress.of(folder.resolve("patronus.sock"));
        byte[] ask =
            "{\"ask\":\"flows\",\"order\":\"bytes\",\"limit\":100000}\n"
                .getBytes(StandardCharsets.UTF_8);
        try {
          for (int i = 0; i < 200; i++) {
            SocketChannel client = SocketChannel.open(address);
            clients.add(client);
            client.configureBlocking(false);
            client.write(ByteBuffer.wrap(ask));
          }
          Thread.sleep(2_000); // nobody reads
        } catch (IOException _) {
          // it has closed the door
        } finally {
          for (SocketChannel client : clients) {
            client.close();
          }
        }
      }
      case METRICS_CLIENTS -> {
        List<Socket> clients = new ArrayList<>();
        try {
          for (int i = 0; i < 200; i++) {
            Socket client = new Socket();
            clients.add(client);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), metrics), 5_000);
            client
                .getOutputStream()
                .write(
                    "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
                        .repeat(20)
                        .getBytes(StandardCharsets.US_ASCII));
          }
        } catch (IOException _) {
          // it has closed the door
        }
        try {
          requirePage(metrics); // while nobody reads the others
        } finally {
          for (Socket client : clients) {
            client.close();
          }
        }
      }
      case LONG_NAME -> {
        try (PlatformDatabase platform = PlatformDatabase.open(database)) {
          platform.run(
              "UPDATE sdwan_policies SET name = CAST(zeroblob(150000000) AS TEXT) WHERE policy_id = 9");
          Thread.sleep(4_000); // it is noticed
          platform.run("UPDATE sdwan_policies SET name = 'rest' WHERE policy_id = 9");
        }
      }
    }
  }

  private static void requirePage(int metrics) throws Exception {
    URI page = URI.create("http://127.0.0.1:" + metrics + "/metrics");
    HttpRequest request = HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(30)).build();
    // It may close a connection beyond its limit at once, as long as the others are answered.
    DaemonUnderTest.await(
        "a page while other clients do not read",
        () -> {
          try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
          } catch (IOException _) {
            return false;
          }
        });
  }

  private static DatagramChannel from(String address, int port) throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    channel.bind(new InetSocketAddress(address, 0));
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return channel;
  }

  /// A NetFlow v9 datagram with templates of 500 fields, each with an id of its own.
  private static ByteBuffer templates(int number) {
    int fields = 500;
    ByteBuffer datagram = ByteBuffer.allocate(20 + 4 + 4 + fields * 4);
    datagram.putShort((short) 9).putShort((short) 1).putInt(1).putInt(1_760_000_000).putInt(number);
    datagram.putInt(number / 60_000);
    datagram.putShort((short) 0).putShort((short) (8 + fields * 4));
    datagram.putShort((short) (256 + number % 60_000)).putShort((short) fields);
    for (int i = 0; i < fields; i++) {
      datagram.putShort((short) (1 + (number + i) % 100)).putShort((short) 4);
    }
    return datagram.flip();
  }
}
