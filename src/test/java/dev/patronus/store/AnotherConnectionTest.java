package dev.patronus.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnotherConnectionTest {
  @TempDir Path folder;

  private static Long sites(Database database) {
    RowReader<Long> number = row -> row.getLong(1);
    return database.read(
        open -> number.first(open, "SELECT count(*) FROM sdwan_sites").orElseThrow());
  }

  @Test
  void another_connection_reads_the_same_file_and_outlives_the_first()
      throws SQLException, IOException {
    Path file = SampleDatabase.make(folder, Age.NEWEST);
    Database first = Database.openReadOnly(file);
    try (Database other = first.another().orElseThrow()) {
      first.close();
      assertEquals(4L, sites(other));
    }
  }

  @Test
  void there_is_none_to_a_file_that_another_has_replaced() throws SQLException, IOException {
    Path file = SampleDatabase.make(folder, Age.NEWEST);
    try (Database first = Database.openReadOnly(file)) {
      Path copy = folder.resolve("copy.db");
      Files.copy(SampleDatabase.make(Files.createDirectory(folder.resolve("b")), Age.NEWEST), copy);
      Files.move(copy, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      assertEquals(Optional.empty(), first.another());
    }
    assertFalse(Database.isOpen(file));
  }
}
