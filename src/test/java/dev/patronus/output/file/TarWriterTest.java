package dev.patronus.output.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What tar(1) makes of the archive.
class TarWriterTest {
  private static final Instant TIME = Instant.parse("2026-11-23T14:00:00Z");
  @TempDir private Path folder;

  @Test
  void tar_unpacks_files_of_every_length_as_they_were() throws IOException {
    Tools.require("tar");
    Random random = new Random(1);
    int[] lengths = {0, 1, 511, 512, 513, 100_000};
    try (OutputStream out = Files.newOutputStream(folder.resolve("a.tar"))) {
      TarWriter tar = new TarWriter(out, TIME);
      for (int length : lengths) {
        byte[] content = new byte[length];
        random.nextBytes(content);
        Files.write(folder.resolve("expected-" + length), content);
        tar.add("in/file-" + length, content);
      }
      tar.finish();
    }
    ProgramOutcome outcome = Program.of("tar", "-xf", "a.tar").in(folder).run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    assertEquals("", outcome.stderr());
    for (int length : lengths) {
      Path file = folder.resolve("in/file-" + length);
      assertArrayEquals(
          Files.readAllBytes(folder.resolve("expected-" + length)), Files.readAllBytes(file));
      assertEquals(TIME, Files.getLastModifiedTime(file).toInstant());
    }
  }

  @Test
  void a_name_that_does_not_fit_is_refused() {
    TarWriter tar = new TarWriter(new ByteArrayOutputStream(), TIME);
    byte[] content = "x".getBytes(StandardCharsets.UTF_8);
    assertThrows(IllegalArgumentException.class, () -> tar.add("n".repeat(101), content));
  }
}
