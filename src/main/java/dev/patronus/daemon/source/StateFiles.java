package dev.patronus.daemon.source;

import dev.patronus.collect.PolicyCounters;
import dev.patronus.error.UserError;
import dev.patronus.source.TotalsJournal;
import dev.patronus.store.Database;
import dev.patronus.store.table.SnapshotTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The names of the files in the state folder that belong to one database.
///
/// ```text
///   sdwan.db.4f1d2a90c3b7.8be1f0c2d3a45566.counters               its counters
///   sdwan.db.4f1d2a90c3b7.netflow-127.0.0.1-2055-5c0e11.totals    running totals of a source
///   sdwan.db.4f1d2a90c3b7.conntrack                               the same, of the kernel
///            |            `- id of the database (in its table patronus_counters)
///            `- hash of its real path
/// ```
///
/// Which counters belong to a database, first rule that fits:
///
/// 1. Those of its id and its real path, whatever links lead to it, and whatever numbers device and
///    inode have.
/// 2. A database without an id, at the path of counters with one, is an older backup of the same:
///    it takes that id ([#idAt]).
/// 3. A database whose id has counters of another path was **moved** if nothing with that id is at
///    the other path any more, or if that is the same file: all files get its name.
/// 4. Otherwise it is a **copy**: the other one keeps its files, and the copy goes on at its own
///    last snapshot.
/// 5. Counters in a file of the earlier form (`sdwan.db.counters`) are the database's if they were
///    written for its real path or for its file; they get the new name, and the totals with them.
/// 6. A database with **another id** at the same path replaces it: it goes on at its own last
///    snapshot, and the files of the one before stay for when it comes back. While the daemon runs,
///    the counters go over to the new one, with what no snapshot has yet
///    ([DatabaseWorker][dev.patronus.daemon.snapshot.DatabaseWorker]).
///
/// Immutable; safe from any thread.
public final class StateFiles {
  private static final String COUNTERS = ".counters";
  private static final int PATH_DIGITS = 12;
  private static final Pattern OLD_IDENTITY = Pattern.compile("(/.*) (\\(dev=.*\\)|null)");

  private final Path folder;
  private final Path database;
  private final String name;

  /// @param folder the state folder
  /// @param database need not exist
  public StateFiles(Path folder, Path database) {
    this.folder = folder;
    this.database = real(database);
    name = prefix(this.database);
  }

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException _) {
      Path folder = file.toAbsolutePath().getParent();
      return folder == null ? file : real(folder, file.getFileName());
    }
  }

  private static Path real(Path folder, Path name) {
    try {
      return folder.toRealPath().resolve(name);
    } catch (IOException _) {
      return folder.normalize().resolve(name);
    }
  }

  private static String prefix(Path real) {
    return real.getFileName() + "." + hash(real.toString()).substring(0, PATH_DIGITS);
  }

  private static String hash(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// The file of counters of the database with this id.
  public Path counters(String id) {
    return folder.resolve(name + "." + id + COUNTERS);
  }

  /// What names the database with this id in its counters.
  public String identity(String id) {
    return id + " " + database;
  }

  /// The running totals of a source.
  ///
  /// @param source its name
  Path totals(String source) {
    return folder.resolve(name + totalsEnding(source));
  }

  private static String totalsEnding(String source) {
    String readable = source.replaceAll("[^A-Za-z0-9.]+", "-");
    return "." + readable + "-" + hash(source).substring(0, 6) + ".totals";
  }

  /// What was last seen of the connections that the kernel tracks.
  Path conntrack() {
    return folder.resolve(name + ".conntrack");
  }

  /// The id of the counters that the database at this path had last; empty if there are none.
  public Optional<String> idAt() throws IOException {
    Path newest = null;
    for (Path file : list(name + ".", COUNTERS)) {
      if (newest == null
          || Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(newest)) > 0) {
        newest = file;
      }
    }
    return newest == null
        ? Optional.empty()
        : PolicyCounters.identity(newest).map(identity -> identity.split(" ", 2)[0]);
  }

  /// Brings the files of a database that was moved, or used with an earlier version, to the names
  /// that they have now; does nothing where they have them. Counters come last: a process that is
  /// killed before repeats it.
  ///
  /// @param id of the database
  public void takeOver(String id) throws IOException {
    if (Files.exists(counters(id))) {
      return;
    }
    for (Path file : list("", "." + id + COUNTERS)) {
      Optional<Path> at = PolicyCounters.identity(file).flatMap(text -> pathIn(text, id));
      if (at.isPresent() && (at.get().equals(database) || isGone(at.get(), id))) {
        moveAll(prefix(at.get()), id);
        PolicyCounters.giveTo(file, counters(id), identity(id));
        return;
      }
    }
    Path old = folder.resolve(database.getFileName() + COUNTERS);
    if (PolicyCounters.identity(old).filter(text -> isOurs(text, id)).isPresent()) {
      takeOverTotals();
      PolicyCounters.giveTo(old, counters(id), identity(id));
    }
  }

  private static Optional<Path> pathIn(String identity, String id) {
    return identity.startsWith(id + " ")
        ? Optional.of(Path.of(identity.substring(id.length() + 1)))
        : Optional.empty();
  }

  /// Whether the database of that id has left another path.
  private boolean isGone(Path other, String id) throws IOException {
    if (!Files.exists(other) || Files.isSameFile(other, database)) {
      return true;
    }
    try (Database there = Database.openReadOnly(other)) {
      return !new SnapshotTable(there).databaseId().equals(Optional.of(id));
    } catch (UserError _) {
      return false; // cannot be asked now: nothing is taken from it
    }
  }

  private void moveAll(String oldPrefix, String id) throws IOException {
    if (oldPrefix.equals(name)) {
      return;
    }
    for (Path file : list(oldPrefix + ".", "")) {
      String ending = file.getFileName().toString().substring(oldPrefix.length());
      if (!ending.equals("." + id + COUNTERS) && !ending.endsWith(COUNTERS)) {
        move(file, folder.resolve(name + ending));
      }
    }
  }

  /// Whether the identity in a file of the earlier form is that of this database: the path as it
  /// was written, then the numbers of device and inode.
  private boolean isOurs(String identity, String id) {
    if (identity.equals(identity(id))) {
      return true; // killed while it was taken over
    }
    var old = OLD_IDENTITY.matcher(identity);
    return old.matches()
        && (real(Path.of(old.group(1))).equals(database)
            || old.group(2).equals(fileKey().orElse("")));
  }

  private Optional<String> fileKey() {
    try {
      Object key = Files.readAttributes(database, BasicFileAttributes.class).fileKey();
      return Optional.ofNullable(key).map(Object::toString);
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// In the earlier form two sources on one port, with two addresses, had one file: it belongs to
  /// that which has written it last.
  private void takeOverTotals() throws IOException {
    String before = database.getFileName().toString();
    Path conntrack = folder.resolve(before + ".conntrack");
    if (Files.exists(conntrack)) {
      move(conntrack, conntrack());
    }
    for (Path file : list(before + ".", ".totals")) {
      boolean isOld =
          file.getFileName().toString().substring(before.length()).matches("\\.\\d+\\.totals");
      Optional<String> whose = isOld ? TotalsJournal.whose(file) : Optional.empty();
      if (whose.isPresent()) {
        move(file, totals(whose.get()));
      }
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// The files of the state folder whose names begin and end so, by name.
  private List<Path> list(String beginning, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> isNamed(file.getFileName().toString(), beginning, ending))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static boolean isNamed(String name, String beginning, String ending) {
    return name.length() >= beginning.length() + ending.length()
        && name.startsWith(beginning)
        && name.endsWith(ending);
  }
}
