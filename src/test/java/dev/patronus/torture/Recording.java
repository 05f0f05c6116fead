package dev.patronus.torture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What programs did to the files of a folder, in order, and how the folder was before.
///
/// Immutable but for the log behind it, which grows until [#read()].
final class Recording {
  private static final int HEAD = 32;
  private static final int INODE_AT = 8;
  private static final int OFFSET_AT = 16;
  private static final int LENGTHS_AT = 24;

  /// One thing that happened.
  sealed interface Event {}

  record Created(long inode, String name) implements Event {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Written(long inode, long offset, byte[] bytes) implements Event {}

  /// Cut or grown to a size.
  record Sized(long inode, long size) implements Event {}

  record Renamed(String from, String to) implements Event {}

  record Linked(String from, String to) implements Event {}

  record Unlinked(String name) implements Event {}

  record Synced(long inode) implements Event {}

  record FolderSynced(String name) implements Event {}

  /// What the test has said, so that it knows what had happened by then.
  record Note(String text) implements Event {}

  /// A file as it was before.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Before(long inode, byte[] bytes) {}

  private final Path folder;
  private final Path log;
  private final Map<String, Before> before;

  private Recording(Path folder, Path log, Map<String, Before> before) {
    this.folder = folder;
    this.log = log;
    this.before = before;
  }

  static Recording begin(Path folder, Path log) throws IOException {
    Map<String, Before> before = new LinkedHashMap<>();
    for (Path file : files(folder)) {
      if (!file.toString().endsWith("-shm")) {
        long inode = (Long) Files.getAttribute(file, "unix:ino");
        before.put(file.toString(), new Before(inode, Files.readAllBytes(file)));
      }
    }
    return new Recording(folder, log, before);
  }

  /// The regular files below a folder.
  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  Path folder() {
    return folder;
  }

  Map<String, Before> before() {
    return before;
  }

  /// Writes a note behind what has happened until now.
  void note(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer line = ByteBuffer.allocate(HEAD + bytes.length).order(ByteOrder.nativeOrder());
    line.put(0, (byte) 'N').putInt(LENGTHS_AT, bytes.length).put(HEAD, bytes);
    Files.write(log, line.array(), StandardOpenOption.APPEND);
  }

  /// All that was recorded.
  ///
  /// @throws IllegalStateException if something happened that cannot be recorded
  List<Event> read() throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(log)).order(ByteOrder.nativeOrder());
    List<Event> events = new ArrayList<>();
    while (all.hasRemaining()) {
      int at = all.position();
      byte[] one = new byte[all.getInt(at + LENGTHS_AT)];
      byte[] two = new byte[all.getInt(at + LENGTHS_AT + Integer.BYTES)];
      all.position(at + HEAD).get(one).get(two);
      String first = new String(one, StandardCharsets.UTF_8);
      String second = new String(two, StandardCharsets.UTF_8);
      long inode = all.getLong(at + INODE_AT);
      long offset = all.getLong(at + OFFSET_AT);
      switch ((char) all.get(at)) {
        case 'C' -> events.add(new Created(inode, first));
        case 'W' -> events.add(new Written(inode, offset, one));
        case 'T' -> events.add(new Sized(inode, offset));
        case 'R' -> events.add(new Renamed(first, second));
        case 'L' -> events.add(new Linked(first, second));
        case 'U' -> events.add(new Unlinked(first));
        case 'S' -> events.add(new Synced(inode));
        case 'D' -> events.add(new FolderSynced(first));
        case 'N' -> events.add(new Note(first));
        case 'K' -> {} // folders are made again when a file is to lie in them
        default -> throw new IllegalStateException("cannot record " + first);
      }
    }
    return events;
  }
}
