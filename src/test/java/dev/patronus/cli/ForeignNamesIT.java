package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.cli.CommandMatrix.Specimen;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.output.Format;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.SampleDatabase;
import dev.patronus.testing.TerminalWindow;
import dev.patronus.testing.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Names that nobody expected, in what every command prints for people: no row is wider than the
/// screen, by the measure of a terminal that is not ours, and none of their characters drives it.
class ForeignNamesIT {
  /// The names that the specimens use, and others in their place.
  private static final List<Map<String, String>> RENAMED =
      List.of(
          renamed(
              "東京本社第二データセンター", "שלום עולם של רשתות", "x".repeat(200), "𐍈𝕏𠜎" + "𠜎".repeat(60)),
          renamed(
              "esc\u001b[31mred\u001b]0;title\u0007",
              "new\nline\ttab\rreturn",
              "c1\u009b31m del\u007f",
              "bidi\u202e evil \u2067 \u2028 line"),
          renamed(
              "family 👨‍👩‍👧‍👦 flag 🇩🇪 ☎️ 👍🏽",
              "e\u0301\u0301\u0301 क्षत्रिय 한글 \u1112\u1161\u11ab",
              "zero\u200bwidth\u200d soft\u00adhyphen \ufeffbom",
              "ﷺ مرحبا بالعالم ".repeat(12)));

  @TempDir private static Path prepared;
  @TempDir private Path folder;

  private static Map<String, String> renamed(String... names) {
    Map<String, String> renamed = new LinkedHashMap<>();
    renamed.put("berlin", names[0]);
    renamed.put("hamburg", names[1]);
    renamed.put("lyon", names[2]);
    renamed.put("voice", names[3]);
    return renamed;
  }

  /// Makes a folder for each set of names: the database with things called so, and the archives of
  /// what was deleted.
  @BeforeAll
  static void prepare() throws Exception {
    for (int i = 0; i < RENAMED.size(); i++) {
      Path place = Files.createDirectory(prepared.resolve("" + i));
      Path database = SampleDatabase.make(place, Age.NEWEST);
      try (PlatformDatabase open = PlatformDatabase.open(database)) {
        for (Map.Entry<String, String> name : RENAMED.get(i).entrySet()) {
          open.run(
              "UPDATE sdwan_sites SET site_name = ? WHERE site_name = ?",
              name.getValue(),
              name.getKey());
          open.run(
              "UPDATE sdwan_policies SET name = ? WHERE name = ?", name.getValue(), name.getKey());
        }
      }
      CommandLineRun person = person(place, database, 80);
      person.run("site", "delete", RENAMED.get(i).get("lyon"), "--yes");
      person.run("policy", "delete", "default", "--yes");
    }
  }

  private static CommandLineRun person(Path place, Path database, int columns) {
    return CommandLineRun.on(database)
        .onTerminal(columns, 1000)
        .env("PATRONUS_STATE_DIR", place.toString());
  }

  /// Runs a specimen as a person in a window of so many columns, on a copy of the database in which
  /// things are called otherwise.
  private Outcome run(Specimen specimen, Map<String, String> names, int columns, String... more)
      throws Exception {
    Path place = Files.createTempDirectory(folder, "run");
    try (Stream<Path> files = Files.list(prepared.resolve("" + RENAMED.indexOf(names)))) {
      for (Path file : files.toList()) {
        Files.copy(file, place.resolve(file.getFileName()));
      }
    }
    CommandLineRun person = person(place, place.resolve("sdwan.db"), columns);
    List<String> words =
        List.of(specimen.words().split(" ", -1)).stream()
            .map(word -> names.getOrDefault(word, word).replace("FOLDER", place.toString()))
            .collect(Collectors.toList());
    words.addAll(words.contains("--") ? words.indexOf("--") : words.size(), List.of(more));
    return person.run(words.toArray(String[]::new));
  }

  private static List<Specimen> specimens() {
    return CommandMatrix.specimens().stream()
        .filter(Specimen::document)
        .filter(each -> !each.words().startsWith("demo")) // it shows what is typed as it is typed
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 40})
  void no_row_is_wider_than_the_screen(int columns) throws Exception {
    Tools.require("tmux");
    StringBuilder all = new StringBuilder();
    for (Map<String, String> names : RENAMED) {
      for (Specimen specimen : specimens()) {
        all.append(run(specimen, names, columns, "-o", "table").out());
      }
    }
    assertTrue(all.toString().contains("東京"), "names are shown");
    Path printed = Files.writeString(folder.resolve("printed"), all);
    Program cat = Program.of("cat", printed).env("LANG", "C.UTF-8");
    try (TerminalWindow window = TerminalWindow.open(folder, columns, 24, cat)) {
      window.await("ended with 0");
      assertEquals(window.everything(true), window.everything(false), "a line was wrapped");
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothing_in_a_name_drives_the_terminal(Format format) throws Exception {
    for (Map<String, String> names : RENAMED) {
      for (Specimen specimen : specimens()) {
        Outcome outcome = run(specimen, names, 80, "-o", EnumNames.of(format));
        assertHarmless(specimen, outcome.out());
        assertHarmless(specimen, outcome.err());
      }
    }
  }

  private static void assertHarmless(Specimen specimen, String text) {
    String harmful =
        text.codePoints()
            .filter(c -> c != '\n' && c != '\r' && isHarmful(c))
            .mapToObj(Integer::toHexString)
            .distinct()
            .collect(Collectors.joining(" "));
    assertEquals("", harmful, () -> specimen + "\n" + text);
  }

  private static boolean isHarmful(int c) {
    return Character.isISOControl(c)
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
  }
}
