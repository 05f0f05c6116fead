package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.fleet.GatewayCopy;
import dev.patronus.fleet.HubUnderTest;
import dev.patronus.fleet.HubUnderTest.Enrolled;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.SampleDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Commands that read a hub of two gateways, `berlin` and `lyon`, which have the same database.
class FleetReadingTest {
  private static final String[] OF_BERLIN = {"--gateway", "berlin"};

  @TempDir private static Path sharedFolder;
  private static Fleet shared;

  @TempDir private Path folder;
  private Path database;
  private HubUnderTest hub;
  private Enrolled berlin;
  private CommandLineRun own;
  private CommandLineRun fleet;

  /// A database, and a hub that both gateways have sent it to.
  private record Fleet(Path database, HubUnderTest hub, Enrolled berlin) {
    static Fleet make(Path folder) throws SQLException, IOException {
      Path database = SampleDatabase.make(folder, Age.NEWEST);
      CommandLineRun.on(database).out("db", "migrate");
      HubUnderTest hub = HubUnderTest.make(PostgresServer.shared(), folder);
      Enrolled berlin = hub.enrol("berlin");
      new GatewayCopy(hub, berlin).send(database, "one");
      new GatewayCopy(hub, hub.enrol("lyon")).send(database, "two");
      return new Fleet(database, hub, berlin);
    }
  }

  @BeforeAll
  static void makeShared() throws SQLException, IOException {
    shared = Fleet.make(sharedFolder);
  }

  @BeforeEach
  void useShared() {
    use(shared);
  }

  private void use(Fleet other) {
    database = other.database();
    hub = other.hub();
    berlin = other.berlin();
    own = CommandLineRun.on(database);
    fleet =
        CommandLineRun.bare()
            .env("PATRONUS_FLEET", hub.server().address(PostgresServer.ADMIN, hub.database()));
  }

  /// Takes one of its own, for a test that changes it.
  private void useOwn() throws SQLException, IOException {
    use(Fleet.make(folder));
  }

  private static String[] words(String command, String... more) {
    List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private void assertSame(String command) {
    assertEquals(
        own.out(words(command, "-o", "ndjson")),
        fleet.out(words(command + " -o ndjson", OF_BERLIN)).replace("\"gateway\":\"berlin\",", ""),
        command);
    assertEquals(own.out(words(command)), fleet.out(words(command, OF_BERLIN)), command);
  }

  @Test
  void lists_of_one_gateway_are_those_of_the_gateway() {
    assertSame("site list");
    assertSame("site list --status active --sort paths_up");
    assertSame("policy list");
    assertSame("policy list --invalid");
    assertSame("path list");
    assertSame("path list --site berlin");
  }

  @Test
  void exports_of_one_gateway_are_those_of_the_gateway() {
    for (String export :
        List.of(
            "stats",
            "stats -p voice",
            "stats --since 2026-11-23T12:00Z --until 2026-11-23T13:00Z",
            "stats --columns time,policy_name,bytes_matched",
            "policies",
            "path-metrics",
            "path-metrics --path 1",
            "path-metrics --columns time,src_site_name,dst_site_name,latency_ms,src_endpoint",
            "audit")) {
      for (String format : List.of("csv", "ndjson")) {
        assertEquals(
            withoutCreation(own.out(words("export " + export + " -o " + format))),
            withoutCreation(
                fleet
                    .out(words(gateway("export " + export) + " -o " + format, OF_BERLIN))
                    .replace("\"gateway\":\"berlin\",", "")
                    .replaceAll("(?m)^(gateway|berlin),", "")),
            export);
      }
    }
  }

  private static String gateway(String command) {
    return command.replace("--columns ", "--columns gateway,");
  }

  /// Of the audit trail the hub has all but when the row was written.
  private static String withoutCreation(String rows) {
    return rows.replaceAll("\"created_at\":(null|\"[^\"]*\")", "")
        .replaceAll("(warning|info),.*", "$1,");
  }

  @Test
  void sites_are_exported_without_what_gateways_do_not_send() {
    String columns = "site_id,site_name,created_at,last_seen,status";
    assertEquals(
        sorted(own.out("export", "sites", "--columns", columns)),
        sorted(fleet.out(words("export sites --columns " + columns, OF_BERLIN))));
  }

  private static List<String> sorted(String text) {
    return text.lines().sorted().toList();
  }

  private List<String> exported(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("export", "stats", "--fleet", "-ocsv", "--no-headers", "--since-last"));
    words.add(folder.resolve("fleet.state").toString());
    words.addAll(List.of(more));
    return fleet.out(words.toArray(String[]::new)).lines().toList();
  }

  private static String rows(int epoch, int batch, int first, String complete) {
    StringBuilder rows = new StringBuilder();
    for (int i = first; i < first + 3; i++) {
      rows.append(i == first ? "" : ", ").append("[%d, 7, %d, 1, 1, 1]".formatted(i, 900 + i));
    }
    return ("{\"op\": \"batch\", \"epoch\": %d, \"batch\": %d, \"token\": \"t\", \"sent\": 1000,"
            + " \"policy_stats\": [%s]%s, \"gateway\": \"lyon\"}")
        .formatted(epoch, batch, rows, complete);
  }

  @Test
  void an_export_since_the_last_one_has_each_row_once_also_while_gateways_are_late()
      throws Exception {
    useOwn();
    List<String> all = exported();
    assertEquals(
        2 * own.out("export", "stats", "-ocsv", "--no-headers").lines().count(), all.size());
    assertEquals(List.of(), exported());
    Enrolled lyon = hub.enrol("lyon");
    int batch =
        Integer.parseInt(
            hub.sql("SELECT batches FROM fleet.epochs WHERE gateway_id = 2").getFirst());
    assertEquals(0, hub.as(lyon, publish(rows(1, batch + 1, 800_000, ""))).exitCode());
    List<String> late = exported();
    assertEquals(3, late.size(), late.toString());
    assertTrue(late.getFirst().startsWith("lyon,800000,7,"), late.toString());
    String begin =
        "{\"op\": \"begin\", \"after\": 1, \"database\": \"three\", \"token\": \"t\", \"at\": 1,"
            + " \"five_minutes_from\": 0, \"hours_from\": 0, \"gateway\": \"lyon\"}";
    assertEquals(0, hub.as(lyon, publish(begin)).exitCode());
    assertEquals(0, hub.as(lyon, publish(rows(2, 1, 1, ""))).exitCode());
    assertEquals(List.of(), exported(), "an epoch counts once it is complete");
    assertEquals(0, hub.as(lyon, publish(rows(2, 2, 4, ", \"complete\": true"))).exitCode());
    assertEquals(6, exported().size());
    assertEquals(List.of(), exported());
  }

  private static String publish(String call) {
    return "SELECT fleet.publish('" + call + "')";
  }

  @Test
  void a_state_of_another_hub_is_refused() throws Exception {
    useOwn();
    List<String> _ = exported();
    hub.sql("DELETE FROM fleet.policy_stats WHERE gateway_id = 2");
    Outcome outcome =
        fleet.run(
            "export", "stats", "--fleet", "--since-last", folder.resolve("fleet.state").toString());
    assertEquals(ExitCode.UNUSABLE_DATABASE, outcome.exitCode(), outcome::toString);
  }

  @Test
  void lists_of_several_gateways_show_the_gateway_of_each_row() {
    String text = fleet.out("site", "list", "--fleet");
    assertTrue(text.startsWith("GATEWAY"), text);
    assertEquals(2, text.lines().filter(line -> line.contains(SampleDatabase.BERLIN)).count());
    String csv = fleet.out("policy", "list", "--fleet", "-ocsv", "--columns", "gateway,name");
    assertTrue(csv.contains("berlin,voice\r\n") && csv.contains("lyon,voice\r\n"), csv);
  }

  @Test
  void sums_are_those_of_all_gateways() {
    JsonNode one = json(own.out("stats", "--json"));
    JsonNode both = json(fleet.out("stats", "--json", "--fleet"));
    for (String sum : List.of("packets_matched", "bytes_matched", "active_flows")) {
      assertEquals(
          2 * one.path("totals").path(sum).asLong(), both.path("totals").path(sum).asLong(), sum);
    }
    assertEquals(2 * one.path("policies").size(), both.path("policies").size());
    String[] history = {"stats", "history", "--since", "2026-11-01", "--step", "1d", "--json"};
    JsonNode oneDay = json(own.out(history));
    JsonNode bothDays = json(fleet.out(words(String.join(" ", history), "--fleet")));
    assertEquals(
        2 * oneDay.path("totals").path("bytes_matched").asLong(),
        bothDays.path("totals").path("bytes_matched").asLong());
  }

  @Test
  void stats_says_which_gateways_have_no_snapshot_and_how_old_the_oldest_is() throws Exception {
    useOwn();
    String sameTime = fleet.out("stats", "--fleet").lines().findFirst().orElseThrow();
    assertTrue(
        sameTime.matches("Snapshots of 2 gateways, the newest of [^,]+, [^,]+ ago\\."), sameTime);
    hub.enrol("porto");
    String ofLyon =
        " WHERE gateway_id = (SELECT gateway_id FROM fleet.gateways WHERE name = 'lyon')";
    hub.sql("UPDATE fleet.policy_stats SET timestamp = timestamp - 7200" + ofLyon);
    hub.sql("UPDATE fleet.series SET newest = newest - 7200" + ofLyon);
    String cutOff = fleet.out("stats", "--fleet").lines().findFirst().orElseThrow();
    assertTrue(
        cutOff.matches(
            "Snapshots of 2 of 3 gateways, the newest of [^,]+, [^,]+ ago, the oldest \\(lyon\\)"
                + " [^,]+ ago\\."),
        cutOff);
  }

  @Test
  void a_policy_that_is_named_is_that_of_each_gateway_largest_first() {
    String csv =
        fleet.out(
            words("stats --fleet -p voice --sort bytes -ocsv --columns gateway,name --no-headers"));
    assertEquals("berlin,voice\r\nlyon,voice\r\n", csv);
  }

  @Test
  void gateways_are_named_by_patterns() {
    assertEquals(
        fleet.out("site", "list", "--gateway", "lyon"),
        fleet.out("site", "list", "--gateway", "l*"));
    assertEquals(
        fleet.out("site", "list", "--fleet"),
        fleet.out("site", "list", "--gateway", "lyon", "--gateway", "b?rlin"));
  }

  @Test
  void a_gateway_that_is_not_there_is_answered_with_the_nearest_name() {
    fleet
        .run("stats", "--gateway", "berlni")
        .failed(ExitCode.NOT_FOUND, "gateway 'berlni' not found; did you mean 'berlin'?");
    fleet
        .run("stats", "--gateway", "x*")
        .failed(
            ExitCode.NOT_FOUND,
            "gateway 'x*' not found; 'patronus fleet status' shows the 2 that exist");
  }

  @Test
  void a_check_names_gateways_that_are_silent_and_days_that_do_not_add_up() throws Exception {
    useOwn();
    CommandLineRun today = fleet.at("2026-11-24T12:00:00Z");
    Outcome well = today.run("db", "check", "--fleet");
    assertEquals(ExitCode.DONE, well.exitCode(), well::toString);
    hub.sql(
        "UPDATE fleet.gateways SET last_contact = last_contact - interval '2 hours' WHERE name = 'lyon'");
    Outcome silent = today.run("db", "check", "--fleet");
    assertEquals(ExitCode.LIMIT_EXCEEDED, silent.exitCode(), silent::toString);
    assertTrue(silent.out().contains("lyon was not heard of for 2h"), silent.out());
    hub.sql("UPDATE fleet.hours SET bytes = bytes + 1 WHERE gateway_id = 1 AND series_id = 1");
    hub.sql("UPDATE fleet.series SET days_until = 1796083200 WHERE gateway_id = 1");
    hub.sql(
        "INSERT INTO fleet.days SELECT gateway_id, epoch, series_id, start / 86400 * 86400, 7, 7, 0,"
            + " 0, 0, 0, 0, 1, 0, 0 FROM fleet.hours WHERE gateway_id = 1 AND series_id = 1"
            + " ON CONFLICT DO NOTHING");
    JsonNode broken = json(today.run("db", "check", "--gateway", "berlin", "--json").out());
    assertEquals(1, broken.path("errors").asInt(), broken.toString());
    Outcome quick = today.run("db", "check", "--gateway", "berlin", "--quick");
    assertEquals(ExitCode.DONE, quick.exitCode(), quick::toString);
  }

  @Test
  void a_hub_that_does_not_answer_is_named_in_one_line() {
    Outcome outcome =
        fleet.run("site", "list", "--fleet", "--hub", "postgresql://admin@127.0.0.1:1/patronus");
    assertEquals(ExitCode.FAILED, outcome.exitCode());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertTrue(outcome.err().contains("cannot reach the hub 127.0.0.1:1/patronus"), outcome.err());
  }

  @Test
  void a_role_without_the_right_to_read_is_told_who_gives_it() throws IOException {
    String role = hub.database() + "_alice";
    hub.sql("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'");
    hub.sql("GRANT CONNECT ON DATABASE " + hub.database() + " TO " + role);
    Path passwords = Files.writeString(folder.resolve("pgpass"), "*:*:*:*:secret\n");
    Files.setPosixFilePermissions(passwords, PosixFilePermissions.fromString("rw-------"));
    String address = hub.server().address(role, hub.database()) + "?passfile=" + passwords;
    fleet
        .run("site", "list", "--fleet", "--hub", address)
        .failed(
            ExitCode.REFUSED,
            "%1$s may not read the hub 127.0.0.1:%2$d/%3$s; its owner allows it with: GRANT %3$s_fleet_reader TO %1$s"
                .formatted(role, hub.server().port(), hub.database()));
  }

  @Test
  void the_login_of_a_gateway_is_not_told_how_it_could_read() {
    String name = "127.0.0.1:%d/%s".formatted(hub.server().port(), hub.database());
    fleet
        .run("site", "list", "--fleet", "--hub", berlin.address())
        .failed(
            ExitCode.REFUSED,
            "%s is the login of a gateway, and may not read the hub %s; name your own, for example --hub postgresql://USER@%s, or in PATRONUS_FLEET"
                .formatted(berlin.role(), name, name));
  }

  @Test
  void a_hub_of_another_version_is_refused_with_the_next_step() throws Exception {
    useOwn();
    String name = "127.0.0.1:" + hub.server().port() + "/" + hub.database();
    hub.sql("INSERT INTO fleet.schema_versions (version, name) VALUES (99, 'later')");
    Outcome newer = fleet.run("stats", "--fleet");
    assertEquals(ExitCode.UNUSABLE_DATABASE, newer.exitCode());
    assertTrue(newer.err().contains("the hub " + name + " has schema version 99"), newer.err());
    assertTrue(newer.err().endsWith("; update patronus\n"), newer.err());
    hub.sql("DELETE FROM fleet.schema_versions WHERE version > 1");
    Outcome older = fleet.run("stats", "--fleet");
    assertEquals(ExitCode.UNUSABLE_DATABASE, older.exitCode());
    assertTrue(older.err().endsWith("updates it with: patronus fleet init\n"), older.err());
  }

  @Test
  void without_a_hub_the_three_places_to_name_one_are_told() {
    CommandLineRun.bare()
        .run("stats", "--fleet")
        .failed(
            ExitCode.USAGE,
            "no hub is named; add --hub postgresql://USER@HOST/DATABASE, or set PATRONUS_FLEET or"
                + " 'fleet' in the configuration");
  }

  @Test
  void what_was_deleted_on_a_gateway_is_listed_with_the_time_when_asked_for()
      throws SQLException, IOException {
    useOwn();
    try (PlatformDatabase platform = PlatformDatabase.open(database)) {
      platform.run("PRAGMA foreign_keys = OFF");
      platform.run("DELETE FROM sdwan_sites WHERE site_id = ?", SampleDatabase.PORTO);
      platform.run("DELETE FROM sdwan_policies WHERE name = 'voice'");
      platform.run("DELETE FROM sdwan_paths WHERE path_id = 1");
    }
    new GatewayCopy(hub, berlin).send(database, "one", true);
    for (String list : List.of("site", "policy", "path")) {
      int there = fleet.out(words(list + " list --no-headers -ocsv", OF_BERLIN)).split("\n").length;
      String csv =
          fleet.out(
              words(list + " list --no-headers -ocsv --deleted --columns deleted_at", OF_BERLIN));
      assertEquals(there + 1, csv.split("\n", -1).length - 1, list);
      assertEquals(1, csv.lines().filter(line -> line.startsWith("20")).count(), csv);
    }
    own.run("site", "list", "--deleted")
        .failed(
            ExitCode.USAGE,
            "--deleted lists what a hub remembers; add --fleet or --gateway NAME, or see 'patronus"
                + " site deleted'");
  }

  @Test
  void a_command_that_names_no_hub_loads_no_class_of_it() throws IOException {
    for (String command :
        List.of(
            "stats",
            "stats history --since 7d",
            "site list",
            "policy list",
            "path list",
            "export stats",
            "export sites",
            "report -ojson",
            "db check",
            "stats --alert bytes>1")) {
      Path log = folder.resolve("classes.log");
      ProgramOutcome _ =
          Program.of(
                  Path.of(System.getProperty("java.home"), "bin", "java"),
                  (Object[])
                      words(
                          "-XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -Xlog:class+load:file="
                              + log
                              + " -cp "
                              + System.getProperty("java.class.path")
                              + " dev.patronus.Main --db "
                              + database
                              + " "
                              + command))
              .run();
      String loaded = Files.readString(log);
      assertTrue(loaded.contains("dev.patronus.cli."), command);
      for (String of : List.of("dev.patronus.fleet", "org.postgresql")) {
        assertFalse(
            loaded.contains(" " + of + "."),
            () -> command + " loads " + loaded.lines().filter(l -> l.contains(of)).findFirst());
      }
    }
  }

  private static JsonNode json(String text) {
    return new ObjectMapper().readTree(text);
  }
}
