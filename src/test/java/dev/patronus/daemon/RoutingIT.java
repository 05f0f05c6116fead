package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.json.Json;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoutingIT {
  private static final FlowKey WEB =
      FlowKey.of(IpAddress.parse("10.0.0.1"), 40000, IpAddress.parse("10.1.0.1"), 443, FlowKey.TCP);

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private PlatformDatabase database;

  @BeforeEach
  void three_sites_and_three_paths() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database
        .site("aa", "berlin")
        .site("bb", "lyon")
        .site("cc", "oslo")
        .path(1, "aa", "bb")
        .path(2, "bb", "cc")
        .path(3, "cc", "aa")
        .metric(1, 1_760_000_000, 10)
        .metric(2, 1_760_000_000, 20)
        .metric(3, 1_760_000_000, 30)
        .policy(-7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}")
        .policy(9, "rest", 1, "{\"protocol\":17}");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private ProgramOutcome patronus(String... words) {
    ProgramOutcome outcome =
        Program.patronus((Object[]) words)
            .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
            .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"))
            .run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome;
  }

  private Json.Obj json(String... words) {
    return (Json.Obj) Json.parse(patronus(words).stdout());
  }

  private static String path(DaemonUnderTest daemon) throws IOException {
    Reply reply = daemon.ask(new Request.Explain(WEB, Optional.empty(), Optional.empty()));
    Json.Obj explanation = ((Reply.Document) reply).members().object("explanation");
    return explanation.find("path").map(path -> ((Json.Obj) path).text("path_id")).orElse("none");
  }

  @Test
  void the_daemon_and_the_database_give_the_same_answer() throws Exception {
    String[] words = {"policy", "explain", "10.0.0.1:40000", "10.1.0.1:443", "--json"};
    Map<String, Json> stored = new TreeMap<>(json(words).members());
    try (DaemonUnderTest _ = DaemonUnderTest.start(folder, port)) {
      Map<String, Json> live = new TreeMap<>(json(words).members());
      assertEquals(new Json.Text("database"), stored.remove("source"));
      assertEquals(new Json.Text("daemon"), live.remove("source"));
      assertEquals(stored, live);
      String again = patronus("policy", "explain", "10.0.0.1:40000", "10.1.0.1:443").stdout();
      assertTrue(again.contains("daemon (from its routing cache, computed "), again);
    }
  }

  @Test
  void no_decision_from_before_a_change_is_served_once_the_change_is_acknowledged()
      throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      for (int round = 0; round < 20; round++) {
        database.run("UPDATE sdwan_paths SET status = 'up' WHERE path_id = 1");
        daemon.ask(new Request.Changed());
        assertEquals("1", path(daemon), "round " + round);
        database.run("UPDATE sdwan_paths SET status = 'down' WHERE path_id = 1");
        daemon.ask(new Request.Changed());
        assertEquals("2", path(daemon), "round " + round);
        database.run("UPDATE sdwan_policies SET enabled = 0 WHERE policy_id = -7");
        daemon.ask(new Request.Changed());
        assertEquals("none", path(daemon), "round " + round);
        database.run("UPDATE sdwan_policies SET enabled = 1 WHERE policy_id = -7");
        daemon.ask(new Request.Changed());
        assertEquals("2", path(daemon), "round " + round);
      }
    }
  }

  @Test
  void a_change_that_nobody_tells_of_is_noticed() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      assertEquals("1", path(daemon));
      database.run("UPDATE sdwan_paths SET status = 'down' WHERE path_id = 1");
      DaemonUnderTest.await("the path is known to be down", () -> path(daemon).equals("2"));
    }
  }

  @Test
  void a_deleted_sites_paths_are_gone_when_the_command_ends_and_back_after_its_restoration()
      throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      assertEquals("1", path(daemon));
      patronus("site", "delete", "berlin", "--yes");
      assertEquals("2", path(daemon));
      patronus("site", "restore", "berlin");
      assertEquals("1", path(daemon));
    }
  }

  @Test
  void a_clear_counts_what_it_took_and_leaves_an_audit_row() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      path(daemon);
      path(daemon);
      Json.Obj stats = json("cache", "stats", "--json");
      Json.Obj routing = (Json.Obj) stats.list("caches").get(1);
      assertEquals("routing", routing.text("cache"));
      assertEquals(1, routing.integer("entries"));
      assertEquals(1, routing.integer("hits"));
      Json.Obj one = json("cache", "clear", "routing", "--json");
      assertEquals(1, one.integer("cleared_entries"));
      path(daemon);
      assertEquals(
          """
          4 entries were cleared.

          CACHE    CLEARED
          metrics        3
          routing        1
          """,
          patronus("cache", "clear").stdout());
      assertEquals(0, json("cache", "cleanup", "--json").integer("cleared_entries"));
      assertEquals(
          "cache_clear|\"cache_clear\"|1|info, cache_clear|\"cache_clear\"|1|info,"
              + " cache_cleanup|\"cache_cleanup\"|1|info",
          String.join(
              ", ",
              database.rows(
                  "SELECT event_type, event_data, success, severity FROM audit_logs"
                      + " ORDER BY rowid")));
    }
  }

  @Test
  void what_paths_carry_is_shown_and_stays_where_it_was_carried() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 443, 2);
      long all = sent + sender.send(1000, 80, 5);
      DaemonUnderTest.await("all is counted", () -> daemon.packets() >= all);
      String[] words = {
        "path", "list", "-o", "csv", "--columns", "path_id,active_flows,packets,bytes"
      };
      String head = "path_id,active_flows,packets,bytes\r\n";
      assertEquals(head + "1,30,60,6000\r\n2,0,0,0\r\n3,0,0,0\r\n", patronus(words).stdout());
      database.run("UPDATE sdwan_paths SET status = 'down' WHERE path_id = 1");
      daemon.ask(new Request.Changed());
      assertEquals(head + "1,0,60,6000\r\n2,30,0,0\r\n3,0,0,0\r\n", patronus(words).stdout());
      long more = all + sender.send(0, 443, 1);
      DaemonUnderTest.await("more is counted", () -> daemon.packets() >= more);
      Json.Obj path = json("path", "show", "2", "--json");
      assertEquals(3000, path.object("path").integer("bytes"));
      assertTrue(Instant.parse(path.text("traffic_since")).isBefore(Instant.now()));
      Json.Obj site = json("site", "show", "oslo", "--json");
      assertEquals(30, ((Json.Obj) site.list("paths").getFirst()).integer("packets"));
      String forPeople = patronus("path", "list").stdout();
      assertTrue(forPeople.startsWith("BYTES counts since the daemon's start, "), forPeople);
    }
  }

  @Test
  void every_flow_says_its_path() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 443, 2) + sender.send(1000, 80, 5);
      DaemonUnderTest.await("all is counted", () -> daemon.packets() >= sent);
      Map<String, Integer> flows = new TreeMap<>();
      String[] words = {"-n", "100", "-o", "csv", "--no-headers", "--columns", "policy,path_id"};
      String[] command =
          Stream.concat(Stream.of("stats", "flows"), Stream.of(words)).toArray(String[]::new);
      patronus(command).stdout().lines().forEach(line -> flows.merge(line, 1, Integer::sum));
      assertEquals(Map.of(",", 30, "web,1", 30), flows);
      assertEquals(
          60,
          ((Json.Obj) json("cache", "stats", "--json").list("caches").get(1)).integer("entries"));
    }
  }

  /// Another process, the sqlite3 program, commits; the daemon is not told. Who asks after the
  /// commit gets an answer from after it. The policy's name and the path that is up both carry the
  /// version that they belong to.
  @Test
  void no_decision_from_before_another_programs_commit_is_served_after_it() throws Exception {
    Tools.require("sqlite3");
    AtomicLong committed = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    ConcurrentLinkedQueue<String> stale = new ConcurrentLinkedQueue<>();
    AtomicLong questions = new AtomicLong();
    database.run("UPDATE sdwan_policies SET name = 'v0' WHERE policy_id = -7");
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      Thread[] askers = new Thread[3];
      for (int i = 0; i < askers.length; i++) {
        askers[i] =
            Thread.ofPlatform()
                .name("asker-" + i)
                .start(() -> {
                  while (!over.get()) {
                    long known = committed.get();
                    try {
                      complaint(daemon, known).ifPresent(stale::add);
                    } catch (IOException | RuntimeException e) {
                      stale.add(e.toString());
                    }
                    questions.incrementAndGet();
                  }
                });
      }
      for (long version = 1; version <= 40; version++) {
        long up = 1 + version % 3;
        String sql =
            "PRAGMA busy_timeout=20000; BEGIN IMMEDIATE;"
                + "UPDATE sdwan_policies SET name='v"
                + version
                + "' WHERE policy_id=-7;"
                + "UPDATE sdwan_paths SET status=iif(path_id="
                + up
                + ",'up','down'); COMMIT;";
        ProgramOutcome outcome = Program.of("sqlite3", database.file(), sql).run();
        assertEquals(0, outcome.exitCode(), outcome::toString);
        committed.set(version);
        if (version % 5 == 0) {
          patronus("cache", "clear");
        }
      }
      over.set(true);
      for (Thread asker : askers) {
        asker.join();
      }
    }
    assertEquals("[]", stale.toString(), () -> questions + " questions");
    assertTrue(questions.get() > 100, questions + " questions are no flood");
  }

  /// What is wrong with an answer to a question that was asked when this version was committed.
  private static Optional<String> complaint(DaemonUnderTest daemon, long known) throws IOException {
    Reply reply = daemon.ask(new Request.Explain(WEB, Optional.empty(), Optional.empty()));
    Json.Obj explanation = ((Reply.Document) reply).members().object("explanation");
    long version = Long.parseLong(explanation.object("policy").text("name").substring(1));
    String path = explanation.object("path").text("path_id");
    boolean pathFits = version == 0 ? path.equals("1") : path.equals("" + (1 + version % 3));
    return version >= known && pathFits
        ? Optional.empty()
        : Optional.of("version " + version + " on path " + path + " after " + known);
  }
}
