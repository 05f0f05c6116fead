package dev.patronus.collect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CounterFileTest {
  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void name() {
    path = folder.resolve("counters");
  }

  private CounterFile open() throws IOException {
    return CounterFile.open(path, "database 1");
  }

  private void write(int slot, long id, long packets) throws IOException {
    try (CounterFile file = open()) {
      file.stage(slot, id, CounterSlot.USED, packets, 100 * packets, 7);
      file.commit();
    }
  }

  private CounterSlot read(int slot) throws IOException {
    try (CounterFile file = open()) {
      return file.read(slot);
    }
  }

  @Test
  void what_was_committed_is_there_after_opening_again() throws IOException {
    write(5, -3, 11);
    assertEquals(new CounterSlot(-3, CounterSlot.USED, 11, 1100, 7), read(5));
    assertFalse(read(4).isUsed());
  }

  @Test
  void what_was_staged_and_not_committed_is_not() throws IOException {
    try (CounterFile file = open()) {
      file.stage(5, -3, CounterSlot.USED, 11, 1100, 7);
    }
    assertFalse(read(5).isUsed());
  }

  @Test
  void a_log_that_was_committed_and_not_applied_is_applied() throws IOException {
    write(5, -3, 11);
    change(file -> log(file, 9, true));
    assertEquals(new CounterSlot(-3, CounterSlot.USED, 12, 1200, 8), read(5));
    assertEquals(new CounterSlot(-3, CounterSlot.USED, 12, 1200, 8), read(5));
  }

  @Test
  void a_log_that_is_older_than_its_slot_is_not_applied() throws IOException {
    write(5, -3, 11);
    change(file -> log(file, 0, true));
    assertEquals(11, read(5).packets());
  }

  @Test
  void a_torn_log_is_not_applied() throws IOException {
    write(5, -3, 11);
    change(file -> log(file, 9, false));
    assertEquals(11, read(5).packets());
  }

  @Test
  void a_long_log_is_applied_too() throws IOException {
    write(5, -3, 11);
    change(file -> log(file, 200, 9, true));
    assertEquals(new CounterSlot(-3, CounterSlot.USED, 12, 1200, 8), read(5));
    assertEquals(new CounterSlot(196, CounterSlot.USED, 12, 1200, 8), read(204));
  }

  @Test
  void a_commit_of_many_slots_is_there_after_opening_again() throws IOException {
    try (CounterFile file = open()) {
      for (int slot = 0; slot < file.capacity(); slot++) {
        file.stage(slot, slot, CounterSlot.USED, 7, 700, 9);
      }
      file.commit();
      file.grow();
      assertFalse(file.read(file.capacity() - 1).isUsed());
    }
    assertEquals(new CounterSlot(255, CounterSlot.USED, 7, 700, 9), read(255));
    assertFalse(read(256).isUsed());
  }

  @Test
  void a_file_of_an_earlier_version_has_no_long_log_and_is_read() throws IOException {
    write(5, 2, 20);
    byte[] before = Arrays.copyOf(Files.readAllBytes(path), (int) CounterLayout.slot(256));
    Files.write(path, before);
    try (CounterFile file = open()) {
      assertTrue(file.problem().isEmpty());
      assertEquals(20, file.read(5).packets());
    }
    assertEquals(CounterLayout.size(256), Files.size(path));
  }

  private static void log(ByteBuffer file, long sequence, boolean whole) {
    log(file, 1, sequence, whole);
  }

  /// Writes a log that says that slots from 5 on have 12 packets.
  private static void log(ByteBuffer file, int count, long sequence, boolean whole) {
    int capacity = CounterLayout.capacity(file.getLong(CounterLayout.CAPACITY_AT));
    int at = (int) CounterLayout.entries(count, capacity);
    long check = CounterLayout.MAGIC;
    for (int i = 0; i < count; i++) {
      long[] entry = {5 + i, i - 3, CounterSlot.USED, 12, 1200, 8};
      for (long word : entry) {
        file.putLong(at, word);
        at += Long.BYTES;
      }
      long sum = CounterLayout.sum(entry[0], entry[1], entry[2], entry[3], entry[4], entry[5]);
      check = CounterLayout.next(check, sum);
    }
    check = CounterLayout.mix(check, sequence);
    file.putLong(CounterLayout.LOG_SEQUENCE_AT, sequence);
    file.putLong(CounterLayout.LOG_CHECK_AT, CounterLayout.seal(check) + (whole ? 0 : 2));
    file.putLong(CounterLayout.LOG_AT, count);
  }

  private interface Change {
    void to(ByteBuffer file);
  }

  private void change(Change change) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    change.to(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()));
    Files.write(path, bytes);
  }

  @Test
  void a_torn_slot_is_free_and_counted_and_the_others_stay() throws IOException {
    write(4, 1, 10);
    write(5, 2, 20);
    change(file -> file.putLong((int) CounterLayout.slot(5) + 16, 21));
    try (CounterFile file = open()) {
      assertEquals(1, file.damaged());
      assertFalse(file.read(5).isUsed());
      assertEquals(10, file.read(4).packets());
    }
  }

  @Test
  void a_file_of_another_database_is_put_aside() throws IOException {
    write(5, 2, 20);
    try (CounterFile file = CounterFile.open(path, "database 2")) {
      assertFalse(file.read(5).isUsed());
      assertEquals(
          path + " was renamed to " + path + ".quarantined: it belongs to another database",
          file.problem().orElseThrow());
    }
    Files.move(folder.resolve("counters.quarantined"), path, StandardCopyOption.REPLACE_EXISTING);
    assertEquals(20, read(5).packets());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4095, 5000, 12288 + 255 * 64})
  void a_file_that_was_cut_is_put_aside(int length) throws IOException {
    write(5, 2, 20);
    byte[] bytes = Arrays.copyOf(Files.readAllBytes(path), length);
    Files.write(path, bytes);
    try (CounterFile file = open()) {
      assertTrue(file.problem().isPresent());
      assertFalse(file.read(5).isUsed());
    }
    assertEquals(length, Files.size(folder.resolve("counters.quarantined")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, CounterLayout.CAPACITY_AT, CounterLayout.IDENTITY_LENGTH_AT, 24, 34})
  void a_file_with_a_damaged_header_is_put_aside(int at) throws IOException {
    write(5, 2, 20);
    change(file -> file.put(at, (byte) (file.get(at) ^ 4)));
    try (CounterFile file = open()) {
      assertTrue(file.problem().isPresent());
    }
  }

  @Test
  void random_bytes_are_put_aside_or_read_and_never_more() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    write(5, 2, 20);
    byte[] whole = Files.readAllBytes(path);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = whole.clone();
      for (int n = random.nextInt(20); n >= 0; n--) {
        bytes[random.nextInt(random.nextBoolean() ? 64 : bytes.length)] = (byte) random.nextInt();
      }
      Files.write(path, bytes);
      try (CounterFile file = open()) {
        CounterSlot slot = file.read(5);
        assertEquals(100 * slot.packets(), slot.bytes(), () -> "seed " + seed);
      }
    }
  }

  @Test
  void a_file_that_grows_keeps_what_it_has() throws IOException {
    write(5, 2, 20);
    try (CounterFile file = open()) {
      int before = file.capacity();
      file.grow();
      assertTrue(file.capacity() > before);
      file.stage(file.capacity() - 1, 9, CounterSlot.USED, 1, 100, 1);
      file.commit();
    }
    try (CounterFile file = open()) {
      assertEquals(20, file.read(5).packets());
      assertEquals(9, file.read(file.capacity() - 1).id());
      assertTrue(file.problem().isEmpty());
    }
  }

  @Test
  void growth_that_was_broken_off_does_no_harm() throws IOException {
    write(5, 2, 20);
    byte[] longer = Arrays.copyOf(Files.readAllBytes(path), 12288 + 300 * 64);
    Files.write(path, longer);
    assertEquals(20, read(5).packets());
  }

  @Test
  void it_stops_growing_at_its_limit() throws IOException {
    try (CounterFile file = open()) {
      while (file.capacity() < CounterFile.CAPACITY_MAX) {
        file.grow();
      }
      assertEquals(CounterFile.CAPACITY_MAX, file.capacity());
    }
    assertEquals(CounterLayout.size(CounterFile.CAPACITY_MAX), Files.size(path));
  }
}
