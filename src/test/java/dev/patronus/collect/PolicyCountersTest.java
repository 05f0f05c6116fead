package dev.patronus.collect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyCountersTest {
  private static final long VOICE = -1;
  private static final long BULK = 5;

  @TempDir Path folder;
  private final Metrics metrics = new Metrics();

  private PolicyCounters open(Optional<Snapshot> last) throws IOException {
    return PolicyCounters.open(folder.resolve("counters"), "database", last, metrics);
  }

  private PolicyCounters open() throws IOException {
    return open(Optional.empty());
  }

  private static void assign(PolicyCounters counters, Long... ids) {
    assign(counters, Set.of(ids), _ -> true);
  }

  private static void assign(PolicyCounters counters, Set<Long> ids, IntPredicate isIdle) {
    counters.assign(ids.stream().mapToLong(id -> id).toArray(), ids, isIdle);
  }

  private static void count(PolicyCounters counters, long id, long packets) {
    counters.add(counters.slotOf(id), packets, 100 * packets, 5_000, false);
    counters.commit();
  }

  private static PolicyTotal total(PolicyCounters counters, long id) {
    return counters.total(counters.slotOf(id), 0);
  }

  private static Optional<Snapshot> snapshot(long id, long packets) {
    PolicyTotal total = new PolicyTotal(id, packets, 100 * packets, 3, Instant.ofEpochSecond(77));
    PolicyTotal nothing = new PolicyTotal(Snapshot.UNMATCHED, 0, 0, 0, null);
    return Optional.of(new Snapshot(Instant.ofEpochSecond(60), List.of(total), nothing, false));
  }

  @Test
  void counters_go_on_where_they_stopped() throws IOException {
    try (PolicyCounters counters = open()) {
      assign(counters, VOICE, BULK);
      count(counters, VOICE, 7);
      counters.add(PolicyCounters.UNMATCHED, 1, 60, 4_000, true);
      counters.add(PolicyCounters.TUNNEL, 2, 120, 4_000, false);
    }
    try (PolicyCounters counters = open()) {
      assign(counters, VOICE, BULK);
      count(counters, VOICE, 3);
      assertEquals(
          new PolicyTotal(VOICE, 10, 1000, 0, Instant.ofEpochSecond(5)), total(counters, VOICE));
      assertEquals(new PolicyTotal(BULK, 0, 0, 0, null), total(counters, BULK));
      assertEquals(1, counters.total(PolicyCounters.UNMATCHED, 0).packets());
      assertEquals(true, counters.isEstimated(PolicyCounters.UNMATCHED));
      assertEquals(120, counters.total(PolicyCounters.TUNNEL, 0).bytes());
    }
  }

  @Test
  void without_a_file_they_go_on_at_the_last_snapshot() throws IOException {
    try (PolicyCounters counters = open(snapshot(VOICE, 40))) {
      assign(counters, VOICE, BULK);
      count(counters, VOICE, 2);
      assertEquals(42, total(counters, VOICE).packets());
      assertEquals(4200, total(counters, VOICE).bytes());
      assertEquals(0, total(counters, BULK).packets());
    }
  }

  @Test
  void a_file_that_has_more_than_the_last_snapshot_is_right() throws IOException {
    try (PolicyCounters counters = open()) {
      assign(counters, VOICE);
      count(counters, VOICE, 50);
    }
    try (PolicyCounters counters = open(snapshot(VOICE, 40))) {
      assign(counters, VOICE);
      assertEquals(50, total(counters, VOICE).packets());
    }
  }

  @Test
  void a_file_that_has_less_than_the_last_snapshot_is_an_old_one() throws IOException {
    try (PolicyCounters counters = open()) {
      assign(counters, VOICE);
      count(counters, VOICE, 30);
    }
    try (PolicyCounters counters = open(snapshot(VOICE, 40))) {
      assign(counters, VOICE);
      assertEquals(40, total(counters, VOICE).packets());
      assertEquals(1, metrics.count("counter_file_behind_snapshot"));
    }
  }

  private PolicyCounters open(CounterState last, CounterReset reset, long boot) throws IOException {
    return PolicyCounters.open(
        folder.resolve("counters"), "database", Optional.of(last), reset, boot, metrics);
  }

  private static CounterState state(PolicyCounters counters) {
    Snapshot now = snapshot(VOICE, total(counters, VOICE).packets()).orElseThrow();
    PolicyTotal tunnels = counters.total(PolicyCounters.TUNNEL, 0);
    return new CounterState(counters.snapshotTaken(), now, tunnels, counters.progress());
  }

  /// What a killed process leaves: it is not closed.
  private static void kill(PolicyCounters counters) {
    counters.commit();
  }

  private byte[] file() throws IOException {
    return Files.readAllBytes(folder.resolve("counters"));
  }

  /// Another file: the one before is mapped and locked.
  private void put(byte... file) throws IOException {
    Files.delete(folder.resolve("counters"));
    Files.write(folder.resolve("counters"), file);
  }

  @Test
  void after_a_kill_all_is_there_and_after_a_power_cut_all_is_as_in_the_last_snapshot()
      throws IOException {
    PolicyCounters counters = open();
    assign(counters, VOICE);
    count(counters, VOICE, 40);
    advance(counters, progress(counters, "pcap:a"), 4);
    CounterState saved = state(counters);
    count(counters, VOICE, 2);
    advance(counters, progress(counters, "pcap:a"), 1);
    kill(counters);
    byte[] file = file();
    put(file);
    try (PolicyCounters killed = open(saved, CounterReset.NONE, 1)) {
      assertEquals(42, total(killed, VOICE).packets());
      assertEquals(5, progress(killed, "pcap:a").counted());
    }
    put(file);
    try (PolicyCounters cut = open(saved, CounterReset.NONE, 2)) {
      assertEquals(40, total(cut, VOICE).packets());
      assertEquals(4, progress(cut, "pcap:a").counted());
    }
    try (PolicyCounters booted = open(saved, CounterReset.NONE, 3)) {
      assertEquals(40, total(booted, VOICE).packets(), "it was closed in order before the boot");
    }
  }

  @Test
  void whenever_it_is_killed_in_a_reset_the_counters_are_the_old_or_the_reset_ones()
      throws IOException {
    PolicyCounters counters = open();
    assign(counters, VOICE);
    count(counters, VOICE, 40);
    CounterState before = state(counters);
    byte[] planned = file();
    CounterReset reset = counters.planReset(VOICE).orElseThrow();
    CounterState after =
        new CounterState(
            counters.snapshotTaken(),
            snapshot(VOICE, 0).orElseThrow(),
            before.tunnels(),
            counters.progress());
    count(counters, VOICE, 3); // while the database waits
    byte[] committed = file();
    counters.apply(reset);
    count(counters, VOICE, 1);
    byte[] done = file();
    kill(counters);

    put(committed);
    try (PolicyCounters old = open(before, CounterReset.NONE, 1)) {
      assertEquals(43, total(old, VOICE).packets(), "the database has no reset");
    }
    put(committed);
    try (PolicyCounters between = open(after, reset, 1)) {
      assertEquals(3, total(between, VOICE).packets(), "it has");
    }
    try (PolicyCounters again = open(after, reset, 1)) {
      assertEquals(3, total(again, VOICE).packets(), "it is taken once");
    }
    put(done);
    try (PolicyCounters whole = open(after, reset, 1)) {
      assertEquals(4, total(whole, VOICE).packets());
    }
    put(planned);
    try (PolicyCounters cut = open(after, reset, 1)) {
      assertEquals(0, total(cut, VOICE).packets(), "a file of before the reset is not believed");
    }
    put(done);
    try (PolicyCounters restored = open(before, CounterReset.NONE, 1)) {
      assertEquals(4, total(restored, VOICE).packets(), "a restored backup does not undo it");
      assertEquals(2, restored.planReset(VOICE).orElseThrow().number());
    }
  }

  @Test
  void whenever_it_is_killed_while_a_capture_is_counted_it_is_added_once() throws IOException {
    PolicyCounters counters = open();
    assign(counters, VOICE);
    count(counters, VOICE, 40);
    CounterReset added =
        new CounterReset(
            counters.nextReset(),
            List.of(new CounterReset.Part(CounterReset.Kind.POLICY, VOICE, -100, -100)));
    CounterState before = state(counters);
    CounterState after = before.with(added);
    count(counters, VOICE, 3); // while the database waits
    byte[] committed = file();
    counters.apply(added);
    byte[] done = file();
    kill(counters);

    put(committed);
    try (PolicyCounters between = open(after, added, 1)) {
      assertEquals(143, total(between, VOICE).packets());
    }
    try (PolicyCounters again = open(after, added, 1)) {
      assertEquals(143, total(again, VOICE).packets(), "it is added once");
    }
    put(done);
    try (PolicyCounters whole = open(after, added, 1)) {
      assertEquals(143, total(whole, VOICE).packets());
    }
    put(done);
    try (PolicyCounters cut = open(after, added, 2)) {
      assertEquals(140, total(cut, VOICE).packets(), "after a power cut, as in the database");
    }
  }

  @Test
  void given_to_another_database_they_go_on_at_its_totals_with_what_was_not_saved()
      throws IOException {
    try (PolicyCounters counters = open()) {
      assign(counters, VOICE, BULK);
      count(counters, VOICE, 40);
      CounterState ours = state(counters);
      count(counters, VOICE, 2);
      counters.giveTo(
          folder.resolve("other"),
          "other",
          snapshot(VOICE, 1000).map(CounterState::of),
          Optional.of(ours),
          CounterReset.NONE);
      assertEquals(1002, total(counters, VOICE).packets());
    }
    try (PolicyCounters counters =
        PolicyCounters.open(folder.resolve("other"), "other", Optional.empty(), metrics)) {
      assertEquals(1002, total(counters, VOICE).packets());
    }
    assertEquals(false, Files.exists(folder.resolve("counters")));
  }

  @Test
  void a_damaged_file_is_put_aside_and_counted() throws IOException {
    Files.writeString(folder.resolve("counters"), "not a counter file");
    try (PolicyCounters counters = open(snapshot(VOICE, 40))) {
      assign(counters, VOICE);
      assertEquals(40, total(counters, VOICE).packets());
      assertEquals(true, counters.problem().isPresent());
      assertEquals(1, metrics.count("counter_file_quarantined"));
    }
  }

  @Test
  void the_numbers_of_a_policy_that_comes_back_are_still_there() throws IOException {
    try (PolicyCounters counters = open()) {
      assign(counters, VOICE, BULK);
      count(counters, VOICE, 9);
      assign(counters, BULK);
      assign(counters, VOICE, BULK);
      assertEquals(9, total(counters, VOICE).packets());
    }
  }

  private static Set<Long> range(long from, long to) {
    return LongStream.range(from, to).boxed().collect(Collectors.toSet());
  }

  @Test
  void more_policies_than_a_file_has_room_for_make_it_grow() throws IOException {
    try (PolicyCounters counters = open()) {
      assign(counters, VOICE);
      count(counters, VOICE, 9);
      assign(counters, range(1, 3_000), _ -> true);
      for (long id = 1; id < 3_000; id++) {
        counters.add(counters.slotOf(id), id, id, 0, false);
      }
    }
    try (PolicyCounters counters = open()) {
      assertEquals(2_999, total(counters, 2_999).packets());
      assertEquals(9, total(counters, VOICE).packets());
    }
  }

  @Test
  void slots_of_deleted_policies_are_reused_when_there_are_many_and_they_are_idle()
      throws IOException {
    try (PolicyCounters counters = open()) {
      assign(counters, range(1, 1_001), _ -> true);
      assign(counters, range(2_001, 3_001), _ -> true);
      long busy = counters.slotOf(7);
      assign(counters, range(4_001, 5_001), slot -> slot != busy);
      assign(counters, range(6_001, 7_001), slot -> slot != busy);
      assertEquals(busy, counters.slotOf(7));
      count(counters, 6_500, 3);
      assertEquals(3, total(counters, 6_500).packets());
      long size = Files.size(folder.resolve("counters"));
      for (long round = 10; round < 40; round++) {
        assign(counters, range(round * 1_000, round * 1_000 + 1_000), slot -> slot != busy);
      }
      assertEquals(size, Files.size(folder.resolve("counters")));
    }
  }

  @Test
  void policies_that_find_too_few_slots_take_none() throws IOException {
    try (PolicyCounters counters = open()) {
      assign(counters, range(0, PolicyCounters.POLICIES_MAX), _ -> true);
      count(counters, 7, 3);
      int idle = counters.slotOf(7);
      Set<Long> others = range(100_000, 100_000L + PolicyCounters.POLICIES_MAX);
      assertThrows(
          IllegalStateException.class, () -> assign(counters, others, slot -> slot == idle));
      assertEquals(new PolicyTotal(7, 3, 300, 0, Instant.ofEpochMilli(5_000)), total(counters, 7));
      assign(counters, others, _ -> true);
      assertEquals(0, total(counters, 100_007).packets());
    }
  }

  @Test
  void all_policies_leave_room_for_all_sources() throws IOException {
    try (PolicyCounters counters = open()) {
      assign(counters, range(0, PolicyCounters.POLICIES_MAX), _ -> true);
      assign(counters, range(100, 100L + PolicyCounters.POLICIES_MAX), _ -> true);
      for (int source = 0; source < PolicyCounters.SOURCES_MAX; source++) {
        counters.open(new CountingProgress("source" + source));
      }
    }
    try (PolicyCounters counters = open()) {
      assertEquals(PolicyCounters.SOURCES_MAX, counters.progress().size());
    }
  }

  @Test
  void there_is_a_limit_to_policies() throws IOException {
    try (PolicyCounters counters = open()) {
      Set<Long> tooMany = range(0, PolicyCounters.POLICIES_MAX + 1L);
      assertThrows(IllegalArgumentException.class, () -> assign(counters, tooMany, _ -> true));
    }
  }

  @Test
  void totals_end_at_the_largest_number_and_never_turn_negative() throws IOException {
    try (PolicyCounters counters = open()) {
      assign(counters, VOICE);
      int slot = counters.slotOf(VOICE);
      counters.add(slot, Long.MAX_VALUE, Long.MAX_VALUE - 1, 0, false);
      counters.add(slot, 1, 1, 0, false);
      counters.add(slot, 1, 1, 0, false);
      assertEquals(Long.MAX_VALUE, total(counters, VOICE).packets());
      assertEquals(Long.MAX_VALUE, total(counters, VOICE).bytes());
      assertEquals(3, metrics.counter("policy_counter_saturated").value());
    }
  }

  private static CountingProgress progress(PolicyCounters counters, String source) {
    CountingProgress progress = new CountingProgress(source);
    counters.open(progress);
    return progress;
  }

  private static void advance(PolicyCounters counters, CountingProgress progress, int records) {
    progress.accept(new FlowRecord[records], records);
    counters.advance(progress);
    counters.commit();
  }

  @Test
  void the_progress_of_a_source_goes_on_where_it_stopped_and_no_reset_concerns_it()
      throws IOException {
    try (PolicyCounters counters = open()) {
      advance(counters, progress(counters, "conntrack:"), 64);
      advance(counters, progress(counters, "netflow://127.0.0.1:2055"), 3);
      assign(counters, VOICE);
      counters.apply(counters.planResetOfAll());
    }
    try (PolicyCounters counters = open()) {
      assign(counters, VOICE, BULK);
      assertEquals(64, progress(counters, "conntrack:").counted());
      assertEquals(3, progress(counters, "netflow://127.0.0.1:2055").counted());
      assertEquals(0, progress(counters, "pcap:-").counted());
      assertEquals(0, total(counters, VOICE).packets());
    }
  }

  @Test
  void of_more_sources_than_there_is_room_for_the_one_asked_for_longest_ago_goes()
      throws IOException {
    for (int source = 0; source <= PolicyCounters.SOURCES_MAX; source++) {
      try (PolicyCounters counters = open()) {
        advance(counters, progress(counters, "pcap:" + source), 9);
        assertEquals(9, progress(counters, "pcap:" + 1 % (source + 1)).counted());
      }
    }
    try (PolicyCounters counters = open()) {
      assertEquals(9, progress(counters, "pcap:1").counted());
      assertEquals(9, progress(counters, "pcap:" + PolicyCounters.SOURCES_MAX).counted());
      assertEquals(0, progress(counters, "pcap:0").counted());
    }
  }

  @Test
  void policies_that_come_and_go_never_take_the_slot_of_a_source() throws IOException {
    try (PolicyCounters counters = open()) {
      CountingProgress progress = progress(counters, "conntrack:");
      for (long round = 1; round < 6; round++) {
        assign(counters, range(round * 1_000, round * 1_000 + 1_000), _ -> true);
        advance(counters, progress, 1);
      }
      assertEquals(5, progress(counters, "conntrack:").counted());
    }
  }
}
