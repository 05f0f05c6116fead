package dev.patronus.store.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
import dev.patronus.history.Reading;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.Rollup;
import dev.patronus.testing.PlatformDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which captures are refused, and that nothing of them stays.
class CaptureTableTest {
  private static final Actor ACTOR = new Actor("patronus", null, "test");
  private static final long TEN = Instant.parse("2026-10-11T10:00:00Z").getEpochSecond();
  private static final long VOICE = 11;

  @TempDir private Path folder;
  private PlatformDatabase platform;
  private Database database;
  private SnapshotTable table;
  private long packets;
  private long number;

  @BeforeEach
  void database() throws Exception {
    platform = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    platform.policy(VOICE, "voice", 1, "{}");
    database = Database.openWritable(platform.file());
    table = new SnapshotTable(database);
    new Rollup(database).rollAll(ACTOR, Instant.ofEpochSecond(TEN));
  }

  @AfterEach
  void close() throws Exception {
    database.close();
    platform.close();
  }

  private CounterState state(long second) {
    PolicyTotal none = new PolicyTotal(0, 0, 0, 0, null);
    PolicyTotal voice = new PolicyTotal(VOICE, packets, packets * 100, 1, null);
    Snapshot now = new Snapshot(Instant.ofEpochSecond(second), List.of(voice), none, false);
    return new CounterState(++number, now, none, List.of());
  }

  private void live(long second, long more) {
    packets += more;
    table.write(state(second), Optional.of(Map.of()), List.of(), ACTOR);
  }

  private Optional<CounterState> count(long first, long last, long volume) {
    CapturedTraffic capture =
        new CapturedTraffic(
            "pcap:of-" + first,
            volume,
            first,
            first * 1_000,
            last * 1_000,
            last * 1_000,
            new Volume(volume, volume * 100),
            Map.of(
                VOICE,
                List.of(
                    new Reading(VOICE, first, 1, 100, 1),
                    new Reading(VOICE, last, volume, volume * 100, 1))),
            List.of(),
            new Volume(5, 600));
    long now = TEN + 86_400;
    return table.count(
        capture,
        Duration.ofMinutes(1),
        ACTOR,
        Instant.ofEpochSecond(now),
        () -> new SnapshotTable.Present(state(now), 7));
  }

  private void assertRefused(long first, long last, String word) throws Exception {
    List<String> before = platform.rows("SELECT * FROM sdwan_policy_stats ORDER BY stat_id");
    UserError refused = assertThrows(UserError.class, () -> count(first, last, 5));
    assertEquals(ExitCode.REFUSED, refused.exitCode());
    assertTrue(refused.getMessage().contains(word), refused.getMessage());
    assertEquals(before, platform.rows("SELECT * FROM sdwan_policy_stats ORDER BY stat_id"));
    assertEquals(0, platform.number("SELECT count(*) FROM audit_logs"));
  }

  @Test
  void a_time_in_which_live_sources_counted_is_refused() throws Exception {
    live(TEN, 1);
    live(TEN + 60, 10);
    live(TEN + 120, 0);
    assertRefused(TEN - 600, TEN + 30, "until 2026-10-11T10:01:00Z");
    assertRefused(TEN + 10, TEN + 20, "live sources counted");
    assertRefused(TEN + 59, TEN + 600, "patronus db init");
  }

  @Test
  void times_before_and_after_live_traffic_and_without_traffic_are_not() {
    live(TEN, 1);
    live(TEN + 60, 10);
    live(TEN + 120, 0);
    live(TEN + 180, 0);
    assertTrue(count(TEN - 600, TEN, 5).isPresent());
    assertTrue(count(TEN + 61, TEN + 170, 5).isPresent());
    assertTrue(count(TEN + 600, TEN + 1_200, 5).isPresent());
  }

  @Test
  void live_traffic_that_no_snapshot_has_yet_is_live_traffic_too() throws Exception {
    live(TEN + 86_000, 1);
    packets += 10;
    assertRefused(TEN + 86_350, TEN + 86_390, "live sources counted");
  }

  @Test
  void traffic_that_no_policy_matched_is_live_traffic_too() throws Exception {
    live(TEN, 1);
    live(TEN + 60, 0);
    platform.run("UPDATE patronus_unmatched_stats SET packets = 3 WHERE timestamp > ?", TEN);
    assertRefused(TEN + 10, TEN + 20, "live sources counted");
  }

  @Test
  void a_time_that_another_capture_has_is_refused() {
    assertTrue(count(TEN, TEN + 100, 5).isPresent());
    UserError refused = assertThrows(UserError.class, () -> count(TEN + 50, TEN + 200, 5));
    assertTrue(refused.getMessage().contains("pcap:of-" + TEN), refused.getMessage());
    assertTrue(refused.getMessage().contains("mergecap"), refused.getMessage());
    assertTrue(count(TEN + 100, TEN + 200, 5).isPresent(), "one follows the other");
  }

  @Test
  void a_reset_within_its_time_is_refused() throws Exception {
    live(TEN, 100);
    live(TEN + 60, 0);
    platform.run(
        "UPDATE sdwan_policy_stats SET packets_matched = 100, bytes_matched = 99"
            + " WHERE timestamp > ?",
        TEN);
    assertRefused(TEN - 100, TEN + 500, "were reset at 2026-10-11T10:01:00Z");
  }

  @Test
  void rows_that_are_not_rolled_up_come_first() throws Exception {
    live(TEN, 1);
    platform.stat(VOICE, TEN + 60, 2, 200, 1);
    assertEquals(Optional.empty(), count(TEN + 600, TEN + 700, 5));
    assertEquals(2, platform.number("SELECT count(*) FROM sdwan_policy_stats"));
  }

  @Test
  void what_is_added_to_the_counters_is_kept_for_a_restart() {
    live(TEN, 1);
    CounterState after = count(TEN - 600, TEN - 500, 5).orElseThrow();
    assertEquals(6, after.snapshot().policies().getFirst().packets());
    assertEquals(
        new CounterReset(
            7,
            List.of(
                new CounterReset.Part(CounterReset.Kind.POLICY, VOICE, -5, -500),
                new CounterReset.Part(CounterReset.Kind.TUNNELS, 0, -5, -600))),
        table.lastReset());
    assertEquals(5, table.newest().orElseThrow().tunnels().packets());
    assertEquals(6, table.newest().orElseThrow().snapshot().policies().getFirst().packets());
  }

  @Test
  void a_reset_after_it_leaves_the_counters_alone() {
    live(TEN, 100);
    packets = 0;
    live(TEN + 60, 3);
    assertTrue(count(TEN - 600, TEN - 500, 5).isPresent());
    assertEquals(
        List.of(CounterReset.Kind.TUNNELS),
        table.lastReset().parts().stream().map(CounterReset.Part::kind).toList());
    assertEquals(3, table.newest().orElseThrow().snapshot().policies().getFirst().packets());
  }
}
