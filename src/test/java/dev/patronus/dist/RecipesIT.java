package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.fleet.GatewayCopy;
import dev.patronus.fleet.HubUnderTest;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.SampleDatabase;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The scripts of docs/recipes.md, run as they stand there.
class RecipesIT {
  private static final Pattern BROKER = Pattern.compile("bootstrap\\.servers=(\\S+)");

  @TempDir private Path folder;

  /// The block of the recipes that contains a text.
  private static String block(String language, String text) throws IOException {
    Matcher blocks =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("docs/recipes.md")));
    return blocks
        .results()
        .map(block -> block.group(1))
        .filter(block -> block.contains(text))
        .findFirst()
        .orElseThrow();
  }

  /// A hub of two gateways that have the same database.
  private HubUnderTest hub() throws Exception {
    Path database = SampleDatabase.make(folder, Age.NEWEST);
    succeed(Program.patronus("db", "migrate", "--db", database));
    HubUnderTest hub = HubUnderTest.make(PostgresServer.shared(), folder);
    for (String name : List.of("berlin", "lyon")) {
      new GatewayCopy(hub, hub.enrol(name)).send(database, name);
    }
    return hub;
  }

  private static String succeed(Program program) {
    ProgramOutcome outcome = program.run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome.stdout();
  }

  private Program script(String name, HubUnderTest hub) throws IOException {
    return Program.of("sh", "-c", block("sh", "# " + name))
        .in(folder)
        .env("HOME", folder)
        .env("PATH", Program.home().resolve("bin") + ":" + System.getenv("PATH"))
        .env("PATRONUS_FLEET", hub.server().address(PostgresServer.ADMIN, hub.database()));
  }

  private Set<Path> files() throws IOException {
    try (var files = Files.newDirectoryStream(folder, "new-*")) {
      Set<Path> all = new TreeSet<>();
      files.forEach(all::add);
      return all;
    }
  }

  private RunningProgram clickHouse(int port) throws IOException {
    for (String each : List.of("data", "tmp", "files", "formats")) {
      Files.createDirectory(folder.resolve(each));
    }
    Files.writeString(
        folder.resolve("server.xml"),
        """
        <yandex>
          <logger><level>information</level><console>1</console></logger>
          <tcp_port>%1$d</tcp_port><listen_host>127.0.0.1</listen_host>
          <path>%2$s/data/</path><tmp_path>%2$s/tmp/</tmp_path>
          <user_files_path>%2$s/files/</user_files_path>
          <format_schema_path>%2$s/formats/</format_schema_path>
          <users_config>users.xml</users_config>
          <default_profile>default</default_profile><default_database>default</default_database>
          <mark_cache_size>10000000</mark_cache_size>
        </yandex>
        """
            .formatted(port, folder));
    Files.writeString(
        folder.resolve("users.xml"),
        """
        <yandex>
          <profiles><default/></profiles><quotas><default/></quotas>
          <users><default><password></password><networks><ip>127.0.0.1</ip></networks>
            <profile>default</profile><quota>default</quota></default></users>
        </yandex>
        """);
    Files.writeString(
        folder.resolve("clickhouse-client.xml"),
        "<config><port>%d</port></config>".formatted(port));
    RunningProgram server =
        Program.of("clickhouse-server", "--config-file=" + folder.resolve("server.xml"))
            .in(folder)
            .start();
    server.awaitStderr("Ready for connections");
    return server;
  }

  private String clickHouseSays(String query) {
    return succeed(
        Program.of("clickhouse-client", "--query", query).in(folder).env("HOME", folder));
  }

  @Test
  void clickhouse_has_each_row_of_the_hub_once_also_after_a_file_was_loaded_twice()
      throws Exception {
    Tools.require("clickhouse-server", "clickhouse-client");
    HubUnderTest hub = hub();
    try (RunningProgram _ = clickHouse(DaemonUnderTest.freeTcpPort())) {
      String _ = clickHouseSays(block("sql", "CREATE TABLE patronus_stats"));
      String sums = "SELECT count(*), sum(packets_matched), sum(bytes_matched), max(%s) FROM %s";
      String expected =
          String.join("\n", hub.sql(sums.formatted("timestamp", "fleet.visible_policy_stats")));
      String _ = succeed(script("clickhouse", hub));
      String got = sums.formatted("timestamp", "patronus_stats FINAL");
      assertEquals(expected, clickHouseSays(got).strip().replace('\t', '|'));
      assertEquals(Set.of(), files());

      // The state is lost, as after a restore of its folder: all is loaded again.
      Files.delete(folder.resolve("clickhouse.state"));
      String _ = succeed(script("clickhouse", hub));
      assertEquals(expected, clickHouseSays(got).strip().replace('\t', '|'));
    }
  }

  /// A broker, and the address by which it is reached.
  private record Broker(RunningProgram program, String address) implements AutoCloseable {
    @Override
    public void close() {
      program.close();
    }
  }

  /// The broker that librdkafka has for tests, or with `-Dkafka=FOLDER` that of Apache Kafka, whose
  /// libraries are in the folder (CONTRIBUTING.md).
  private Broker broker() throws IOException {
    String libraries = System.getProperty("kafka", "");
    return libraries.isEmpty() ? brokerOfLibrdkafka() : brokerOfApache(libraries);
  }

  private static Broker brokerOfLibrdkafka() {
    RunningProgram running =
        Program.of(
                "kcat",
                "-P",
                "-t",
                "other",
                "-b",
                "127.0.0.1:1", // in its place is the broker that it makes
                "-X",
                "test.mock.num.brokers=1",
                "-X",
                "debug=mock")
            .start();
    running.awaitStderr("bootstrap.servers=");
    Matcher address = BROKER.matcher(running.stderrSoFar());
    assertTrue(address.find());
    return new Broker(running, address.group(1));
  }

  private Broker brokerOfApache(String libraries) throws IOException {
    int port = DaemonUnderTest.freeTcpPort();
    int controller = DaemonUnderTest.freeTcpPort();
    Path settings =
        Files.writeString(
            folder.resolve("kafka.properties"),
            """
            process.roles=broker,controller
            node.id=1
            controller.quorum.voters=1@127.0.0.1:%2$d
            listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
            advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
            controller.listener.names=CONTROLLER
            listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
            log.dirs=%3$s
            """
                .formatted(port, controller, folder.resolve("kafka")));
    String _ =
        succeed(
            kafka(
                libraries,
                "kafka.tools.StorageTool",
                "format",
                "-t",
                "cGF0cm9udXMtcmVjaXBlcw",
                "-c",
                settings));
    RunningProgram running = kafka(libraries, "kafka.Kafka", settings).start();
    String address = "127.0.0.1:" + port;
    while (Program.of("kcat", "-L", "-b", address, "-m", "1").run().exitCode() != 0) {
      assertTrue(running.isAlive(), running::stderrSoFar);
    }
    return new Broker(running, address);
  }

  private static Program kafka(String libraries, Object... words) {
    Object[] all = new Object[words.length + 3];
    all[0] = "-Xmx512m";
    all[1] = "-cp";
    all[2] = libraries + "/*";
    System.arraycopy(words, 0, all, 3, words.length);
    return Program.of(Path.of(System.getProperty("java.home"), "bin/java"), all);
  }

  @Test
  void a_topic_of_kafka_has_each_row_of_the_hub_once() throws Exception {
    Tools.require("kcat");
    HubUnderTest hub = hub();
    try (Broker broker = broker()) {
      for (int run = 0; run < 2; run++) { // the second one finds nothing new
        String _ = succeed(script("kafka", hub).env("BROKERS", broker.address()));
      }
      List<String> lines =
          succeed(
                  Program.of(
                      "kcat",
                      "-C",
                      "-b",
                      broker.address(),
                      "-t",
                      "patronus.stats",
                      "-e",
                      "-q",
                      "-o",
                      "beginning"))
              .lines()
              .toList();
      assertEquals(
          hub.sql("SELECT count(*) FROM fleet.visible_policy_stats").getFirst(),
          Integer.toString(lines.size()));
      assertEquals(lines.size(), lines.stream().distinct().count());
      assertEquals(Set.of(), files());
    }
  }

  private static String get(String url) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(url)).build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.body();
    }
  }

  @Test
  void each_metric_of_the_page_arrives_in_victoriametrics() throws Exception {
    Tools.require("vmagent", "victoria-metrics");
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database.policy(7, "web", 100, "{}");
    }
    int page = DaemonUnderTest.freeTcpPort();
    int store = DaemonUnderTest.freeTcpPort();
    Files.writeString(
        folder.resolve("patronus.yml"),
        block("yaml", "job_name: patronus").replace("9469", Integer.toString(page))
            + "global:\n  scrape_interval: 1s\n");
    int port = DaemonUnderTest.freePort();
    Program daemon =
        DaemonUnderTest.program(folder, port).env("PATRONUS_METRICS_LISTEN", "127.0.0.1:" + page);
    Program storing =
        Program.of(
            "victoria-metrics",
            "-httpListenAddr=127.0.0.1:" + store,
            "-storageDataPath=" + folder.resolve("store"));
    Program agent =
        Program.of("sh", "-c", block("sh", "# victoriametrics"))
            .in(folder)
            .env("STORE", "http://127.0.0.1:" + store);
    try (DaemonUnderTest _ = DaemonUnderTest.start(daemon, folder, port);
        RunningProgram storage = storing.start()) {
      storage.awaitStderr("started VictoriaMetrics");
      try (RunningProgram _ = agent.start()) {
        Set<String> expected =
            get("http://127.0.0.1:" + page + "/metrics")
                .lines()
                .filter(line -> line.startsWith("patronus_"))
                .map(line -> line.replaceFirst("[{ ].*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(expected.size() > 20, expected::toString);
        DaemonUnderTest.await(
            "each metric has arrived",
            () -> {
              String names = get("http://127.0.0.1:" + store + "/api/v1/label/__name__/values");
              return expected.stream().allMatch(name -> names.contains("\"" + name + "\""));
            });
      }
    }
  }
}
