package dev.patronus.daemon.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.collect.Collector;
import dev.patronus.collect.PolicyCounters;
import dev.patronus.collect.TrafficAccounting;
import dev.patronus.collect.TunnelFilter;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import dev.patronus.store.Database;
import dev.patronus.store.table.SnapshotTable;
import dev.patronus.testing.PlatformDatabase;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which file of counters belongs to which database, on real files and databases.
class StateFilesTest {
  private static final Actor DAEMON = new Actor("daemon", null, "test");

  @TempDir private Path folder;
  private Path state;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = folder.toRealPath();
    state = Files.createDirectory(folder.resolve("state"));
  }

  private Path database(String of, String id) throws Exception {
    Path at = Files.createDirectory(folder.resolve(of));
    PlatformDatabase.create(at, PlatformDatabase.Age.NEWEST).close();
    try (Database open = Database.openWritable(at.resolve("sdwan.db"))) {
      String _ = new SnapshotTable(open).identify(Optional.of(id), DAEMON, Instant.EPOCH);
    }
    return at.resolve("sdwan.db");
  }

  private StateFiles files(Path database) {
    return new StateFiles(state, database);
  }

  /// Counts packets, and gives what there are then.
  private long count(Path database, String id, int packets) throws Exception {
    StateFiles files = files(database);
    files.takeOver(id);
    return countIn(files.counters(id), files.identity(id), packets);
  }

  private static long countIn(Path file, String identity, int packets) throws Exception {
    Metrics metrics = new Metrics();
    try (PolicyCounters counters = PolicyCounters.open(file, identity, Optional.empty(), metrics)) {
      TrafficAccounting accounting =
          new TrafficAccounting(TrafficAccounting.Settings.DEFAULT, counters, 1, 0, metrics);
      accounting.use(List.of(), TunnelFilter.NONE);
      Collector collector = new Collector(accounting, System::nanoTime, metrics);
      Thread thread = Thread.ofPlatform().start(collector);
      FlowSink sink = collector.sink("test", 0);
      FlowKey key = FlowKey.of(IpAddress.v4(1), 1, IpAddress.v4(2), 3, FlowKey.UDP);
      sink.accept(FlowRecord.at(1_000, key, packets, 100L * packets));
      sink.flush();
      long all = collector.call(a -> a.snapshot(Instant.EPOCH).unmatched().packets());
      collector.stop();
      thread.join();
      return all;
    }
  }

  @Test
  void two_databases_of_one_name_have_two_files() throws Exception {
    Path a = database("a", "1111");
    Path b = database("b", "2222");
    assertEquals(5, count(a, "1111", 5));
    assertEquals(7, count(b, "2222", 7));
    assertEquals(6, count(a, "1111", 1));
    assertNotEquals(
        files(a).totals("netflow://[::1]:2055"), files(b).totals("netflow://[::1]:2055"));
  }

  @Test
  void a_database_through_a_link_is_the_same() throws Exception {
    Path a = database("a", "1111");
    assertEquals(5, count(a, "1111", 5));
    Path link = Files.createSymbolicLink(folder.resolve("link.db"), a);
    assertEquals(6, count(link, "1111", 1));
    Path other = Files.createSymbolicLink(folder.resolve("other"), a.getParent());
    assertEquals(7, count(other.resolve("sdwan.db"), "1111", 1));
  }

  @Test
  void a_database_that_was_moved_takes_its_files_along() throws Exception {
    Path a = database("a", "1111");
    assertEquals(5, count(a, "1111", 5));
    Files.writeString(files(a).conntrack(), "conntrack");
    Files.writeString(files(a).totals("netflow://127.0.0.1:2055"), "totals");
    Path moved = folder.resolve("other.db");
    Files.move(a, moved);
    assertEquals(6, count(moved, "1111", 1));
    assertEquals("conntrack", Files.readString(files(moved).conntrack()));
    assertEquals("totals", Files.readString(files(moved).totals("netflow://127.0.0.1:2055")));
  }

  @Test
  void a_database_that_was_moved_is_known_although_another_one_has_its_place() throws Exception {
    Path a = database("a", "1111");
    assertEquals(5, count(a, "1111", 5));
    Path moved = folder.resolve("other.db");
    Files.move(a, moved);
    Files.move(database("b", "2222"), a);
    assertEquals(6, count(moved, "1111", 1));
    assertEquals(1, count(a, "2222", 1));
  }

  @Test
  void a_copy_leaves_the_files_to_the_original() throws Exception {
    Path a = database("a", "1111");
    assertEquals(5, count(a, "1111", 5));
    Path copy = Files.copy(a, folder.resolve("copy.db"));
    assertEquals(1, count(copy, "1111", 1));
    assertEquals(6, count(a, "1111", 1));
  }

  @Test
  void a_backup_without_an_id_gets_that_of_the_counters_at_its_path() throws Exception {
    Path a = database("a", "1111");
    assertEquals(Optional.empty(), files(a).idAt());
    assertEquals(5, count(a, "1111", 5));
    assertEquals(Optional.of("1111"), files(a).idAt());
  }

  /// As the version before wrote them: `sdwan.db.counters`, for the path as it was typed and the
  /// numbers of device and inode.
  private Path oldCounters(Path database, int packets) throws Exception {
    Object key = Files.readAttributes(database, BasicFileAttributes.class).fileKey();
    Path old = state.resolve("sdwan.db.counters");
    assertEquals(packets, countIn(old, database + " " + key, packets));
    return old;
  }

  @Test
  void counters_of_the_version_before_are_taken_over_with_all_totals() throws Exception {
    Path a = database("a", "1111");
    Path old = oldCounters(a, 5);
    Files.writeString(state.resolve("sdwan.db.conntrack"), "conntrack");
    try (DataOutputStream out =
        new DataOutputStream(Files.newOutputStream(state.resolve("sdwan.db.2055.totals")))) {
      out.writeLong(0x50_61_74_72_54_4f_54_01L);
      out.writeUTF("netflow://127.0.0.2:2055");
    }
    assertEquals(6, count(a, "1111", 1));
    assertFalse(Files.exists(old));
    assertEquals("conntrack", Files.readString(files(a).conntrack()));
    assertTrue(Files.exists(files(a).totals("netflow://127.0.0.2:2055")));
    assertFalse(Files.exists(files(a).totals("netflow://127.0.0.1:2055")));
  }

  @Test
  void counters_of_the_version_before_are_known_after_a_restored_backup_and_another_boot()
      throws Exception {
    Path a = database("a", "1111");
    Path old = state.resolve("sdwan.db.counters");
    assertEquals(5, countIn(old, a + " (dev=77,ino=12345)", 5));
    assertEquals(6, count(a, "1111", 1));
  }

  @Test
  void counters_of_the_version_before_that_are_another_databases_are_left_to_it() throws Exception {
    Path a = database("a", "1111");
    Path b = database("b", "2222");
    Path old = oldCounters(a, 5);
    assertEquals(1, count(b, "2222", 1));
    assertTrue(Files.exists(old));
    assertEquals(6, count(a, "1111", 1));
  }

  @Test
  void a_file_that_is_in_use_is_refused() throws Exception {
    Path a = database("a", "1111");
    StateFiles files = files(a);
    try (PolicyCounters _ =
        PolicyCounters.open(
            files.counters("1111"), files.identity("1111"), Optional.empty(), new Metrics())) {
      UserError refused = assertThrows(UserError.class, () -> count(a, "1111", 1));
      assertEquals(ExitCode.REFUSED, refused.exitCode());
    }
  }
}
