package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.config.Settings;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ManualTest {
  private static final Path FOLDER = Path.of("man");

  private static Map<String, String> checkedIn() throws IOException {
    Map<String, String> pages = new TreeMap<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.toList()) {
        pages.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return pages;
  }

  @Test
  void the_pages_are_those_that_the_model_makes() throws IOException {
    assertEquals(
        ManCommand.pages(),
        checkedIn(),
        "run: rm -f man/*; target/patronus/bin/patronus __man man");
  }

  @Test
  void every_page_tells_exit_codes_environment_and_files() {
    ManCommand.pages()
        .forEach((name, page) -> {
          if (name.endsWith(".1")) {
            assertTrue(page.contains(".SH EXIT STATUS\n.TP\n.B 0\ndone\n"), name);
          }
          assertTrue(page.contains(".SH ENVIRONMENT\n.TP\n.B PATRONUS_"), name);
          assertTrue(page.contains(".SH FILES\n.TP\n.B /"), name);
        });
  }

  @Test
  void every_key_of_the_configuration_is_explained() {
    String page = ManCommand.pages().get("patronus.conf.5");
    for (String key : Settings.KEYS) {
      String escaped = key.replace("-", "\\-");
      assertTrue(page.contains("\n.TP\n.B " + escaped + " = "), key + " in " + page);
    }
  }

  @Test
  void mandoc_finds_no_fault() throws IOException {
    Tools.require("mandoc");
    List<Object> words = new ArrayList<>(List.of("-T", "lint", "-W", "warning"));
    try (Stream<Path> files = Files.list(FOLDER)) {
      files.sorted().forEach(words::add);
    }
    ProgramOutcome lint = Program.of("mandoc", words.toArray()).run();
    assertEquals("", lint.stdout() + lint.stderr());
  }
}
