package dev.patronus.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.fleet.read.FleetReader;
import dev.patronus.fleet.read.HubHistory;
import dev.patronus.history.Buckets;
import dev.patronus.history.Step;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.plan.HistorySums;
import dev.patronus.history.tier.Tier;
import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.PostgresServer.Version;
import dev.patronus.time.TimeRange;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Many gateways of 20 policies send to one hub for hours, each with a life of its own.
///
/// `-Dgateways=1000` makes it as large as a fleet, `-Drounds` longer; then without the deadline of
/// a test, by `-Djunit.jupiter.execution.timeout.mode=disabled`. On the newest server a tenth of
/// them is enough: it is the statements that are tried there.
class FleetSimulationTest {
  private static final long BEGIN = Instant.parse("2026-11-28T20:00:00Z").getEpochSecond();
  private static final int POLICIES = 20;

  @TempDir private Path home;

  @ParameterizedTest
  @EnumSource
  void in_the_end_the_hub_has_the_sums_of_all_gateways(Version version) {
    try (PostgresServer server = PostgresServer.start(version, "log_statement = 'none'")) {
      int gateways = Integer.getInteger("gateways", 50);
      simulate(server, version == Version.NEWEST ? gateways / 10 : gateways);
    }
  }

  private void simulate(PostgresServer server, int count) {
    long seed = Long.getLong("seed", 20_261_129);
    int rounds = Integer.getInteger("rounds", 12);
    System.out.println("FleetSimulationTest: -Dseed=" + seed);
    Random random = new Random(seed);
    HubUnderTest hub = HubUnderTest.make(server, home);
    try (Connections connections = new Connections(hub)) {
      check(hub, run(connections, count, rounds, random));
      System.out.println(
          "equal: gateways, epochs, batches, rows of counters, cells: "
              + hub.sql(
                  "SELECT count(DISTINCT gateway_id), count(*), sum(batches),"
                      + " (SELECT count(*) FROM fleet.policy_stats),"
                      + " (SELECT count(*) FROM fleet.five_minutes) FROM fleet.epochs"));
    }
  }

  /// Some connections that all gateways send on by turns, as through a pooler: one each would cost
  /// the server more than what is sent on it.
  private static final class Connections implements AutoCloseable {
    private static final int COUNT = 3;

    private final List<Hub> hubs = new ArrayList<>();
    private int used;

    Connections(HubUnderTest hub) {
      for (int i = 0; i < COUNT; i++) {
        hubs.add(hub.admin());
      }
    }

    String enrol(String name) {
      return HubGateways.enrol(hubs.getFirst(), name, true, OptionalLong.empty()).role();
    }

    /// The next connection, which acts for a gateway until it is used for another.
    GatewayLink as(String name, String role) {
      Hub hub = hubs.get(used++ % COUNT);
      try (Statement statement = hub.connection().createStatement()) {
        statement.execute("SET SESSION AUTHORIZATION " + role);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
      return new GatewayLink(hub, name);
    }

    @Override
    public void close() {
      hubs.forEach(Hub::close);
    }
  }

  private static List<SimulatedGateway> run(
      Connections connections, int count, int rounds, Random random) {
    List<SimulatedGateway> gateways = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = "gw" + i;
      String role = connections.enrol(name);
      gateways.add(
          new SimulatedGateway(
              name,
              POLICIES,
              BEGIN,
              new Random(random.nextLong()),
              () -> connections.as(name, role)));
    }
    for (int round = 0; round < rounds; round++) {
      for (SimulatedGateway gateway : gateways) {
        live(gateway, random);
      }
    }
    for (SimulatedGateway gateway : gateways) {
      while (!gateway.publish(false)) {}
    }
    return gateways;
  }

  /// A quarter of an hour of one gateway.
  private static void live(SimulatedGateway gateway, Random random) {
    int snapshots = random.nextInt(20) == 0 ? 0 : 5;
    for (int i = 0; i < snapshots; i++) {
      gateway.count(180);
    }
    gateway.close();
    switch (random.nextInt(40)) {
      case 0, 1, 2 -> gateway.backUp();
      case 3 -> {
        boolean _ = gateway.restore();
      }
      case 4 -> gateway.replace();
      default -> {
        if (random.nextInt(3) > 0) {
          boolean _ = gateway.publish(true);
        }
      }
    }
  }

  /// The rows of a query whose first column is a gateway, by that, without it.
  private static Map<String, List<String>> byGateway(HubUnderTest hub, String sql) {
    Map<String, List<String>> rows = new HashMap<>();
    for (String row : hub.sql(sql)) {
      int end = row.indexOf('|');
      rows.computeIfAbsent(row.substring(0, end), _ -> new ArrayList<>())
          .add(row.substring(end + 1));
    }
    return rows;
  }

  private static void check(HubUnderTest hub, List<SimulatedGateway> gateways) {
    Map<String, List<String>> hours =
        byGateway(
            hub,
            "SELECT g.name, series_id, start, packets, bytes, active_flows, active_flows_highest,"
                + " last_second, covered_seconds, longest_seconds, readings, resets, implausible"
                + " FROM fleet.hours JOIN fleet.gateways g USING (gateway_id, epoch)");
    Map<String, List<String>> rows =
        byGateway(
            hub,
            "SELECT gateway, row_id, policy_id, \"timestamp\", packets_matched, bytes_matched"
                + " FROM fleet.visible_policy_stats s JOIN fleet.epochs e USING (gateway_id, epoch)"
                + " WHERE e.database_id = (SELECT n.database_id FROM fleet.epochs n"
                + " WHERE n.gateway_id = s.gateway_id ORDER BY n.epoch DESC LIMIT 1)");
    for (int i = 0; i < gateways.size(); i++) {
      SimulatedGateway gateway = gateways.get(i);
      String name = "gw" + i;
      assertEquals(
          new TreeSet<>(gateway.cells(Tier.HOUR)),
          new TreeSet<>(hours.getOrDefault(name, List.of())),
          name);
      List<String> found = rows.getOrDefault(name, List.of());
      assertEquals(gateway.rows().size(), found.size(), name);
      assertTrue(new HashSet<>(found).containsAll(gateway.rows()), name);
    }
    assertEquals(
        List.of(),
        hub.sql(
            "SELECT * FROM fleet.hour_sums EXCEPT SELECT s.* FROM fleet.summed_hours s"
                + " JOIN fleet.epochs e USING (gateway_id, epoch) WHERE e.visible"),
        "sums of hours that are not");
    assertEquals(
        List.of(),
        hub.sql(
            "SELECT s.* FROM fleet.summed_hours s JOIN fleet.epochs e USING (gateway_id, epoch)"
                + " WHERE e.visible EXCEPT SELECT * FROM fleet.hour_sums"),
        "hours without their sums");
    HistorySums sums =
        FleetReader.read(
            hub.login(hub.server().address(PostgresServer.ADMIN, hub.database())),
            names -> names,
            reader -> sums(new HubHistory(reader)));
    assertEquals(
        gateways.stream().mapToLong(SimulatedGateway::packets).sum(),
        sums.matched().steps().packets());
    assertEquals(
        gateways.stream().mapToLong(SimulatedGateway::bytes).sum(), sums.matched().steps().bytes());
  }

  private static HistorySums sums(HubHistory history) {
    TimeRange range =
        new TimeRange(
            Optional.of(Instant.ofEpochSecond(BEGIN - 86_400)),
            Optional.of(Instant.ofEpochSecond(BEGIN + 86_400)));
    HistoryPlan plan =
        history.plan(
            range, new Buckets(Step.parse("1h"), ZoneOffset.UTC), history.policies(), true);
    return history.sums(history.policies(), plan.withoutSamples(), true, 10);
  }
}
