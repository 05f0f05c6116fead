package dev.patronus.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a reader leaves beside a database in WAL.
class LogOfReaderTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void create() throws SQLException, IOException {
    file = SampleDatabase.make(folder, Age.NEWEST);
    try (PlatformDatabase database = PlatformDatabase.open(file)) {
      database.rows("PRAGMA journal_mode = WAL");
    }
  }

  private Path beside(String ending) {
    return file.resolveSibling(file.getFileName() + ending);
  }

  private static long sites(Database database) {
    RowReader<Long> number = row -> row.getLong(1);
    return database.read(
        open -> number.first(open, "SELECT count(*) FROM sdwan_sites").orElseThrow());
  }

  @Test
  void the_files_that_a_reader_made_are_gone_when_it_has_closed_and_the_database_is_as_it_was()
      throws IOException {
    byte[] before = Files.readAllBytes(file);
    try (Database reader = Database.openReadOnly(file)) {
      assertEquals(4, sites(reader));
      assertTrue(Files.exists(beside("-wal")));
    }
    assertFalse(Files.exists(beside("-wal")));
    assertFalse(Files.exists(beside("-shm")));
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  @Test
  void the_last_of_two_connections_removes_them() {
    Database first = Database.openReadOnly(file);
    try (Database other = first.another().orElseThrow()) {
      first.close();
      assertEquals(4, sites(other));
    }
    assertFalse(Files.exists(beside("-wal")));
  }

  @Test
  void they_stay_while_a_writer_that_came_meanwhile_has_the_database_open()
      throws SQLException, IOException {
    Database reader = Database.openReadOnly(file);
    assertEquals(4, sites(reader));
    try (PlatformDatabase writer = PlatformDatabase.open(file)) {
      writer.site("5f0a", "new");
      reader.close();
      assertTrue(Files.size(beside("-wal")) > 0);
      assertEquals(5, writer.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @Test
  void a_log_that_was_there_before_the_reader_stays_as_it_was() throws SQLException, IOException {
    Path crashed = Files.createDirectory(folder.resolve("crashed")).resolve("sdwan.db");
    Path log = crashed.resolveSibling("sdwan.db-wal");
    try (PlatformDatabase writer = PlatformDatabase.open(file)) {
      writer.site("5f0a", "new");
      Files.copy(file, crashed);
      Files.copy(beside("-wal"), log);
    }
    byte[] before = Files.readAllBytes(log);
    byte[] database = Files.readAllBytes(crashed);
    try (Database reader = Database.openReadOnly(crashed)) {
      assertEquals(5, sites(reader));
    }
    assertArrayEquals(before, Files.readAllBytes(log));
    assertArrayEquals(database, Files.readAllBytes(crashed));
  }
}
