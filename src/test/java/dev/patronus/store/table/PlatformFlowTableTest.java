package dev.patronus.store.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.audit.Actor;
import dev.patronus.cli.CommandLineRun;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
import dev.patronus.store.Database;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PlatformFlowTableTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  private static final String FLOWS =
      "SELECT src_ip, src_port, path_id, bytes_tx, bytes_rx, status FROM sdwan_flows"
          + " ORDER BY src_port";

  @TempDir private Path folder;

  private static PlatformFlow flow(int port, long sent) {
    return new PlatformFlow(
        FlowKey.of(
            IpAddress.parse("10.0.0.1"), port, IpAddress.parse("192.0.2.1"), 443, FlowKey.TCP),
        1,
        7,
        NOON.minusSeconds(30),
        NOON,
        new Volume(sent / 100, sent),
        new Volume(1, 60));
  }

  private PlatformDatabase platform(Age age) throws Exception {
    return PlatformDatabase.create(folder, age)
        .policy(7, "web", 1, "{}")
        .site("aa", "berlin")
        .site("bb", "lyon")
        .path(1, "aa", "bb");
  }

  private void snapshot(PlatformFlow... flows) {
    Snapshot taken =
        new Snapshot(
            NOON,
            List.of(new PolicyTotal(7, 1, 1, 1, NOON)),
            new PolicyTotal(Snapshot.UNMATCHED, 0, 0, 0, NOON),
            false);
    try (Database database = Database.openWritable(folder.resolve("sdwan.db"))) {
      int _ =
          new SnapshotTable(database)
              .write(
                  CounterState.of(taken),
                  Optional.empty(),
                  List.of(flows),
                  new Actor("test", null, "test"));
    }
  }

  @Test
  void flows_are_added_brought_up_to_date_and_removed_when_they_end() throws Exception {
    try (PlatformDatabase platform = platform(Age.NEWEST)) {
      snapshot(flow(1001, 100), flow(1002, 200));
      assertEquals(
          List.of("10.0.0.1|1001|1|100|60|active", "10.0.0.1|1002|1|200|60|active"),
          platform.rows(FLOWS));
      long id = platform.number("SELECT flow_id FROM sdwan_flows WHERE src_port = 1002");
      snapshot(flow(1002, 900), flow(1003, 300));
      assertEquals(
          List.of("10.0.0.1|1002|1|900|60|active", "10.0.0.1|1003|1|300|60|active"),
          platform.rows(FLOWS));
      assertEquals(id, platform.number("SELECT flow_id FROM sdwan_flows WHERE src_port = 1002"));
      snapshot();
      assertEquals(List.of(), platform.rows(FLOWS));
      assertEquals(0, platform.number("SELECT count(*) FROM patronus_platform_flows"));
    }
  }

  @Test
  void rows_of_others_are_neither_changed_nor_removed() throws Exception {
    try (PlatformDatabase platform = platform(Age.NEWEST)) {
      platform.run(
          "INSERT INTO sdwan_flows (src_ip, dst_ip, src_port, dst_port, protocol, path_id,"
              + " started_at, last_seen_at, status)"
              + " VALUES ('10.0.0.1', '192.0.2.1', 1001, 443, 6, 1, 5, 5, 'idle'),"
              + " ('10.0.0.1', '192.0.2.1', 1009, 443, 6, 1, 5, 5, 'closed')");
      List<String> before = platform.rows("SELECT * FROM sdwan_flows");
      snapshot(flow(1001, 100), flow(1002, 200));
      assertEquals(before, platform.rows("SELECT * FROM sdwan_flows WHERE src_port <> 1002"));
      snapshot();
      assertEquals(before, platform.rows("SELECT * FROM sdwan_flows"));
    }
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void every_age_gets_its_snapshot_with_or_without_the_table(Age age) throws Exception {
    try (PlatformDatabase platform = platform(age)) {
      snapshot(flow(1001, 100));
      assertEquals(1, platform.number("SELECT count(*) FROM sdwan_policy_stats"));
    }
  }

  @Test
  void a_rule_of_the_platform_that_refuses_a_flow_costs_no_snapshot() throws Exception {
    try (PlatformDatabase platform = platform(Age.NEWEST)) {
      platform.run("ALTER TABLE sdwan_flows ADD COLUMN owner TEXT NOT NULL DEFAULT ''");
      platform.run(
          "CREATE TRIGGER no_flow BEFORE INSERT ON sdwan_flows WHEN new.src_port = 1001"
              + " BEGIN SELECT RAISE(IGNORE); END");
      snapshot(flow(1001, 100), flow(1002, 200));
      assertEquals(List.of("10.0.0.1|1002|1|200|60|active"), platform.rows(FLOWS));
      assertEquals(1, platform.number("SELECT count(*) FROM sdwan_policy_stats"));
    }
  }

  @Test
  void a_flow_that_comes_back_with_its_site_is_still_ours_and_goes() throws Exception {
    try (PlatformDatabase platform = platform(Age.NEWEST)) {
      snapshot(flow(1001, 100));
      CommandLineRun cli = CommandLineRun.on(platform.file());
      cli.out("site", "delete", "berlin", "--yes");
      assertEquals(List.of(), platform.rows(FLOWS));
      snapshot();
      cli.out("site", "restore", "berlin");
      assertEquals(1, platform.rows(FLOWS).size());
      snapshot();
      assertEquals(List.of(), platform.rows(FLOWS));
    }
  }

  @Test
  void what_the_platform_deletes_is_forgotten() throws SQLException, Exception {
    try (PlatformDatabase platform = platform(Age.NEWEST)) {
      snapshot(flow(1001, 100));
      platform.run("DELETE FROM sdwan_flows");
      snapshot(flow(1002, 100));
      assertEquals(1, platform.number("SELECT count(*) FROM patronus_platform_flows"));
    }
  }
}
