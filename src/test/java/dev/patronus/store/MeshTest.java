package dev.patronus.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.route.ExplanationDocument;
import dev.patronus.route.ExplanationSummary;
import dev.patronus.route.PathScope;
import dev.patronus.route.Router;
import dev.patronus.route.RoutingDecision;
import dev.patronus.store.table.PathTable;
import dev.patronus.store.table.PolicyTable;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A mesh of the platform's size, through the database, against the rules read plainly from its
/// rows.
class MeshTest {
  private static final int SITES = 50;
  private static final int POLICIES = 200;
  private static final String[] PREFERENCES = {
    "\"LowestLatency\"",
    "\"HighestBandwidth\"",
    "\"LowestPacketLoss\"",
    "\"LowestCost\"",
    "{\"Custom\":{\"latency_weight\":0.3,\"jitter_weight\":0.2,\"loss_weight\":0.2,"
        + "\"bandwidth_weight\":0.2,\"cost_weight\":0.1}}"
  };
  private static final double[][] WEIGHTS = {
    {1, 0, 0, 0, 0}, {0, 0, 0, 1, 0}, {0, 0, 1, 0, 0}, {0, 0, 0, 0, 1}, {0.3, 0.2, 0.2, 0.2, 0.1}
  };

  @TempDir private Path folder;
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final Map<Long, Integer> preferences = new HashMap<>();

  private PlatformDatabase mesh() throws Exception {
    PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST);
    database.inOneTransaction(() -> {
      sites(database);
      paths(database);
      policies(database);
    });
    return database;
  }

  private void sites(PlatformDatabase database) throws SQLException {
    for (int i = 0; i < SITES; i++) {
      database.site("site-" + i, "name-" + i);
      if (i % 7 != 0) {
        database.run(
            "INSERT INTO sdwan_endpoints (site_id, address, interface_type, cost_per_gb,"
                + " reachable) VALUES (?, ?, 'fiber', ?, 1)",
            "site-" + i,
            address(i),
            random.nextInt(12) / 100.0);
      }
    }
  }

  private static String address(int site) {
    return "203.0.113." + site + ":51820";
  }

  private void paths(PlatformDatabase database) throws SQLException {
    String[] statuses = {"up", "up", "up", "degraded", "down"};
    int id = 0;
    for (int from = 0; from < SITES; from++) {
      for (int to = 0; to < SITES; to++) {
        if (from != to) {
          database.run(
              "INSERT INTO sdwan_paths VALUES (?, ?, ?, ?, ?, NULL, ?)",
              ++id,
              "site-" + from,
              "site-" + to,
              address(from),
              address(to),
              statuses[random.nextInt(5)]);
          metrics(database, id);
        }
      }
    }
  }

  private void metrics(PlatformDatabase database, int pathId) throws SQLException {
    for (int minute = random.nextInt(4); minute > 0; minute--) {
      database.run(
          "INSERT INTO sdwan_path_metrics (path_id, timestamp, latency_ms, jitter_ms,"
              + " packet_loss_pct, bandwidth_mbps, mtu, score) VALUES (?, ?, ?, ?, ?, ?, 1420, 0)",
          pathId,
          1_760_000_000 + random.nextInt(3), // the same instant twice, now and then
          2.0 + random.nextInt(250),
          (double) random.nextInt(60),
          0.5 + random.nextInt(5),
          (double) random.nextInt(1200));
    }
  }

  private void policies(PlatformDatabase database) throws SQLException {
    for (int i = 0; i < POLICIES; i++) {
      long id = random.nextLong();
      preferences.put(id, random.nextInt(PREFERENCES.length));
      int low = random.nextInt(60_000);
      database
          .policy(
              id,
              "policy-" + i,
              random.nextInt(20),
              "{\"src_ip\":\"10."
                  + random.nextInt(4)
                  + ".0.0/16\",\"protocol\":"
                  + (random.nextBoolean() ? 6 : 17)
                  + ",\"dst_port_range\":["
                  + low
                  + ","
                  + (low + 5_000)
                  + "]}")
          .run(
              "UPDATE sdwan_policies SET path_preference = ?, enabled = ? WHERE policy_id = ?",
              PREFERENCES[preferences.get(id)],
              random.nextInt(10) == 0 ? 0 : 1,
              id);
    }
  }

  private FlowKey flow() {
    return FlowKey.of(
        IpAddress.parse("10." + random.nextInt(5) + ".1." + random.nextInt(256)),
        random.nextInt(65_536),
        IpAddress.parse("192.0.2." + random.nextInt(256)),
        random.nextInt(65_536),
        random.nextBoolean() ? FlowKey.TCP : FlowKey.UDP);
  }

  @Test
  void ten_thousand_flows_take_the_paths_that_a_plain_reading_of_the_rows_gives() throws Exception {
    try (PlatformDatabase rows = mesh();
        Database database = Database.openReadOnly(rows.file())) {
      PathTable paths = new PathTable(database);
      List<Policy> policies = new PolicyTable(database).all();
      Router router = new Router(paths, System::nanoTime);
      router.update(policies, paths.mesh());
      assertEquals(SITES * (SITES - 1), paths.mesh().paths().size());
      Map<Integer, Long> best = new HashMap<>();
      int routed = 0;
      for (int i = 0; i < 10_000; i++) {
        FlowKey flow = flow();
        Optional<Long> wanted =
            taker(flow, policies)
                .map(policy ->
                    best.computeIfAbsent(
                        preferences.get(policy.id()), preference -> bestPath(rows, preference)));
        assertEquals(wanted, path(router.decide(flow).value()), flow + ", seed " + seed);
        if (i % 200 == 0) {
          ExplanationDocument explained =
              ExplanationSummary.of(router.explain(flow, PathScope.ALL));
          assertEquals(
              wanted,
              explained.path().map(candidate -> candidate.path().id()),
              flow + ", seed " + seed);
        }
        routed += wanted.isPresent() ? 1 : 0;
      }
      assertEquals(true, routed > 1_000 && best.size() == PREFERENCES.length, "seed " + seed);
    }
  }

  private static Optional<Long> path(RoutingDecision decision) {
    return decision.chosen().map(score -> score.path().id());
  }

  /// The first policy, by descending priority and then by name, that is enabled and fits.
  private static Optional<Policy> taker(FlowKey flow, List<Policy> policies) {
    return policies.stream()
        .filter(policy -> policy.enabled() && ((MatchRules) policy.rules()).matches(flow))
        .min(
            Comparator.comparingLong((Policy policy) -> -policy.priority())
                .thenComparing(Policy::name));
  }

  /// The usable path of the best score, the lowest id among equals, from the rows alone.
  private static long bestPath(PlatformDatabase database, int preference) {
    long best = -1;
    double bestScore = -1;
    try (Statement statement = database.connection().createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT p.path_id, m.latency_ms, m.jitter_ms, m.packet_loss_pct, m.bandwidth_mbps,
                       a.cost_per_gb + b.cost_per_gb
                FROM sdwan_paths p
                LEFT JOIN sdwan_endpoints a
                  ON a.site_id = p.src_site_id AND a.address = p.src_endpoint
                LEFT JOIN sdwan_endpoints b
                  ON b.site_id = p.dst_site_id AND b.address = p.dst_endpoint
                LEFT JOIN sdwan_path_metrics m ON m.metric_id =
                  (SELECT metric_id FROM sdwan_path_metrics n WHERE n.path_id = p.path_id
                   ORDER BY timestamp DESC, metric_id DESC LIMIT 1)
                WHERE p.status IN ('up', 'degraded') ORDER BY p.path_id
                """)) {
      while (row.next()) {
        double score = score(row, WEIGHTS[preference]);
        if (score > bestScore) {
          bestScore = score;
          best = row.getLong(1);
        }
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    return best;
  }

  private static double score(ResultSet row, double... weights) throws SQLException {
    if (row.getString(2) == null) {
      return 0;
    }
    double cost = row.getString(6) == null ? 50 : 100 - row.getDouble(6) * 500;
    double latency = (200 - Math.min(row.getDouble(2), 200)) / 2;
    double jitter = (50 - Math.min(row.getDouble(3), 50)) * 2;
    double bandwidth = Math.min(row.getDouble(5) / 1000 * 100, 100);
    return latency * weights[0]
        + jitter * weights[1]
        + (100 - row.getDouble(4)) * weights[2]
        + bandwidth * weights[3]
        + Math.min(100, Math.max(0, cost)) * weights[4];
  }
}
