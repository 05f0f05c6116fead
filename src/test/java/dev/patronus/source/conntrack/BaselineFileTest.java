package dev.patronus.source.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.Volume;
import dev.patronus.source.conntrack.ConntrackEntry.Counted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineFileTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("conntrack.baseline");
  }

  private static ConntrackTable table(int entries) {
    ConntrackTable table = new ConntrackTable();
    for (int i = 1; i <= entries; i++) {
      table.restore(i * 77L, new Counted(new Volume(i, 2L * i), new Volume(3L * i, 4L * i)));
    }
    return table;
  }

  private static Map<Long, Counted> entries(ConntrackTable table) {
    Map<Long, Counted> entries = new HashMap<>();
    table.forEach(entries::put);
    return entries;
  }

  @Test
  void what_was_saved_is_restored() throws IOException {
    BaselineFile baseline = new BaselineFile(file(), "boot net:[1]");
    baseline.save(table(1000));
    ConntrackTable restored = new ConntrackTable();
    assertTrue(baseline.restore(restored));
    assertEquals(entries(table(1000)), entries(restored));
  }

  @Test
  void without_a_file_there_is_nothing() throws IOException {
    assertFalse(new BaselineFile(file(), "boot").restore(new ConntrackTable()));
  }

  @Test
  void a_file_of_another_boot_is_as_good_as_none() throws IOException {
    new BaselineFile(file(), "boot 1").save(table(3));
    ConntrackTable restored = new ConntrackTable();
    assertFalse(new BaselineFile(file(), "boot 2").restore(restored));
    assertEquals(0, restored.size());
  }

  @Test
  void a_file_that_is_cut_or_changed_anywhere_is_as_good_as_none() throws IOException {
    BaselineFile baseline = new BaselineFile(file(), "boot");
    baseline.save(table(3));
    byte[] whole = Files.readAllBytes(file());
    for (int at = 0; at < whole.length; at++) {
      assertRefused(baseline, Arrays.copyOf(whole, at), "cut at " + at);
      byte[] changed = whole.clone();
      changed[at] ^= 0x10;
      assertRefused(baseline, changed, "changed at " + at);
    }
  }

  private void assertRefused(BaselineFile baseline, byte[] bytes, String how) throws IOException {
    Files.write(file(), bytes);
    ConntrackTable restored = new ConntrackTable();
    assertFalse(baseline.restore(restored), how);
    assertEquals(0, restored.size(), how);
  }

  @Test
  void saving_leaves_nothing_beside_the_file() throws IOException {
    new BaselineFile(file(), "boot").save(table(3));
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }
}
