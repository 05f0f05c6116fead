package dev.patronus.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  private static final int NOBODY = 65534;

  @TempDir Path folder;

  private Path file(String name) {
    return folder.resolve(name);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void write(AtomicFile file, String text) throws IOException {
    file.out().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private void make(String name, FileRights rights) throws IOException {
    try (AtomicFile file = AtomicFile.begin(file(name), rights)) {
      write(file, "new");
      file.commit();
    }
  }

  private Path existing(String name, String mode) throws IOException {
    Files.writeString(file(name), "old");
    return Files.setPosixFilePermissions(file(name), PosixFilePermissions.fromString(mode));
  }

  private String mode(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file(name)));
  }

  @Test
  void an_old_empty_temporary_file_of_the_same_name_is_deleted_and_no_other() throws IOException {
    Instant old = Instant.parse("2026-11-01T00:00:00Z");
    for (String name : List.of(".a.csv.00000001.part", ".a.csv.00000002.part", ".b.csv.3.part")) {
      Files.createFile(file(name));
      Files.setLastModifiedTime(file(name), FileTime.from(old));
    }
    Files.writeString(file(".a.csv.00000002.part"), "1,2");
    Files.setLastModifiedTime(file(".a.csv.00000002.part"), FileTime.from(old));
    Files.createFile(file(".a.csv.00000004.part"));
    AtomicFile.deleteEmptyLeftovers(file("a.csv"), old.plusSeconds(1));
    assertEquals(List.of(".a.csv.00000002.part", ".a.csv.00000004.part", ".b.csv.3.part"), names());
  }

  @Test
  void a_file_has_its_name_only_when_it_is_complete() throws IOException {
    try (AtomicFile file = AtomicFile.begin(file("a.csv"), FileRights.OUTPUT)) {
      write(file, "1,2");
      assertTrue(names().getFirst().matches("\\.a\\.csv\\.[0-9a-f]{8}\\.part"), names()::toString);
      assertEquals("rw-------", mode(names().getFirst()));
      assertEquals(3, file.sync());
      file.commit();
    }
    assertEquals(List.of("a.csv"), names());
    assertEquals("1,2", Files.readString(file("a.csv")));
  }

  @Test
  void without_a_commit_nothing_is_left_and_the_old_file_is_as_it_was() throws IOException {
    Files.writeString(file("a.csv"), "old");
    try (AtomicFile file = AtomicFile.begin(file("a.csv"), FileRights.OUTPUT)) {
      write(file, "half");
    }
    assertEquals(List.of("a.csv"), names());
    assertEquals("old", Files.readString(file("a.csv")));
  }

  @Test
  void a_new_name_that_is_taken_is_refused_and_left_as_it_is() throws IOException {
    Files.writeString(file("a"), "old");
    try (AtomicFile file = AtomicFile.begin(file("a"), FileRights.OUTPUT)) {
      write(file, "new");
      assertThrows(FileAlreadyExistsException.class, file::commitNew);
    }
    assertEquals(List.of("a"), names());
    assertEquals("old", Files.readString(file("a")));
  }

  @Test
  void a_new_name_that_is_free_is_given() throws IOException {
    try (AtomicFile file = AtomicFile.begin(file("a"), FileRights.OUTPUT)) {
      write(file, "new");
      file.commitNew();
    }
    assertEquals(List.of("a"), names());
  }

  @Test
  void each_kind_of_file_has_a_mode_of_its_own() throws IOException {
    make("state", FileRights.STATE);
    make("output", FileRights.OUTPUT);
    make("database", FileRights.DATABASE);
    make("copy", FileRights.copyOf(FileStatus.of(existing("original", "rw-r--r--")).orElseThrow()));
    assertEquals("rw-------", mode("state"));
    assertEquals("rw-r-----", mode("output"));
    assertEquals("rw-r-----", mode("database"));
    assertEquals("rw-------", mode("copy"));
  }

  @Test
  void an_output_keeps_the_mode_of_the_file_that_it_replaces() throws IOException {
    existing("closed", "rw-------");
    existing("open", "rw-rw-r--");
    make("closed", FileRights.OUTPUT);
    make("open", FileRights.OUTPUT);
    assertEquals("rw-------", mode("closed"));
    assertEquals("rw-rw-r--", mode("open"));
  }

  @Test
  void state_that_others_could_read_is_replaced_by_one_that_they_cannot() throws IOException {
    existing("state", "rw-r--r--");
    make("state", FileRights.STATE);
    assertEquals("rw-------", mode("state"));
  }

  @Test
  void a_copy_is_never_more_open_than_its_original() throws IOException {
    FileStatus original = FileStatus.of(existing("original", "rw-r-----")).orElseThrow();
    existing("copy", "rw-rw-rw-");
    make("copy", FileRights.copyOf(original));
    assertEquals("rw-r-----", mode("copy"));
  }

  @Test
  void a_file_that_root_replaces_keeps_its_owner_and_group() throws IOException {
    Tools.requireRoot();
    for (String name : List.of("output", "state")) {
      Files.setAttribute(existing(name, "rw-r-----"), "unix:uid", NOBODY);
      Files.setAttribute(file(name), "unix:gid", NOBODY);
      make(name, name.equals("state") ? FileRights.STATE : FileRights.OUTPUT);
      FileStatus status = FileStatus.of(file(name)).orElseThrow();
      assertEquals(NOBODY, status.owner());
      assertEquals(NOBODY, status.group());
    }
  }

  @Test
  void state_that_root_makes_belongs_to_the_owner_of_its_folder() throws IOException {
    Tools.requireRoot();
    Files.setAttribute(folder, "unix:uid", NOBODY);
    make("state", FileRights.STATE);
    make("output", FileRights.OUTPUT);
    assertEquals(NOBODY, FileStatus.of(file("state")).orElseThrow().owner());
    assertEquals(0, FileStatus.of(file("output")).orElseThrow().owner());
  }

  @Test
  void state_is_never_written_where_a_link_has_its_name() throws IOException {
    Files.writeString(file("victim"), "precious");
    Files.createSymbolicLink(file("state"), file("victim"));
    RefusedName refused =
        assertThrows(RefusedName.class, () -> AtomicFile.beginState(file("state")).close());
    assertEquals(
        file("state") + " is a symbolic link, not a file of patronus; remove it",
        refused.getMessage());
    assertEquals("precious", Files.readString(file("victim")));
  }

  @Test
  void a_link_with_the_temporary_name_is_not_followed() throws IOException {
    Files.writeString(file("victim"), "precious");
    Path temporary = AtomicFile.temporaryOf(file("a"));
    Files.createSymbolicLink(temporary, file("victim"));
    assertThrows(
        IOException.class, () -> AtomicFile.begin(file("a"), temporary, FileRights.OUTPUT).close());
    assertEquals("precious", Files.readString(file("victim")));
    assertTrue(Files.isSymbolicLink(temporary));
  }

  @Test
  void what_somebody_puts_in_the_place_of_the_temporary_file_is_neither_named_nor_deleted()
      throws IOException {
    try (AtomicFile file = AtomicFile.begin(file("a"), FileRights.OUTPUT)) {
      Files.delete(file.temporary());
      Files.writeString(file.temporary(), "another one");
      assertThrows(IOException.class, file::commit);
    }
    assertEquals(1, names().size());
    assertFalse(Files.exists(file("a")));
  }

  @Test
  void what_a_killed_writer_of_state_has_left_is_deleted_by_the_next() throws IOException {
    Files.writeString(file(".state.0123abcd.part"), "half");
    Files.writeString(file(".state.0123abcd.party"), "a user's");
    Files.writeString(file(".other.0123abcd.part"), "another file's");
    Files.createSymbolicLink(file(".state.0123abce.part"), file(".other.0123abcd.part"));
    try (AtomicFile file = AtomicFile.beginState(file("state"))) {
      file.commit();
    }
    assertEquals(
        List.of(".other.0123abcd.part", ".state.0123abcd.party", ".state.0123abce.part", "state"),
        names());
  }
}
