package dev.patronus.store.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
import dev.patronus.history.Change;
import dev.patronus.history.Reading;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.Rollup;
import dev.patronus.store.rollup.RollupCheck;
import dev.patronus.testing.PlatformDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Captures of times in which nobody counted, put among random live history: rows and roll-ups show
/// both, each in its own time, and live counting goes on exactly.
class CaptureRandomTest {
  private static final Actor ACTOR = new Actor("patronus", null, "test");
  private static final long BEGIN = Instant.parse("2026-10-11T09:13:20Z").getEpochSecond();
  private static final long[] POLICIES = {1, -2, 77};
  private static final long NONE = 0;
  private static final int MINUTE = 60;

  @TempDir private Path folder;

  private record Gap(long from, long until) {}

  private static final class World implements AutoCloseable {
    private final Random random;
    private final PlatformDatabase platform;
    private final Database database;
    private final SnapshotTable table;

    /// By policy, 0 for unmatched: what its 5 minutes carried.
    private final Map<Long, TreeMap<Long, Long>> expected = new HashMap<>();

    private final Map<Long, Volume> counters = new HashMap<>();
    private final Map<Long, Boolean> seen = new HashMap<>();
    private final List<Gap> gaps = new ArrayList<>();
    private long clock = BEGIN;
    private long number;
    private long resets;
    private long digest;

    World(Random random, Path folder) throws Exception {
      this.random = random;
      PlatformDatabase.Age[] ages = PlatformDatabase.Age.values();
      platform = PlatformDatabase.create(folder, ages[random.nextInt(ages.length)]);
      for (long policy : POLICIES) {
        platform.policy(policy, "policy " + policy, 1, "{}");
        expected.put(policy, new TreeMap<>());
      }
      expected.put(NONE, new TreeMap<>());
      database = Database.openWritable(platform.file());
      table = new SnapshotTable(database);
    }

    private void expect(long policy, long second, long packets) {
      if (packets > 0) {
        expected.get(policy).merge(second - Math.floorMod(second, 300), packets, Long::sum);
      }
    }

    private Volume counter(long policy) {
      return counters.getOrDefault(policy, new Volume(0, 0));
    }

    /// Counts live traffic up to now.
    private void traffic() {
      for (long policy : expected.keySet()) {
        if (random.nextInt(3) > 0) {
          long packets = 1L + random.nextInt(1_000);
          Volume before = counter(policy);
          counters.put(policy, new Volume(before.packets() + packets, before.bytes() + packets));
          if (seen.getOrDefault(policy, false)) { // the first row says nothing
            expect(policy, clock, packets);
          }
        }
      }
    }

    private PolicyTotal total(long policy) {
      return new PolicyTotal(policy, counter(policy).packets(), counter(policy).bytes(), 3, null);
    }

    private CounterState state() {
      List<PolicyTotal> totals = new ArrayList<>();
      for (long policy : POLICIES) {
        totals.add(total(policy));
        seen.put(policy, true);
      }
      seen.put(NONE, true);
      Snapshot snapshot = new Snapshot(Instant.ofEpochSecond(clock), totals, total(NONE), false);
      return new CounterState(++number, snapshot, new PolicyTotal(0, 0, 0, 0, null), List.of());
    }

    void snapshot() {
      table.write(state(), Optional.of(Map.of()), List.of(), ACTOR);
    }

    void reset() {
      counters.clear();
      clock += 1;
      snapshot();
      clock += MINUTE;
    }

    void liveHours() {
      for (int minutes = 5 + random.nextInt(90); minutes > 0; minutes--) {
        traffic();
        snapshot();
        clock += MINUTE;
      }
      if (random.nextInt(4) == 0) {
        reset();
      }
    }

    void nobodyCounts() {
      long from = clock + MINUTE;
      clock += (15L + random.nextInt(300)) * MINUTE;
      gaps.add(new Gap(from, clock - 2L * MINUTE));
      if (random.nextInt(5) == 0) {
        counters.clear(); // a new daemon without its state
      }
    }

    /// Captures part of a time in which nobody counted.
    void capture(Gap gap) {
      long first = gap.from() + random.nextInt(5 * MINUTE);
      long last = first + random.nextInt((int) (gap.until() - first));
      Map<Long, List<Reading>> policies = new HashMap<>();
      List<Reading> unmatched = new ArrayList<>();
      long all = 0;
      for (long policy : expected.keySet()) {
        List<Reading> readings = readings(policy, first, last);
        if (!readings.isEmpty()) {
          all += readings.getLast().packets();
          if (policy == NONE) {
            unmatched = readings;
          } else {
            policies.put(policy, readings);
          }
        }
      }
      if (all == 0) {
        return;
      }
      CapturedTraffic capture =
          new CapturedTraffic(
              "pcap:test",
              all,
              ++digest,
              first * 1_000,
              last * 1_000,
              last * 1_000,
              new Volume(all, all),
              policies,
              unmatched,
              new Volume(0, 0));
      clock += 1 + random.nextInt(100);
      Optional<CounterState> done =
          table.count(
              capture,
              Duration.ofMinutes(1),
              ACTOR,
              Instant.ofEpochSecond(clock),
              () -> new SnapshotTable.Present(state(), ++resets));
      assertTrue(done.isPresent());
      CounterReset added = table.lastReset();
      assertEquals(resets, added.number());
      for (CounterReset.Part part : added.parts()) {
        Volume before = counter(part.policyId());
        counters.put(
            part.policyId(),
            new Volume(before.packets() - part.packets(), before.bytes() - part.bytes()));
      }
      for (PolicyTotal total : table.newest().orElseThrow().snapshot().policies()) {
        assertEquals(counter(total.policyId()).packets(), total.packets(), "what a restart has");
      }
    }

    private List<Reading> readings(long policy, long first, long last) {
      List<Reading> readings = new ArrayList<>();
      long packets = 0;
      for (long minute = Math.floorDiv(first, MINUTE); minute * MINUTE <= last; minute++) {
        long stamp = Math.min(last, minute * MINUTE + MINUTE - 1);
        if (random.nextInt(4) > 0) {
          long more = 1L + random.nextInt(500);
          packets += more;
          expect(policy, stamp, more);
        }
        if (packets > 0) {
          readings.add(new Reading(policy, stamp, packets, packets, 7));
        }
      }
      return readings;
    }

    void verify(String when) throws SQLException {
      for (long policy : expected.keySet()) {
        assertEquals(expected.get(policy), rows(policy), when + ": rows of " + policy);
        assertEquals(expected.get(policy), cells(policy), when + ": roll-ups of " + policy);
      }
      assertEquals(List.of(), new RollupCheck(database).differences(_ -> {}), when);
    }

    /// What the rows show in order of time.
    private Map<Long, Long> rows(long policy) throws SQLException {
      TreeMap<Long, Long> sums = new TreeMap<>();
      Optional<Reading> before = Optional.empty();
      String sql =
          policy == NONE
              ? "SELECT timestamp || ' ' || packets || ' ' || bytes FROM patronus_unmatched_stats"
                  + " ORDER BY timestamp"
              : "SELECT timestamp || ' ' || packets_matched || ' ' || bytes_matched"
                  + " FROM sdwan_policy_stats WHERE policy_id = "
                  + policy
                  + " ORDER BY timestamp, stat_id";
      for (String row : platform.rows(sql)) {
        String[] words = row.split(" ", -1);
        long second = Long.parseLong(words[0]);
        Reading reading =
            new Reading(policy, second, Long.parseLong(words[1]), Long.parseLong(words[2]), 0);
        if (Change.of(before, reading) instanceof Change.Delta delta && delta.packets() > 0) {
          sums.merge(second - Math.floorMod(second, 300), delta.packets(), Long::sum);
        }
        before = Optional.of(reading);
      }
      return sums;
    }

    private Map<Long, Long> cells(long policy) throws SQLException {
      TreeMap<Long, Long> sums = new TreeMap<>();
      String which = policy == NONE ? "policy_id IS NULL" : "policy_id = " + policy;
      String sql =
          "SELECT start || ' ' || sum(packets) FROM (SELECT policy_id, start, packets"
              + " FROM patronus_five_minutes JOIN patronus_series USING (series_id)"
              + " UNION ALL SELECT policy_id, open_start, open_packets FROM patronus_series)"
              + " WHERE packets > 0 AND "
              + which
              + " GROUP BY start";
      for (String row : platform.rows(sql)) {
        String[] words = row.split(" ", -1);
        sums.put(Long.parseLong(words[0]), Long.parseLong(words[1]));
      }
      return sums;
    }

    void closeSome() {
      Rollup rollup = new Rollup(database);
      for (int i = random.nextInt(8); i > 0; i--) {
        boolean _ = rollup.sumUpHours(ACTOR, Instant.ofEpochSecond(clock));
      }
    }

    @Override
    public void close() throws SQLException {
      database.close();
      platform.close();
    }
  }

  @Test
  void captures_lie_in_their_own_time_and_change_nothing_else() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    try (World world = new World(new Random(seed), folder)) {
      for (int round = 0; round < 6; round++) {
        String when = "seed " + seed + ", round " + round;
        if (world.random.nextBoolean()) {
          world.liveHours();
        }
        world.nobodyCounts();
        world.liveHours();
        world.closeSome();
        if (world.random.nextBoolean()) {
          Collections.shuffle(world.gaps, world.random);
          while (world.gaps.size() > world.random.nextInt(3)) {
            world.capture(world.gaps.removeLast());
            world.verify(when);
            world.closeSome();
          }
        }
        world.verify(when);
      }
    }
  }
}
