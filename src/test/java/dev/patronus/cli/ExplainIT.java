package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.error.ExitCode;
import dev.patronus.json.Json;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The daemon and the database, asked the same about random flows in a random mesh.
class ExplainIT {
  private static final String[] PREFERENCES = {
    "\"LowestLatency\"",
    "\"HighestBandwidth\"",
    "\"LowestPacketLoss\"",
    "\"LowestCost\"",
    "\"Cheapest\"",
    "{\"Custom\":{\"latency_weight\":0.5,\"jitter_weight\":0.1,\"loss_weight\":0.1,"
        + "\"bandwidth_weight\":0.1,\"cost_weight\":0.2}}"
  };
  private static final String[] RULES = {
    "{}",
    "{\"src_ip\":\"10.1.0.0/16\"}",
    "{\"src_ip\":\"10.1.0.0/33\"}",
    "{\"dst_ip\":\"2001:db8::/32\",\"protocol\":17}",
    "{\"protocol\":6,\"dst_port_range\":[1,1023]}",
    "{\"application_class\":\"VoIP\"}",
    "{\"protocol\":1}",
    "{\"src_port\":53}"
  };
  private static final List<String> SITES = List.of("berlin", "lyon", "oslo", "porto");

  @TempDir private Path folder;
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  private PlatformDatabase mesh() throws Exception {
    PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST);
    database.inOneTransaction(() -> {
      for (String site : SITES) {
        database.site("id-" + site, site).endpoint("id-" + site, "192.0.2.1:51820");
      }
      for (int id = 1; id <= 20; id++) {
        String dst = "id-" + any(SITES);
        database.path(id, "id-" + any(SITES), dst);
        if (random.nextBoolean()) { // otherwise the path's cost is unknown
          database.endpoint(dst, "198.51.100." + id);
        }
      }
      for (int id = 1; id <= 12; id++) {
        database.policy(random.nextLong(), "policy-" + id, random.nextInt(5), any(List.of(RULES)));
      }
      for (int id = 1; id <= 20; id++) {
        change(database, id);
      }
    });
    return database;
  }

  private String any(List<String> texts) {
    return texts.get(random.nextInt(texts.size()));
  }

  private void change(PlatformDatabase database, int pathId) throws SQLException {
    if (random.nextInt(5) > 0) {
      database.metric(pathId, 1_760_000_000 + random.nextInt(100), random.nextInt(20) * 10.0);
    }
    database
        .run(
            "UPDATE sdwan_paths SET status = ? WHERE path_id = ?",
            any(List.of("up", "degraded", "down", "down")),
            pathId)
        .run(
            "UPDATE sdwan_policies SET path_preference = ?, enabled = ? WHERE name = ?",
            PREFERENCES[random.nextInt(PREFERENCES.length)],
            random.nextInt(4) == 0 ? 0 : 1,
            "policy-" + (1 + random.nextInt(12)));
  }

  private String[] question() {
    boolean v4 = random.nextBoolean();
    String src = v4 ? "10." + random.nextInt(3) + ".0.1:" : "[2001:db8::1]:";
    String dst = v4 ? "192.0.2.9:" : "[2001:db8::2]:";
    List<String> words =
        new ArrayList<>(
            List.of(
                "policy",
                "explain",
                src + any(List.of("0", "53", "40000")),
                dst + any(List.of("0", "80", "443", "5060", "8443")),
                "-P",
                any(List.of("tcp", "udp", "icmp", "132")),
                "--json"));
    if (random.nextInt(3) == 0) {
      words.addAll(List.of("--from", any(SITES)));
    }
    if (random.nextInt(3) == 0) {
      words.addAll(List.of("--to", any(SITES)));
    }
    return words.toArray(String[]::new);
  }

  private static Map<String, Json> explanation(CommandLineRun cli, String source, String... words) {
    CommandLineRun.Outcome outcome = cli.run(words);
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    Map<String, Json> members = new TreeMap<>(((Json.Obj) Json.parse(outcome.out())).members());
    assertEquals(new Json.Text(source), members.remove("source"));
    members.remove("cached");
    members.remove("age_seconds");
    return members;
  }

  @Test
  void the_daemon_and_the_database_give_the_same_answer_about_every_flow() throws Exception {
    try (PlatformDatabase database = mesh();
        DaemonUnderTest _ = DaemonUnderTest.start(folder, DaemonUnderTest.freePort())) {
      CommandLineRun cli = CommandLineRun.on(database.file());
      CommandLineRun live = cli.env("PATRONUS_SOCKET", folder.resolve("patronus.sock").toString());
      CommandLineRun stored = cli.env("PATRONUS_SOCKET", folder.resolve("nobody.sock").toString());
      for (int i = 0; i < 200; i++) {
        if (i % 10 == 0) {
          change(database, 1 + random.nextInt(20));
          // new measurements count when those that are held expire
          assertEquals(ExitCode.DONE, live.run("cache", "clear", "metrics").exitCode());
        }
        String[] words = question();
        assertEquals(
            explanation(stored, "database", words),
            explanation(live, "daemon", words),
            () -> String.join(" ", words) + ", seed " + seed);
      }
    }
  }
}
