package dev.patronus.shell;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.patronus.file.AtomicFile;
import dev.patronus.file.FileRights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The lines that were typed, from one shell to the next: one a line, the newest last.
///
/// Only its owner can read it (mode 0600, in a folder of 0700 if it is made here). Lines are
/// appended one by one, so that several shells keep all of theirs. At most [#MOST] are loaded, and
/// when there are twice as many, the older ones go.
public final class HistoryFile {
  static final int MOST = 1000;

  private static final Set<PosixFilePermission> FOLDER_FOR_OWNER =
      PosixFilePermissions.fromString("rwx------");

  private final @Nullable Path file;

  /// @param file null for one that remembers nothing
  HistoryFile(@Nullable Path file) {
    this.file = file;
  }

  /// One that remembers nothing.
  public static HistoryFile none() {
    return new HistoryFile(null);
  }

  /// Where it lies: `$XDG_STATE_HOME/patronus/history`, without that variable, or with one that is
  /// no absolute path, `~/.local/state/patronus/history` (XDG Base Directory Specification).
  public static HistoryFile inHome(Map<String, String> env, String userHome) {
    String state = env.getOrDefault("XDG_STATE_HOME", "");
    String home = env.getOrDefault("HOME", "").isEmpty() ? userHome : env.get("HOME");
    Path folder = state.startsWith("/") ? Path.of(state) : Path.of(home, ".local", "state");
    return new HistoryFile(folder.resolve("patronus").resolve("history"));
  }

  /// The lines that are remembered, the newest last; none if there is no file yet.
  ///
  /// @throws IOException if it cannot be read
  List<String> load() throws IOException {
    if (file == null || !Files.exists(file)) {
      return List.of();
    }
    AtomicFile.restrict(file);
    List<String> lines = new ArrayList<>();
    for (String line : new String(Files.readAllBytes(file), UTF_8).split("\n", -1)) {
      if (!line.isEmpty()) {
        lines.add(unescaped(line));
      }
    }
    if (lines.size() > 2 * MOST) {
      replace(file, lines.subList(lines.size() - MOST, lines.size()));
    }
    return List.copyOf(lines.subList(Math.max(0, lines.size() - MOST), lines.size()));
  }

  /// Remembers a line.
  ///
  /// @throws IOException if it cannot be written
  void append(String line) throws IOException {
    if (file == null) {
      return;
    }
    if (!Files.exists(file)) {
      Files.createDirectories(
          file.getParent(), PosixFilePermissions.asFileAttribute(FOLDER_FOR_OWNER));
      create(file);
    }
    AtomicFile.requireFile(file);
    Files.write(
        file,
        (escaped(line) + "\n").getBytes(UTF_8),
        StandardOpenOption.APPEND,
        LinkOption.NOFOLLOW_LINKS);
  }

  private static void create(Path file) throws IOException {
    try (AtomicFile made = AtomicFile.begin(file, FileRights.STATE)) {
      made.commitNew();
    } catch (FileAlreadyExistsException _) {
      // another shell was first
    }
  }

  private static void replace(Path file, List<String> lines) throws IOException {
    List<String> escaped = lines.stream().map(HistoryFile::escaped).toList();
    try (AtomicFile fresh = AtomicFile.begin(file, FileRights.STATE)) {
      fresh.write(ByteBuffer.wrap((String.join("\n", escaped) + "\n").getBytes(UTF_8)));
      fresh.commit();
    }
  }

  private static String escaped(String line) {
    return line.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
  }

  private static String unescaped(String line) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length()) {
        i++;
        text.append(
            switch (line.charAt(i)) {
              case 'n' -> '\n';
              case 'r' -> '\r';
              default -> line.charAt(i);
            });
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
