package dev.patronus.daemon.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.collect.TunnelFilter;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.history.Reading;
import dev.patronus.policy.Policy;
import dev.patronus.source.pcap.CaptureHistory;
import dev.patronus.store.Database;
import dev.patronus.store.table.CaptureTable;
import dev.patronus.store.table.CapturedTraffic;
import dev.patronus.store.table.RoutingRows;
import dev.patronus.testing.PlatformDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a capture is taken apart into: readings of each minute, and what of it is new.
class CaptureReadingTest {
  private static final long VOICE = 11;
  private static final Instant BEGIN = Instant.parse("2026-10-11T09:00:30Z");

  @TempDir private Path folder;
  private final List<CapturedTraffic> committed = new ArrayList<>();
  private List<Policy> policies;

  @BeforeEach
  void policies() throws Exception {
    try (PlatformDatabase platform = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)) {
      platform.policy(VOICE, "voice", 1, "{\"dst_port_range\":[5060,5060]}");
    }
    try (Database database = Database.openReadOnly(folder.resolve("sdwan.db"))) {
      policies = RoutingRows.read(database).policies();
    }
  }

  private CaptureReading reading(CaptureTable.Counted... known) {
    return new CaptureReading(
        "pcap:test",
        folder,
        new CaptureCounter.Rules(
            policies,
            TunnelFilter.NONE,
            CaptureReading.settings(Duration.ofMinutes(5), false),
            List.of(known)),
        (capture, _) -> committed.add(capture.traffic()));
  }

  private static FlowRecord packet(long seconds, int client, int port, long bytes) {
    FlowKey key =
        FlowKey.of(
            IpAddress.parse("10.0.0." + client), 4000, IpAddress.parse("192.0.2.1"), port, 17);
    return FlowRecord.at(BEGIN.plusSeconds(seconds).toEpochMilli(), key, 1, bytes);
  }

  private static String text(Reading reading) {
    return Instant.ofEpochSecond(reading.epochSecond())
        + " "
        + reading.packets()
        + " "
        + reading.bytes()
        + " "
        + reading.activeFlows();
  }

  private List<String> voice() {
    return committed.getLast().policies().get(VOICE).stream()
        .map(CaptureReadingTest::text)
        .toList();
  }

  private CaptureTable.Counted counted() {
    return counted(committed.getLast());
  }

  private static CaptureTable.Counted counted(CapturedTraffic last) {
    return new CaptureTable.Counted(
        "pcap:first", BEGIN, last.records(), last.digest(), last.lastMillis());
  }

  private String take(CaptureReading reading, FlowRecord... packets) throws InterruptedException {
    try (reading) {
      for (FlowRecord packet : packets) {
        reading.accept(packet);
      }
      return reading.finish(() -> true);
    }
  }

  @Test
  void each_minute_has_the_totals_at_its_end_and_the_flows_of_five_minutes() throws Exception {
    take(
        reading(),
        packet(0, 1, 5060, 100),
        packet(29, 2, 5060, 100),
        packet(30, 1, 5060, 100),
        packet(400, 3, 5060, 100));
    assertEquals(
        List.of(
            "2026-10-11T09:00:59Z 2 200 2",
            "2026-10-11T09:01:59Z 3 300 2",
            "2026-10-11T09:02:59Z 3 300 2",
            "2026-10-11T09:03:59Z 3 300 2",
            "2026-10-11T09:04:59Z 3 300 2",
            "2026-10-11T09:05:59Z 3 300 2",
            "2026-10-11T09:06:59Z 3 300 0",
            "2026-10-11T09:07:10Z 4 400 1"),
        voice());
    assertEquals(List.of(), committed.getLast().unmatched());
  }

  @Test
  void traffic_without_a_policy_is_kept_apart() throws Exception {
    take(reading(), packet(0, 1, 53, 70), packet(1, 1, 5060, 100));
    assertEquals(List.of("2026-10-11T09:00:59Z 1 70 1"), unmatched("09:00:59"));
    assertEquals(List.of("2026-10-11T09:00:31Z 1 100 1"), voice());
  }

  private List<String> unmatched(String at) {
    return committed.getLast().unmatched().stream()
        .map(reading -> text(reading).replace("09:00:31", at))
        .toList();
  }

  @Test
  void a_long_time_without_packets_has_one_reading_before_it_goes_on() throws Exception {
    take(reading(), packet(0, 1, 5060, 100), packet(7_200, 1, 5060, 100));
    assertEquals(
        List.of(
            "2026-10-11T09:00:59Z 1 100 1",
            "2026-10-11T10:59:59Z 1 100 0",
            "2026-10-11T11:00:30Z 2 200 1"),
        voice());
  }

  @Test
  void what_was_counted_before_does_not_count_under_any_name() throws Exception {
    FlowRecord[] packets = {packet(0, 1, 5060, 100), packet(70, 1, 5060, 50)};
    take(reading(), packets);
    String said = take(reading(counted()), packets);
    assertEquals(1, committed.size());
    assertTrue(said.contains("counted before, at 2026-10-11T09:00:30Z, as pcap:first"), said);
  }

  @Test
  void of_a_capture_that_has_grown_the_new_part_counts() throws Exception {
    FlowRecord[] packets = {packet(0, 1, 5060, 100), packet(70, 1, 5060, 50)};
    take(reading(), packets);
    take(reading(counted()), packets[0], packets[1], packet(80, 2, 5060, 7), packet(90, 2, 53, 8));
    CapturedTraffic grown = committed.getLast();
    assertEquals(List.of("2026-10-11T09:01:59Z 1 7 1", "2026-10-11T09:02:00Z 1 7 1"), voice());
    assertEquals(4, grown.records());
    assertEquals(BEGIN.plusSeconds(80).toEpochMilli(), grown.firstMillis());
    assertEquals(15, grown.total().bytes());
  }

  @Test
  void a_capture_of_other_times_is_another_one() throws Exception {
    take(reading(), packet(0, 1, 5060, 100));
    take(reading(counted()), packet(1, 1, 5060, 100));
    assertEquals(2, committed.size());
  }

  @Test
  void packets_out_of_order_by_more_than_a_minute_are_refused() {
    String said =
        assertThrows(
                CaptureHistory.Refused.class,
                () -> take(reading(), packet(100, 1, 5060, 100), packet(39, 1, 5060, 100)))
            .getMessage();
    assertTrue(said.contains("reordercap"), said);
    assertEquals(List.of(), committed);
  }

  @Test
  void a_packet_that_comes_a_little_late_counts_in_the_running_minute() throws Exception {
    take(reading(), packet(0, 1, 5060, 10), packet(31, 1, 5060, 10), packet(29, 1, 5060, 10));
    assertEquals(List.of("2026-10-11T09:00:59Z 1 10 1", "2026-10-11T09:01:01Z 3 30 1"), voice());
  }

  private static FlowRecord[] everyMinute(int from, int until) {
    return IntStream.range(from, until)
        .mapToObj(i -> packet(60L * i, i % 5, i % 3 == 0 ? 53 : 5060, 100))
        .toArray(FlowRecord[]::new);
  }

  private long voicePackets(List<CapturedTraffic> pieces) {
    return pieces.stream()
        .mapToLong(piece -> piece.policies().get(VOICE).getLast().packets())
        .sum();
  }

  @Test
  void a_long_capture_is_counted_in_pieces_that_follow_each_other() throws Exception {
    take(reading(), everyMinute(0, 3_000));
    assertTrue(committed.size() > 3, "pieces: " + committed.size());
    assertEquals(2_000, voicePackets(committed));
    assertEquals(3_000, committed.stream().mapToLong(each -> each.total().packets()).sum());
    long until = Long.MIN_VALUE;
    for (CapturedTraffic piece : committed) {
      assertTrue(piece.firstMillis() >= until, "pieces do not overlap");
      until = piece.lastMillis();
      int readings = piece.policies().get(VOICE).size() + piece.unmatched().size();
      assertTrue(readings <= CaptureReading.PIECE_READINGS + 2, "readings: " + readings);
      assertEquals(BEGIN.plusSeconds(60L * 2_999).toEpochMilli(), piece.untilMillis());
    }
  }

  @Test
  void after_a_crash_a_long_capture_goes_on_behind_its_last_piece() throws Exception {
    take(reading(), everyMinute(0, 3_000));
    List<CapturedTraffic> whole = List.copyOf(committed);
    for (int done = 1; done < whole.size(); done++) {
      committed.clear();
      CaptureTable.Counted[] known =
          whole.subList(0, done).stream()
              .map(CaptureReadingTest::counted)
              .toArray(CaptureTable.Counted[]::new);
      take(reading(known), everyMinute(0, 3_000));
      assertEquals(
          2_000 - voicePackets(whole.subList(0, done)), voicePackets(committed), "after " + done);
      assertEquals(whole.getLast().digest(), committed.getLast().digest());
    }
  }

  @Test
  void a_late_packet_behind_a_piece_is_of_the_time_of_the_next_one() throws Exception {
    take(reading(), packet(0, 1, 5060, 100), packet(40, 1, 5060, 100));
    take(
        reading(counted()),
        packet(0, 1, 5060, 100),
        packet(40, 1, 5060, 100),
        packet(10, 1, 5060, 100));
    assertEquals(BEGIN.plusSeconds(40).toEpochMilli(), committed.getLast().firstMillis());
  }

  @Test
  void no_file_is_left_over() throws Exception {
    List<Path> before = files();
    take(reading(), packet(0, 1, 5060, 100));
    assertEquals(before, files());
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
