package dev.patronus.cli.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.config.DaemonSettings;
import dev.patronus.config.Settings;
import dev.patronus.history.tier.Retention;
import dev.patronus.store.Database;
import dev.patronus.testing.Golden;
import dev.patronus.time.DurationText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class ConfigShowCommandTest {
  @TempDir private Path folder;
  private Path config;
  private CommandLineRun cli;

  @BeforeEach
  void write() throws IOException {
    config =
        Files.writeString(
            folder.resolve("patronus.conf"),
            """
            # ours
            source = netflow://127.0.0.1:2055
            source = conntrack:
            flow-timeout = 30s
            flow-timeout = 60s
            snapshot-every = 30s
            """);
    cli =
        CommandLineRun.on(folder.resolve("sdwan.db"))
            .env("PATRONUS_CONFIG", config.toString())
            .env("PATRONUS_SNAPSHOT_EVERY", "10s");
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 80, 200})
  void the_settings_look_as_they_did(int columns) throws IOException {
    CommandLineRun screen =
        CommandLineRun.on(Path.of("/var/lib/patronus/sdwan.db")).onTerminal(columns, 1000);
    for (String setting :
        List.of(
            "SOCKET=/run/patronus/patronus.sock",
            "STATE_DIR=/var/lib/patronus",
            "SOURCE=netflow://0.0.0.0:2055,conntrack:",
            "ALERT=busy: policy voice byte-rate > 400Mbit/s for 5m",
            "FLEET=postgresql://gw@hub.example.net/patronus?gateway=berlin")) {
      String[] parts = setting.split("=", 2);
      screen = screen.env("PATRONUS_" + parts[0], parts[1]);
    }
    Golden.check(
        Path.of("src/test/resources/dev/patronus/cli/screens/config-" + columns + ".txt"),
        screen.out("config", "show"));
  }

  private Map<String, List<String>> shown(String... more) {
    List<String> words = new ArrayList<>(List.of("config", "show", "-o", "ndjson"));
    words.addAll(List.of(more));
    String out = cli.out(words.toArray(String[]::new));
    Map<String, List<String>> shown = new TreeMap<>();
    for (String line : out.lines().toList()) {
      JsonNode row = new ObjectMapper().readTree(line);
      String value = row.get("value").asString("-") + " from " + row.get("origin").asString();
      shown.computeIfAbsent(row.get("setting").asString(), _ -> new ArrayList<>()).add(value);
    }
    return shown;
  }

  @Test
  void each_setting_is_shown_once_or_with_each_of_its_values() {
    assertEquals(Settings.KEYS, shown().keySet());
    assertEquals(
        List.of(
            "netflow://127.0.0.1:2055 from " + config + " line 2",
            "conntrack: from " + config + " line 3"),
        shown().get("source"));
  }

  @Test
  void an_option_comes_before_a_variable_a_variable_before_the_file_and_that_before_a_default() {
    assertEquals(List.of("60s from " + config + " line 5"), shown().get("flow-timeout"));
    assertEquals(List.of("10s from PATRONUS_SNAPSHOT_EVERY"), shown().get("snapshot-every"));
    assertEquals(List.of("UTC from PATRONUS_TZ"), shown().get("tz"));
    assertEquals(
        List.of("Europe/Berlin from option --tz"), shown("--tz", "Europe/Berlin").get("tz"));
    assertEquals(List.of("127.0.0.1:9469 from default"), shown().get("metrics-listen"));
  }

  @Test
  void the_socket_is_in_the_folder_of_the_unit_where_that_is_there() {
    boolean unit = Files.isDirectory(Path.of("/run/patronus"));
    Path socket = (unit ? Path.of("/run/patronus") : folder).resolve("patronus.sock");
    assertEquals(List.of(socket + " from default"), shown().get("socket"));
  }

  @Test
  void the_defaults_are_those_that_the_daemon_has() {
    Settings none = Settings.read(Optional.of(Path.of("/dev/null")), Map.of());
    DaemonSettings.Typed typed =
        new DaemonSettings.Typed(
            List.of("conntrack:"),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            false,
            Optional.empty());
    DaemonSettings settings =
        DaemonSettings.read(typed, none, folder.resolve("sdwan.db"), folder.resolve("socket"));
    assertEquals(settings.snapshotEvery(), duration("snapshot-every"));
    assertEquals(settings.flowTimeout(), duration("flow-timeout"));
    assertEquals(Database.BUSY_TIMEOUT, duration("busy-timeout"));
    assertEquals(
        Retention.parse(Settings.defaultValue("retention").orElseThrow()), settings.retention());
    assertTrue(settings.metricsListen().orElseThrow().toString().endsWith("127.0.0.1:9469"));
  }

  private static Duration duration(String key) {
    return DurationText.parse(Settings.defaultValue(key).orElseThrow());
  }

  @Test
  void a_key_that_nothing_reads_is_said() throws IOException {
    Files.writeString(config, "flow-timeuot = 1s\n");
    String out = cli.out("config", "show");
    assertTrue(
        out.endsWith(
            "Unknown: "
                + config
                + " line 1: unknown key 'flow-timeuot'; did you mean 'flow-timeout'?\n"),
        out);
  }
}
