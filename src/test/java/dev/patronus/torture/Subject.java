package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// A command that changes files, and what must be so after it was disturbed: the database intact,
/// the change there or not there, and there for sure if the command has ended with 0.
///
/// One folder, one thread. [#prepare] first, then [#learn] with a run that nothing disturbs.
abstract sealed class Subject {
  /// The names of all of them, for [#of]; in a small run each with one of the journals.
  static Stream<String> names() {
    Random random = Torture.of("Subject", "").random();
    List<String> names = new ArrayList<>(all(Path.of("")).stream().map(Subject::toString).toList());
    Collections.shuffle(names, random);
    Set<String> kinds = new HashSet<>();
    names.removeIf(name -> !kinds.add(Torture.isSmall() ? name.split(" ", 2)[0] : name));
    return names.stream();
  }

  static Subject of(String name, Path folder) {
    return all(folder).stream().filter(s -> s.toString().equals(name)).findAny().orElseThrow();
  }

  /// All of them, on databases with either journal.
  private static List<Subject> all(Path folder) {
    List<Subject> all = new ArrayList<>();
    for (String journal : new String[] {"wal", "delete"}) {
      all.add(new SiteDelete(folder, journal));
      all.add(new SiteRestore(folder, journal));
      all.add(new Prune(folder, journal));
      all.add(new Migrate(folder, journal));
      all.add(new Backup(folder, journal));
    }
    all.add(new Export(folder, "wal"));
    return all;
  }

  static final int SITES = 4;
  private static final int METRICS = 150;
  private static final int STATS = 2_000;
  private static final long DAY = 86_400;

  final Path folder;
  private final String journal;
  DatabaseRows before;
  DatabaseRows after;

  Subject(Path folder, String journal) {
    this.folder = folder;
    this.journal = journal;
  }

  /// The command, which has not been started.
  abstract Program program();

  /// The command for who does not know whether it was done: it does what is left to do.
  Program again() {
    return program();
  }

  /// Fails if the folder is not as it may be.
  ///
  /// @param acknowledged whether the command has ended with 0
  abstract void check(boolean acknowledged, String when) throws Exception;

  /// The names of files that the command leaves for good.
  Set<String> leaves() {
    return Set.of();
  }

  Path database() {
    return folder.resolve("sdwan.db");
  }

  Age age() {
    return Age.NEWEST;
  }

  /// Makes the folder as it is before the command.
  void prepare() throws Exception {
    try (PlatformDatabase made = PlatformDatabase.create(folder, age())) {
      made.run("PRAGMA journal_mode = " + journal);
      made.inOneTransaction(() -> fill(made));
    }
  }

  private void fill(PlatformDatabase made) throws SQLException {
    long now = System.currentTimeMillis() / 1000;
    for (int site = 0; site < SITES; site++) {
      made.site("site-" + site, "site " + site).endpoint("site-" + site, "192.0.2.1:51820");
    }
    for (int path = 0; path < SITES * (SITES - 1); path++) {
      int from = path / (SITES - 1);
      int to = (from + 1 + path % (SITES - 1)) % SITES;
      made.path(path + 1L, "site-" + from, "site-" + to);
      for (int i = 0; i < METRICS; i++) {
        made.metric(path + 1L, now - (i % 2 == 0 ? i : 200 * DAY + i), 12.5);
      }
    }
    made.policy(-7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
    made.policy(9, "rest", 1, "{}");
    if (age() == Age.NEWEST) {
      for (int i = 0; i < STATS; i++) {
        made.stat(i % 2 == 0 ? -7 : 9, now - (STATS - i) * DAY / 5, i, i * 100L, 1);
      }
    }
  }

  /// Remembers the folder as it is as what was before, or what is after.
  void learn(boolean done) throws Exception {
    DatabaseRows rows = DatabaseRows.of(database(), this + ", undisturbed");
    if (done) {
      after = rows;
    } else {
      before = rows;
    }
  }

  /// Fails if there is a file that neither the database nor this command leaves for good.
  void requireNothingLeftOver(String when) throws IOException {
    Set<String> names = new TreeSet<>();
    for (Path file : Recording.files(folder)) {
      names.add(folder.relativize(file).toString());
    }
    names.removeAll(Set.of("sdwan.db", "sdwan.db-wal", "sdwan.db-shm"));
    names.removeAll(leaves());
    assertEquals(Set.of(), names, when + ": files left over");
  }

  /// Whether the database is as it was before.
  boolean isAsBefore() throws SQLException {
    return DatabaseRows.of(database(), toString()).isAs(before);
  }

  void requireOneOfTwo(boolean acknowledged, String when) throws SQLException {
    DatabaseRows now = DatabaseRows.of(database(), when);
    if (!now.isAs(after) && (acknowledged || !now.isAs(before))) {
      fail(
          when
              + ": not all of it, and not nothing:\n"
              + now
              + "\nbefore\n"
              + before
              + "\nafter\n"
              + after);
    }
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + " (" + journal + ")";
  }

  private static final class SiteDelete extends Subject {
    SiteDelete(Path folder, String journal) {
      super(folder, journal);
    }

    @Override
    Program program() {
      return Program.patronus("site", "delete", "site-0", "--yes", "--db", database());
    }

    @Override
    Program again() {
      return Program.patronus(
          "site", "delete", "site-0", "--yes", "--if-exists", "--db", database());
    }

    @Override
    void check(boolean acknowledged, String when) throws SQLException {
      requireOneOfTwo(acknowledged, when);
    }
  }

  private static final class SiteRestore extends Subject {
    SiteRestore(Path folder, String journal) {
      super(folder, journal);
    }

    @Override
    void prepare() throws Exception {
      super.prepare();
      var outcome = Program.patronus("site", "delete", "site-0", "--yes", "--db", database()).run();
      assertEquals(0, outcome.exitCode(), outcome::toString);
    }

    @Override
    Program program() {
      return Program.patronus("site", "restore", "site-0", "--db", database());
    }

    @Override
    void check(boolean acknowledged, String when) throws SQLException {
      requireOneOfTwo(acknowledged, when);
    }
  }

  /// Works in many transactions: whatever is there is of before, and what is to stay is there.
  private static final class Prune extends Subject {
    /// The same in every run, however late it is: between two rows.
    private final long limitSecond =
        Math.floorDiv(Instant.now().getEpochSecond() - 90L * 86_400, 300L) * 300 + 150;

    Prune(Path folder, String journal) {
      super(folder, journal);
    }

    @Override
    Program program() {
      String age = Instant.now().getEpochSecond() - limitSecond + "s";
      return Program.patronus("db", "prune", "--older-than", age, "--yes", "--db", database());
    }

    @Override
    void check(boolean acknowledged, String when) throws SQLException {
      DatabaseRows now = DatabaseRows.of(database(), when);
      for (String table : before.tables().keySet()) {
        if (table.startsWith("patronus_") || table.equals("audit_logs")) {
          continue;
        }
        Set<String> there = new HashSet<>(now.table(table));
        assertTrue(there.containsAll(after.table(table)), when + ": too much is gone of " + table);
        assertTrue(
            new HashSet<>(before.table(table)).containsAll(there), when + ": new in " + table);
        if (acknowledged) {
          assertEquals(after.table(table).size(), there.size(), when + ": left in " + table);
        }
      }
    }
  }

  /// Adds tables, and leaves every row of the platform's as it was.
  private static final class Migrate extends Subject {
    Migrate(Path folder, String journal) {
      super(folder, journal);
    }

    @Override
    Age age() {
      return Age.BEFORE_SPRINT_30;
    }

    @Override
    Program program() {
      return Program.patronus("db", "migrate", "--wal", "--db", database());
    }

    @Override
    void check(boolean acknowledged, String when) throws SQLException {
      DatabaseRows now = DatabaseRows.of(database(), when);
      assertTrue(now.hasPlatformRowsOf(before), when + ": the platform's rows have changed");
      if (acknowledged) {
        assertEquals(after.tables().keySet(), now.tables().keySet(), when);
      }
    }
  }

  /// The copy of last week is there, or the new one, each whole.
  private static final class Backup extends Subject {
    private DatabaseRows old;

    Backup(Path folder, String journal) {
      super(folder, journal);
    }

    private Path copy() {
      return folder.resolve("copy.db");
    }

    @Override
    void prepare() throws Exception {
      super.prepare();
      Path elsewhere = Files.createDirectories(folder.resolve("last week"));
      try (PlatformDatabase made = PlatformDatabase.create(elsewhere, age())) {
        made.site("old", "of last week");
      }
      Files.move(elsewhere.resolve("sdwan.db"), copy());
      Files.delete(elsewhere);
      old = DatabaseRows.of(copy(), "last week");
    }

    @Override
    Program program() {
      return Program.patronus("db", "backup", "--force", copy(), "--db", database());
    }

    @Override
    Set<String> leaves() {
      return Set.of("copy.db");
    }

    @Override
    void check(boolean acknowledged, String when) throws SQLException {
      assertEquals(before, DatabaseRows.of(database(), when), when + ": the database has changed");
      DatabaseRows now = DatabaseRows.of(copy(), when + ", the copy");
      if (!now.equals(before) && (acknowledged || !now.equals(old))) {
        fail(when + ": the copy is neither the old nor the new one:\n" + now + "\n" + before);
      }
    }
  }

  /// Each row is in one file, once.
  private static final class Export extends Subject {
    private int runs;

    Export(Path folder, String journal) {
      super(folder, journal);
    }

    @Override
    Program program() {
      return export("rows-" + runs++ + ".csv");
    }

    private Program export(String name) {
      return Program.patronus(
          "export",
          "stats",
          "--columns",
          "stat_id",
          "--no-headers",
          "--since-last",
          folder.resolve("state"),
          "--file",
          folder.resolve(name),
          "--db",
          database());
    }

    @Override
    Set<String> leaves() {
      Set<String> names = new HashSet<>(Set.of("state", "state.lock"));
      for (int run = 0; run < runs; run++) {
        names.add("rows-" + run + ".csv");
      }
      return names;
    }

    @Override
    void check(boolean acknowledged, String when) throws Exception {
      assertEquals(before, DatabaseRows.of(database(), when), when + ": the database has changed");
      List<Long> rows = rows();
      if (acknowledged) {
        assertEquals(
            LongStream.rangeClosed(1, before.table("sdwan_policy_stats").size()).boxed().toList(),
            rows,
            when + ": each row once");
      }
      assertEquals(new HashSet<>(rows).size(), rows.size(), when + ": a row twice");
    }

    private List<Long> rows() throws IOException {
      List<Long> rows = new ArrayList<>();
      for (Path file : Recording.files(folder)) {
        if (file.getFileName().toString().matches("rows-\\d+\\.csv")) {
          Files.readAllLines(file).forEach(line -> rows.add(Long.parseLong(line)));
        }
      }
      rows.sort(null);
      return rows;
    }
  }
}
