package dev.patronus.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class ToolsTest {

  @Test
  void what_is_missing_fails_a_test_where_tools_are_required_and_skips_it_elsewhere() {
    AssertionFailedError failed =
        assertThrows(
            AssertionFailedError.class, () -> Tools.lack(true, "no-such-tool is not installed"));
    assertTrue(failed.getMessage().startsWith("no-such-tool is not installed; install it"));
    TestAbortedException skipped =
        assertThrows(
            TestAbortedException.class, () -> Tools.lack(false, "no-such-tool is not installed"));
    assertTrue(skipped.getMessage().contains("no-such-tool is not installed"));
  }

  @Test
  void a_missing_program_ends_the_test_by_its_name() {
    Throwable thrown = assertThrows(Throwable.class, () -> Tools.require("sh", "no-such-tool"));
    assertTrue(thrown.getMessage().contains("no-such-tool is not installed"), thrown::toString);
    Tools.require("sh");
    Tools.requireOneOf(List.of("no-such-tool", "sh"));
  }

  @Test
  void a_kernel_without_a_feature_skips_the_test_everywhere() {
    assertThrows(
        TestAbortedException.class, () -> Tools.requireKernel(false, "feature of this test"));
    Tools.requireKernel(true, "feature of this test");
  }

  @Test
  void tools_are_required_in_continuous_integration() {
    assertFalse(Tools.areRequired(Map.of()));
    assertFalse(Tools.areRequired(Map.of("CI", "")));
    assertFalse(Tools.areRequired(Map.of("CI", "false")));
    assertTrue(Tools.areRequired(Map.of("CI", "true")));
    assertTrue(Tools.areRequired(Map.of("CI", "1")));
    assertTrue(Tools.areRequired(Map.of("PATRONUS_REQUIRE_TOOLS", "1")));
    assertFalse(Tools.areRequired(Map.of("CI", "true", "PATRONUS_REQUIRE_TOOLS", "0")));
  }

  /// An assumption elsewhere would skip a test silently in continuous integration.
  @Test
  void no_other_class_assumes_anything() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      List<Path> assuming =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> !file.toString().contains("/testing/Tools"))
              .filter(file -> assumes(file))
              .toList();
      assertEquals(List.of(), assuming);
    }
  }

  private static boolean assumes(Path file) {
    try {
      return Files.readString(file).contains("org.junit.jupiter.api.Assumptions");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
