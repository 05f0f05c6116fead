package dev.patronus.torture;

import dev.patronus.torture.Recording.Created;
import dev.patronus.torture.Recording.Event;
import dev.patronus.torture.Recording.FolderSynced;
import dev.patronus.torture.Recording.Linked;
import dev.patronus.torture.Recording.Note;
import dev.patronus.torture.Recording.Renamed;
import dev.patronus.torture.Recording.Sized;
import dev.patronus.torture.Recording.Synced;
import dev.patronus.torture.Recording.Unlinked;
import dev.patronus.torture.Recording.Written;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/// A disk that loses its power at some moment of a [Recording]: plays the events up to there, and
/// leaves what a disk may have of them.
///
/// A file's content is on the disk once the file was synced. What was written since, or cut off, is
/// there or not, in pieces of a sector, a page, or a whole call: dropped, torn, in any order. A
/// file that grew may have zeros where its content did not arrive.
///
/// Names are kept in order, as journaling file systems do: of what was created, renamed and deleted
/// since names were last on the disk, a random beginning is there. [Names] says what brings names
/// to the disk. Confined to one thread.
final class PowerCut {
  private static final int SECTOR = 512;
  private static final int PAGE = 4096;
  private static final int WHOLE = Integer.MAX_VALUE;
  private static final int[] PIECES = {SECTOR, PAGE, PAGE, WHOLE};
  private static final double[] KEPT = {0, 0.1, 0.5, 0.9, 1};

  /// What a file system promises about names.
  enum Names {
    /// Syncing any file or folder brings all names before it to the disk (ext4, XFS in practice).
    BY_ANY_SYNC,
    /// Only syncing their folder does (POSIX, and all that Linux promises).
    BY_FOLDER_SYNC
  }

  private sealed interface Change {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Write(long offset, byte[] bytes) implements Change {}

  private record Size(long size) implements Change {}

  /// A file on the disk; one that has two names is the same object under both.
  ///
  /// @param inode its number
  @SuppressWarnings("ArrayRecordComponent") // read only
  record OnDisk(long inode, byte[] bytes) {}

  private static final class Inode {
    final long number;
    byte[] durable = new byte[0];
    final List<Change> pending = new ArrayList<>();

    Inode(long number) {
      this.number = number;
    }
  }

  private sealed interface NameChange {}

  private record Put(String name, Inode inode) implements NameChange {}

  private record Remove(String name) implements NameChange {}

  private record Move(String from, String to) implements NameChange {}

  private final Names rule;
  private final Path folder;
  private final Map<Long, Inode> inodes = new HashMap<>();
  private final Map<String, Inode> names = new LinkedHashMap<>();
  private final Map<String, Inode> durableNames = new LinkedHashMap<>();
  private final List<NameChange> pendingNames = new ArrayList<>();

  PowerCut(Recording recording, Names rule) {
    this.rule = rule;
    this.folder = recording.folder();
    recording
        .before()
        .forEach((name, file) -> {
          Inode inode = inodes.computeIfAbsent(file.inode(), Inode::new);
          inode.durable = file.bytes();
          names.put(name, inode);
          durableNames.put(name, inode);
        });
  }

  /// Lets one more thing happen.
  void play(Event event) {
    switch (event) {
      case Created(long number, String name) -> {
        Inode inode = new Inode(number);
        inodes.put(number, inode);
        change(new Put(name, inode));
      }
      case Written(long number, long offset, byte[] bytes) ->
          inode(number).pending.add(new Write(offset, bytes));
      case Sized(long number, long size) -> inode(number).pending.add(new Size(size));
      case Renamed(String from, String to) -> change(new Move(from, to));
      case Linked(String from, String to) -> change(new Put(to, names.get(from)));
      case Unlinked(String name) -> change(new Remove(name));
      case Synced(long number) -> sync(number);
      case FolderSynced(String name) -> namesAreDurable(name);
      case Note _ -> {}
    }
  }

  private Inode inode(long number) {
    return inodes.computeIfAbsent(number, Inode::new);
  }

  private void sync(long number) {
    Inode inode = inode(number);
    inode.durable = content(inode, null);
    inode.pending.clear();
    if (rule == Names.BY_ANY_SYNC) {
      namesAreDurable(folder.toString());
    }
  }

  private void change(NameChange change) {
    apply(names, change);
    pendingNames.add(change);
  }

  private static void apply(Map<String, Inode> names, NameChange change) {
    switch (change) {
      case Put(String name, Inode inode) -> {
        if (inode != null) {
          names.put(name, inode);
        }
      }
      case Remove(String name) -> names.remove(name);
      case Move(String from, String to) -> {
        Inode moved = names.remove(from);
        if (moved != null) {
          names.put(to, moved);
        }
      }
    }
  }

  /// All recorded folders lie in one journal: what is kept in order is kept over all of them.
  private void namesAreDurable(String synced) {
    int last = -1;
    for (int i = 0; i < pendingNames.size(); i++) {
      if (rule == Names.BY_ANY_SYNC || isIn(synced, pendingNames.get(i))) {
        last = i;
      }
    }
    List<NameChange> done = pendingNames.subList(0, last + 1);
    done.forEach(change -> apply(durableNames, change));
    done.clear();
  }

  private static boolean isIn(String folder, NameChange change) {
    String name =
        switch (change) {
          case Put put -> put.name();
          case Remove remove -> remove.name();
          case Move move -> move.to();
        };
    return name.lastIndexOf('/') == folder.length() && name.startsWith(folder);
  }

  /// What is on the disk when the power is gone now.
  Map<String, OnDisk> cut(Random random) {
    Map<String, Inode> left = new LinkedHashMap<>(durableNames);
    int kept = random.nextInt(pendingNames.size() + 1);
    pendingNames.subList(0, kept).forEach(change -> apply(left, change));
    Map<Inode, OnDisk> contents = new HashMap<>();
    Map<String, OnDisk> files = new LinkedHashMap<>();
    left.forEach((name, inode) ->
        files.put(
            name,
            contents.computeIfAbsent(inode, of -> new OnDisk(of.number, content(of, random)))));
    return files;
  }

  /// What is in the files if all that has happened until now arrives.
  Map<String, byte[]> all() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    names.forEach((name, inode) -> files.put(name, content(inode, null)));
    return files;
  }

  /// @param random chooses what arrives; null: everything
  private static byte[] content(Inode inode, Random random) {
    double chance = random == null ? 1 : KEPT[random.nextInt(KEPT.length)];
    int piece = random == null ? WHOLE : PIECES[random.nextInt(PIECES.length)];
    Image image = new Image(inode.durable);
    for (Change change : inode.pending) {
      switch (change) {
        case Write(long offset, byte[] bytes) -> {
          int at = Math.toIntExact(offset);
          int from = 0;
          while (from < bytes.length) {
            int room = piece == WHOLE ? WHOLE : piece - (at + from) % piece;
            int length = Math.min(room, bytes.length - from);
            if (random == null || random.nextDouble() < chance) {
              image.put(at + from, bytes, from, length);
            } else if (random.nextBoolean()) {
              image.growTo(at + from + length);
            }
            from += length;
          }
        }
        case Size(long size) -> {
          if (random == null || random.nextDouble() < chance) {
            image.resize(Math.toIntExact(size));
          }
        }
      }
    }
    return image.bytes();
  }

  private static final class Image {
    private byte[] bytes;
    private int size;

    Image(byte[] before) {
      bytes = before.clone();
      size = before.length;
    }

    void growTo(int wanted) {
      if (wanted > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(wanted, bytes.length * 2));
      }
      size = Math.max(size, wanted);
    }

    void put(int at, byte[] from, int offset, int length) {
      growTo(at + length);
      System.arraycopy(from, offset, bytes, at, length);
    }

    void resize(int wanted) {
      if (wanted < size) {
        Arrays.fill(bytes, wanted, size, (byte) 0);
        size = wanted;
      }
      growTo(wanted);
    }

    byte[] bytes() {
      return Arrays.copyOf(bytes, size);
    }
  }

  /// Puts files into the folder in place of all that is there, each with the inode that it had, and
  /// with all its names.
  static void restore(Path folder, Map<String, OnDisk> files) throws IOException {
    Path kept = Shim.kept(folder);
    for (Path old : Recording.files(folder)) {
      OnDisk wanted = files.get(old.toString());
      long inode = (Long) Files.getAttribute(old, "unix:ino");
      if (wanted == null || wanted.inode() != inode) {
        keep(old, kept.resolve(Long.toString(inode)));
        Files.delete(old);
      }
    }
    for (Map.Entry<String, OnDisk> file : files.entrySet()) {
      Path path = Path.of(file.getKey());
      Path second = kept.resolve(Long.toString(file.getValue().inode()));
      Files.createDirectories(path.getParent());
      if (Files.notExists(path) && Files.exists(second)) {
        Files.createLink(path, second);
      }
      Files.write(path, file.getValue().bytes());
    }
  }

  /// A file of before the recording may be wanted again under its number.
  private static void keep(Path file, Path second) throws IOException {
    if (Files.isDirectory(second.getParent()) && Files.notExists(second)) {
      Files.createLink(second, file);
    }
  }

  /// Holds the end of a recording against the folder as it is.
  ///
  /// @throws IllegalStateException if something was not recorded: then no replay is honest
  static void requireComplete(Recording recording, List<Event> events) throws IOException {
    PowerCut disk = new PowerCut(recording, Names.BY_ANY_SYNC);
    events.forEach(disk::play);
    Map<String, byte[]> all = disk.all();
    Set<String> there = new TreeSet<>();
    for (Path file : Recording.files(recording.folder())) {
      if (file.toString().endsWith("-shm")) {
        continue;
      }
      there.add(file.toString());
      if (!Arrays.equals(Files.readAllBytes(file), all.get(file.toString()))) {
        throw new IllegalStateException("the recording lacks something of " + file);
      }
    }
    if (!there.equals(all.keySet())) {
      throw new IllegalStateException("there is " + there + ", recorded is " + all.keySet());
    }
  }

  /// Chooses moments: half of them right behind a sync, a rename or a note, where promises begin,
  /// half anywhere.
  static Set<Integer> moments(List<Event> events, int count, Random random) {
    List<Integer> promising = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      if (!(events.get(i) instanceof Written)) {
        promising.add(i);
      }
    }
    Set<Integer> chosen = new HashSet<>();
    for (int i = 0; i < count; i++) {
      chosen.add(
          i % 2 == 0 && !promising.isEmpty()
              ? promising.get(random.nextInt(promising.size()))
              : random.nextInt(events.size()));
    }
    return new TreeSet<>(chosen);
  }
}
