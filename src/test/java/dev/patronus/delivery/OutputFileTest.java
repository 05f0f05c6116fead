package dev.patronus.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
  @TempDir Path folder;

  private OutputFile begin(String name) {
    Path target = OutputFile.target(folder.resolve(name));
    return OutputFile.begin(target, OutputFile.partOf(target));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void write(OutputFile file, String text) throws IOException {
    file.out().write(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void a_file_is_seen_under_its_name_only_when_it_is_whole() throws IOException {
    try (OutputFile file = begin("a.csv")) {
      write(file, "1,2");
      assertTrue(names().getFirst().matches("\\.a\\.csv\\.[0-9a-f]{8}\\.part"), names()::toString);
      assertEquals(3, file.seal());
      file.appear();
    }
    assertEquals(List.of("a.csv"), names());
    assertEquals("1,2", Files.readString(folder.resolve("a.csv")));
  }

  @Test
  void what_did_not_become_whole_leaves_nothing_and_the_old_file_as_it_was() throws IOException {
    Files.writeString(folder.resolve("a.csv"), "old");
    try (OutputFile file = begin("a.csv")) {
      write(file, "half");
    }
    assertEquals(List.of("a.csv"), names());
    assertEquals("old", Files.readString(folder.resolve("a.csv")));
  }

  @Test
  void a_name_that_ends_in_gz_is_compressed() throws IOException {
    try (OutputFile file = begin("a.csv.gz")) {
      write(file, "1,2");
      file.seal();
      file.appear();
    }
    try (InputStream in = new GZIPInputStream(Files.newInputStream(folder.resolve("a.csv.gz")))) {
      assertEquals("1,2", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void a_link_is_followed_and_stays_a_link() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real"));
    Files.writeString(real.resolve("a.csv"), "old");
    Files.createSymbolicLink(folder.resolve("a.csv"), real.resolve("a.csv"));
    try (OutputFile file = begin("a.csv")) {
      write(file, "new");
      file.seal();
      file.appear();
    }
    assertTrue(Files.isSymbolicLink(folder.resolve("a.csv")));
    assertEquals("new", Files.readString(real.resolve("a.csv")));
  }

  @Test
  void a_folder_that_is_not_there_is_refused() {
    Path missing = folder.resolve("missing/a.csv");
    UserError error = assertThrows(UserError.class, () -> OutputFile.target(missing));
    assertEquals(
        "there is no folder " + folder.resolve("missing") + "; make it, or name another --file",
        error.getMessage());
  }

  @Test
  void a_folder_and_a_device_are_no_files() {
    assertThrows(UserError.class, () -> OutputFile.target(folder));
    assertThrows(UserError.class, () -> OutputFile.target(Path.of("/dev/null")));
  }
}
