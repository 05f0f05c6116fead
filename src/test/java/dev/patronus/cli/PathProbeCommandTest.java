package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.probe.EchoService;
import dev.patronus.route.QualityScore;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class PathProbeCommandTest {
  @TempDir private Path folder;

  private CommandLineRun cli(Age age, String endpoint) throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, age)) {
      database.site("aa", "berlin").site("bb", "lyon").path(1, "aa", "bb");
      database.run(
          "UPDATE sdwan_paths SET dst_endpoint = ?, src_endpoint = '192.0.2.9:1'", endpoint);
    }
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  private List<String> rows(String sql) throws Exception {
    try (PlatformDatabase database = PlatformDatabase.open(folder.resolve("sdwan.db"))) {
      return database.rows(sql);
    }
  }

  private static String[] probe(EchoService service, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("path", "probe", "1", "--udp", Integer.toString(service.port()), "-i", "10ms"));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void a_path_is_measured_to_its_destination(Age age) throws Exception {
    CommandLineRun cli = cli(age, "127.0.0.1:51820");
    try (EchoService service = EchoService.start()) {
      String out = cli.out(probe(service, "-c", "4"));
      assertTrue(
          out.startsWith(
              "Path 1, berlin to lyon: UDP to 127.0.0.1, port "
                  + service.port()
                  + ", every 10ms, lost after 2s.\n"),
          out);
      assertTrue(out.contains("sent                4\nreceived            4\n"), out);
      assertTrue(out.contains("packet loss         0.00 %\n"), out);
    }
    assertEquals(List.of(), rows("SELECT * FROM sdwan_path_metrics"));
  }

  @Test
  void a_document_has_exact_numbers_and_every_name() throws Exception {
    CommandLineRun cli = cli(Age.NEWEST, "127.0.0.1:51820");
    try (EchoService service =
        EchoService.answering(
            number -> number == 1 ? new String[0] : new String[] {"PATRONUS_PROBE_" + number})) {
      Outcome outcome = cli.run(probe(service, "-c", "4", "-W", "5", "--json"));
      JsonNode document = Printed.document(outcome.out());
      JsonNode probe = document.get("probe");
      assertEquals(ExitCode.DONE, outcome.exitCode());
      assertEquals(25.0, probe.get("packet_loss_pct").asDouble());
      assertEquals("127.0.0.1", probe.get("source").asString());
      assertEquals("udp", probe.get("method").asString());
      double latency = probe.get("latency_ms").asDouble();
      double jitter = probe.get("jitter_ms").asDouble();
      assertEquals(QualityScore.of(latency, jitter, 25), probe.get("score").asInt());
      assertEquals(
          List.of(
              "path_id",
              "target",
              "port",
              "source",
              "method",
              "sent",
              "received",
              "packet_loss_pct",
              "latency_ms_lowest",
              "latency_ms",
              "latency_ms_95th",
              "latency_ms_highest",
              "jitter_ms",
              "score",
              "error"),
          List.copyOf(probe.propertyNames()));
      assertEquals(false, document.get("saved").asBoolean());
    }
  }

  @Test
  void a_saved_result_is_a_measurement_with_the_bandwidth_that_was_known() throws Exception {
    CommandLineRun cli = cli(Age.NEWEST, "127.0.0.1:51820");
    try (PlatformDatabase database = PlatformDatabase.open(folder.resolve("sdwan.db"))) {
      database.run(
          "INSERT INTO sdwan_path_metrics (path_id, timestamp, latency_ms, jitter_ms,"
              + " packet_loss_pct, bandwidth_mbps, mtu, score) VALUES (1, 1000, 1, 1, 1, 88, 1420,"
              + " 9)");
    }
    try (EchoService service = EchoService.start()) {
      String out = cli.out(probe(service, "-c", "3", "--save"));
      assertTrue(out.endsWith("\nSaved as a measurement of path 1.\n"), out);
    }
    assertEquals(
        List.of("1|1795442400|0.0|88.0|1420"),
        rows(
            "SELECT path_id, timestamp, packet_loss_pct, bandwidth_mbps, mtu"
                + " FROM sdwan_path_metrics WHERE metric_id = 2 AND latency_ms > 0"));
    assertEquals(
        List.of("path_health_check|{\"path_health_check\":{\"path_id\":1}}|1|info"),
        rows("SELECT event_type, event_data, success, severity FROM audit_logs"));
  }

  @Test
  void without_a_reply_nothing_is_saved() throws Exception {
    CommandLineRun cli = cli(Age.NEWEST, "127.0.0.1:51820");
    try (EchoService service = EchoService.answering(_ -> new String[0])) {
      Outcome outcome = cli.run(probe(service, "-c", "2", "-W", "20ms", "--save"));
      assertEquals(ExitCode.FAILED, outcome.exitCode(), outcome::toString);
      assertTrue(
          outcome.out().endsWith("\n127.0.0.1 does not answer. Nothing was saved.\n"),
          outcome::toString);
      assertTrue(outcome.out().contains("\nscore               -\n"), outcome::toString);
    }
    assertEquals(List.of(), rows("SELECT * FROM sdwan_path_metrics"));
    assertEquals(List.of(), rows("SELECT * FROM audit_logs"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lyon.example.org:51820", "", "0.0.0.0:51820", "[ff02::1]:1", "[::]"})
  void an_endpoint_that_is_no_address_of_a_host_is_not_found(String endpoint) throws Exception {
    cli(Age.NEWEST, endpoint)
        .run("path", "probe", "1")
        .failed(
            ExitCode.NOT_FOUND,
            "path 1 has no address to probe: its endpoint is '"
                + endpoint
                + "'; correct it in the platform");
  }

  @Test
  void a_path_that_does_not_exist_is_not_found() throws Exception {
    cli(Age.NEWEST, "127.0.0.1:1")
        .run("path", "probe", "2")
        .failed(ExitCode.NOT_FOUND, "path 2 not found; 'patronus path list' shows the only one");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c 0", "-c 10001", "-i 1ms", "-i 0.001", "-W 0", "-W 2m", "--udp=0"})
  void numbers_beyond_the_limits_are_wrong_usage(String option) throws Exception {
    String[] words = ("path probe 1 " + option).split(" ", -1);
    Outcome outcome = cli(Age.NEWEST, "127.0.0.1:1").run(words);
    assertEquals(ExitCode.USAGE, outcome.exitCode(), outcome::toString);
  }
}
