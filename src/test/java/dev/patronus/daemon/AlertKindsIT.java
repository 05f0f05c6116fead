package dev.patronus.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import dev.patronus.torture.Shim;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each measure that an alert rule can have, in the packaged daemon: it fires and recovers, with
/// flow export that arrives, with what the platform writes, with the disk, and with the end of a
/// budget's period. [AlertsIT] has the ages, drops, sampling and sites.
class AlertKindsIT {
  private static final String SITE = "7a109bcb-24e2-38e2-9799-3a7494b71919";

  /// Of no policy.
  private static final int OTHER_PORT = 9_999;

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private Path disk;
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    disk = Files.createDirectory(folder.resolve("disk"));
    createDatabase();
    script("on-alert", "echo \"$PATRONUS_ALERT_NAME $PATRONUS_ALERT_STATE\" >>'" + notices() + "'");
  }

  private void createDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(disk, Age.NEWEST);
    database
        .policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}")
        .site(SITE, "oslo")
        .site("b", "berlin")
        .path(7, SITE, "b");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private Path script(String name, String line) throws IOException {
    Path script = folder.resolve(name);
    Files.writeString(script, "#!/bin/sh\n" + line + "\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  private Path notices() {
    return folder.resolve("notices");
  }

  private void configure(String... lines) throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of("snapshot-every = 1s", "alert-command = " + folder.resolve("on-alert")));
    all.addAll(List.of(lines));
    Files.write(folder.resolve("patronus.conf"), all);
  }

  private Program configured(Program program) {
    return program.env("PATRONUS_CONFIG", folder.resolve("patronus.conf"));
  }

  private DaemonUnderTest start() {
    return DaemonUnderTest.start(configured(DaemonUnderTest.program(disk, port)), disk, port);
  }

  private static ProgramOutcome succeed(Program program) {
    ProgramOutcome outcome = program.run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome;
  }

  private List<String> told() throws IOException {
    return Files.exists(notices()) ? Files.readAllLines(notices()) : List.of();
  }

  private void awaitTold(String... lines) throws Exception {
    DaemonUnderTest.await(
        "told of " + List.of(lines) + ", is " + told(), () -> told().containsAll(List.of(lines)));
  }

  private long number(String query) throws SQLException {
    return database.number(query);
  }

  private void awaitOk(String... alerts) throws Exception {
    for (String alert : alerts) {
      DaemonUnderTest.await(
          alert + " is evaluated",
          () ->
              number(
                      "SELECT count(*) FROM patronus_alerts WHERE phase = 'ok' AND name = '"
                          + alert
                          + "'")
                  == 1);
    }
  }

  @Test
  void every_measure_of_traffic_fires_with_flow_export_and_recovers() throws Exception {
    List<String> busy =
        List.of(
            "packets",
            "volume",
            "flows",
            "packet-rate",
            "byte-rate",
            "all-packets",
            "all-rate",
            "other-rate");
    configure(
        "flow-timeout = 2s",
        "alert = packets: policy web packets > 1000",
        "alert = volume: policy web bytes > 100kB",
        "alert = flows: policy web flows > 10",
        "alert = packet-rate: policy web packet-rate > 10",
        "alert = byte-rate: policy web byte-rate > 1kB",
        "alert = idle: policy web idle > 3s",
        "alert = all-packets: total packets > 1000",
        "alert = all-rate: total byte-rate > 1kB",
        "alert = other-rate: unmatched packet-rate > 10");
    try (DaemonUnderTest _ = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      awaitTold("idle firing");
      assertEquals(List.of("idle firing"), told());
      String[] firing = busy.stream().map(name -> name + " firing").toArray(String[]::new);
      DaemonUnderTest.await(
          "all fire",
          () -> {
            sender.send(0, 443, 100);
            sender.send(0, OTHER_PORT, 100);
            return told().containsAll(List.of(firing)) && told().contains("idle recovered");
          });
      succeed(
          configured(Program.patronus("stats", "reset", "--all", "--yes"))
              .env("PATRONUS_DB_PATH", database.file())
              .env("PATRONUS_SOCKET", disk.resolve("patronus.sock")));
      awaitTold(busy.stream().map(name -> name + " recovered").toArray(String[]::new));
    }
  }

  @Test
  void every_measure_of_a_path_fires_and_recovers_with_what_the_platform_measures()
      throws Exception {
    configure(
        "alert = latency: path 7 latency > 50ms",
        "alert = jitter: path 7 jitter > 10ms",
        "alert = loss: path 7 loss > 2%",
        "alert = bandwidth: path 7 bandwidth < 100",
        "alert = score: path 7 score < 50",
        "alert = age: path 7 age > 2m");
    List<String> names = List.of("latency", "jitter", "loss", "bandwidth", "score", "age");
    try (DaemonUnderTest _ = start()) {
      long now = Instant.now().getEpochSecond();
      measured(now - 600, 80, 25, 7.5, 20, 30);
      awaitTold(names.stream().map(name -> name + " firing").toArray(String[]::new));
      measured(now, 20, 1, 0, 500, 95);
      awaitTold(names.stream().map(name -> name + " recovered").toArray(String[]::new));
    }
  }

  private void measured(
      long second, double latency, double jitter, double loss, double bandwidth, int score)
      throws SQLException {
    database.run(
        "INSERT INTO sdwan_path_metrics (path_id, timestamp, latency_ms, jitter_ms,"
            + " packet_loss_pct, bandwidth_mbps, mtu, score) VALUES (7, ?, ?, ?, ?, ?, 1420, ?)",
        second,
        latency,
        jitter,
        loss,
        bandwidth,
        score);
  }

  @Test
  void the_room_on_the_disk_fires_when_it_is_taken_and_recovers_when_it_is_free() throws Exception {
    Tools.requireRoot();
    database.close();
    Tools.requireKernel(
        Program.of("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", disk).run().exitCode() == 0,
        "right to mount a small disk");
    try {
      createDatabase();
      configure("alert = room: disk < 20MB", "alert = part: disk < 50%");
      try (DaemonUnderTest _ = start()) {
        awaitOk("room", "part");
        assertEquals(List.of(), told());
        Files.write(disk.resolve("ballast"), new byte[25 << 20]);
        awaitTold("room firing", "part firing");
        Files.delete(disk.resolve("ballast"));
        awaitTold("room recovered", "part recovered");
      }
    } finally {
      database.close();
      Program.of("umount", disk).run();
    }
  }

  /// Kept texts that came to a web server.
  static HttpServer hook(Queue<String> posted) throws IOException {
    HttpServer hook =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hook.createContext(
        "/",
        exchange -> {
          posted.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    hook.start();
    return hook;
  }

  /// The clock of the daemon is set: to the noon of a day that is over, some minutes later when the
  /// volume is read again, to the next day, and beyond the next month.
  @Test
  void a_budget_fires_with_flow_export_by_every_action_and_recovers_when_its_period_is_over()
      throws Exception {
    Shim shim = Shim.over(disk);
    Instant noon = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofHours(12));
    set(shim, noon);
    someDaysOfTraffic(noon.getEpochSecond());
    Queue<String> posted = new ConcurrentLinkedQueue<>();
    HttpServer hook = hook(posted);
    Path mails = folder.resolve("mails");
    configure(
        "tz = UTC",
        "budget = daily: policy web 1GB per day",
        "budget = monthly: total 2GB per month",
        "alert = used: budget daily",
        "alert = soon: budget monthly forecast",
        "alert-webhook = http://127.0.0.1:" + hook.getAddress().getPort() + "/alerts",
        "alert-mail = noc@example.net",
        "alert-sendmail = " + script("sendmail", "cat >>'" + mails + "'"));
    succeed(
        shim.under(
            configured(Program.patronus("db", "migrate"))
                .env("PATRONUS_DB_PATH", database.file())));
    Program program = shim.under(configured(DaemonUnderTest.program(disk, port)));
    try (DaemonUnderTest daemon = DaemonUnderTest.start(program, disk, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      awaitOk("used", "soon");
      long packets = sender.send(0, 443, 1_000_000); // 3 GB
      DaemonUnderTest.await("counted", () -> daemon.packets() >= packets);
      long seen = number("SELECT max(evaluated) FROM patronus_alerts");
      DaemonUnderTest.await(
          "a later snapshot is written",
          () -> number("SELECT max(evaluated) FROM patronus_alerts") > seen + 1);
      assertEquals(List.of(), told(), "the volume is read again after minutes");
      set(shim, noon.plus(Duration.ofMinutes(6)));
      awaitTold("used firing", "soon firing");
      set(shim, noon.plus(Duration.ofDays(1)));
      awaitTold("used recovered");
      set(shim, noon.plus(Duration.ofDays(62)));
      awaitTold("soon recovered");
      for (String alert : List.of("used", "soon")) {
        for (String state : List.of("firing", "recovered")) {
          DaemonUnderTest.await(
              alert + " " + state + " is posted",
              () ->
                  posted.stream()
                      .anyMatch(text ->
                          text.contains("\"state\":\"" + state + "\"")
                              && text.contains("\"" + alert + "\"")));
          DaemonUnderTest.await(
              alert + " " + state + " is mailed",
              () -> Files.exists(mails) && Files.readString(mails).contains(alert + " " + state));
        }
      }
    } finally {
      hook.stop(0);
    }
    assertFalse(mailedTwice(mails), "each is mailed once");
  }

  private static boolean mailedTwice(Path mails) throws IOException {
    try (Stream<String> lines = Files.lines(mails)) {
      List<String> subjects = lines.filter(line -> line.startsWith("Subject:")).toList();
      assertTrue(subjects.size() >= 4, subjects.toString());
      return subjects.stream().distinct().count() < subjects.size();
    }
  }

  private static void set(Shim shim, Instant time) {
    shim.clock(Duration.between(Instant.now(), time));
  }

  /// A little traffic in each hour of six days before a second.
  private void someDaysOfTraffic(long until) throws SQLException {
    database.inOneTransaction(() -> {
      for (int hour = 0; hour < 6 * 24; hour++) {
        database.stat(7, until - (6L * 24 - hour) * 3600, 10L * hour, 1000L * hour, 1);
      }
    });
  }
}
