package dev.patronus.source.netflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateFileTest {
  private static final byte[] CONTENT = {1, 2, 3, 4, 5};

  @TempDir private Path folder;
  private TemplateFile store;

  @BeforeEach
  void open() {
    store = TemplateFile.in(folder, "netflow://[::1]:2055");
  }

  @Test
  void its_file_is_named_for_the_source() {
    assertEquals(folder.resolve("netflow-1-2055.templates"), store.file());
  }

  @Test
  void where_there_is_no_file_there_is_nothing() throws Exception {
    assertEquals(0, store.load().length);
  }

  @Test
  void what_was_saved_last_is_loaded() throws Exception {
    store.save(new byte[100]);
    store.save(CONTENT);
    assertArrayEquals(CONTENT, store.load());
  }

  @Test
  void nothing_but_the_file_stays_in_the_folder() throws Exception {
    store.save(CONTENT);
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void any_damaged_byte_and_any_missing_end_is_noticed() throws Exception {
    store.save(CONTENT);
    byte[] good = Files.readAllBytes(store.file());
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(store.file(), bad);
      assertThrows(IOException.class, store::load, "byte " + at);
      Files.write(store.file(), Arrays.copyOf(good, at));
      assertThrows(IOException.class, store::load, "length " + at);
    }
  }

  @Test
  void a_folder_that_is_missing_is_named() {
    TemplateFile nowhere = new TemplateFile(folder.resolve("missing/file"));
    String message = assertThrows(IOException.class, () -> nowhere.save(CONTENT)).getMessage();
    assertTrue(message.contains("missing"), message);
  }
}
