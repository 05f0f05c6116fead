package dev.patronus.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Prometheus that scrapes the packaged daemon, with the rules that are shipped.
class PrometheusIT {
  private static final Path MONITORING = Path.of("src/dist/monitoring").toAbsolutePath();
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private final int page = DaemonUnderTest.freeTcpPort();
  private final int prometheus = DaemonUnderTest.freeTcpPort();

  private RunningProgram startPrometheus() throws IOException {
    Path config = folder.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: ['%s']
        scrape_configs: [{job_name: patronus, static_configs: [{targets: ['127.0.0.1:%d']}]}]
        """
            .formatted(MONITORING.resolve("patronus.rules.yml"), page));
    return Program.of(
            "prometheus",
            "--config.file=" + config,
            "--storage.tsdb.path=" + folder.resolve("series"),
            "--web.listen-address=127.0.0.1:" + prometheus)
        .start();
  }

  private JsonNode ask(HttpClient client, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + prometheus + "/api/v1/" + path);
    return JSON.readTree(
        client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body());
  }

  private boolean answers(HttpClient client, String query) throws Exception {
    JsonNode answer = ask(client, "query?query=" + URLEncoder.encode(query, UTF_8));
    assertTrue(answer.get("status").stringValue().equals("success"), query + ": " + answer);
    return !answer.get("data").get("result").isEmpty();
  }

  private static List<String> queries() throws IOException {
    JsonNode board = JSON.readTree(Files.readString(MONITORING.resolve("grafana-patronus.json")));
    List<String> queries = new ArrayList<>();
    for (JsonNode panel : board.get("panels")) {
      for (JsonNode target : panel.get("targets")) {
        queries.add(
            target
                .get("expr")
                .stringValue()
                .replace("$instance", ".*")
                .replace("$__rate_interval", "1m")
                .replace(" or vector(0)", ""));
      }
    }
    return queries;
  }

  private static boolean evaluated(JsonNode rules) {
    int count = 0;
    for (JsonNode group : rules.get("data").get("groups")) {
      for (JsonNode rule : group.get("rules")) {
        if (!rule.get("health").stringValue().equals("ok")) {
          return false;
        }
        count++;
      }
    }
    return count > 0;
  }

  @Test
  void every_query_of_the_board_has_an_answer_and_every_rule_can_be_evaluated() throws Exception {
    Tools.require("prometheus");
    try (PlatformDatabase database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)) {
      database.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
    }
    Program program =
        DaemonUnderTest.program(
                folder, port, "--snapshot-every", "1s", "--metrics-listen", "127.0.0.1:" + page)
            .env("PATRONUS_ALERT", "busy: policy web packet-rate > 10");
    try (DaemonUnderTest _ = DaemonUnderTest.start(program, folder, port);
        RunningProgram _ = startPrometheus();
        NetflowV5Sender sender = new NetflowV5Sender(port);
        HttpClient client = HttpClient.newHttpClient()) {
      DaemonUnderTest.await("Prometheus is ready", () -> isReady(client));
      for (String query : queries()) {
        DaemonUnderTest.await(
            query,
            () -> {
              sender.send(0, 443, 1);
              sender.send(0, 9_999, 1);
              sender.sendGarbage();
              return answers(client, query);
            });
      }
      DaemonUnderTest.await("the rules", () -> evaluated(ask(client, "rules")));
    }
  }

  private boolean isReady(HttpClient client) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + prometheus + "/-/ready");
    try {
      return client
              .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException _) {
      return false; // it does not listen yet
    }
  }
}
