package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.command.CommandModel;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.GlobalOptions;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.TerminalWindow;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The scripts in the real shells, driven by the shells' own completion.
class CompletionIT {
  private static final Path SCRIPTS = Path.of("completions").toAbsolutePath();

  @TempDir private Path folder;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    try (PlatformDatabase database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)) {
      database
          .site("0b6f1a52-6f5e-4b4e-9d7b-1c2d3e4f5a6b", "berlin")
          .site("7c1e2d3f-0000-4000-8000-000000000001", "são paulo")
          .policy(-1, "voice", 10, "{}");
    }
  }

  private ProgramOutcome in(String shell, String... words) {
    Tools.require(shell);
    String path = Program.home().resolve("bin") + ":" + System.getenv("PATH");
    return Program.of(shell, (Object[]) words)
        .env("PATH", path)
        .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
        .run();
  }

  private String bash(String line) {
    String script =
        """
        source %s/patronus.bash
        COMP_LINE='patronus %s'; COMP_POINT=${#COMP_LINE}
        read -ra COMP_WORDS <<<"$COMP_LINE"
        [ "${COMP_LINE: -1}" = ' ' ] && COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        complete -p patronus >/dev/null && _patronus
        printf '%%s\\n' "${COMPREPLY[@]}"
        """
            .formatted(SCRIPTS, line);
    return in("bash", "-c", script).stdout();
  }

  private String fish(String line) {
    String script = "source " + SCRIPTS + "/patronus.fish; complete -C 'patronus " + line + "'";
    return in("fish", "-c", script).stdout();
  }

  /// zsh completes only where a person types, so one does: in a pseudo-terminal of zsh's own.
  ///
  /// @param expected the word that the line editor is given some tries to come up with
  private String zsh(String line, String expected) throws IOException {
    Path script = folder.resolve("drive.zsh");
    Files.writeString(
        script,
        """
        zmodload zsh/zpty
        zpty -b shell zsh -f -i
        zpty -w shell 'PROMPT=; autoload -Uz compinit; compinit -u -d %s/dump; fpath=(%s $fpath); source %s/_patronus; zstyle ":completion:*" list-prompt ""; zstyle ":completion:*" menu no; LISTMAX=1000; COLUMNS=200'
        all=''
        for try in {1..12}; do
          zpty -n -w shell $'\\025patronus %s\\t'
          for i in {1..25}; do
            zpty -r -t shell out && all+=$out
            [[ $all == *%s* ]] && break 2
            sleep 0.1
          done
        done
        print -r -- "$all"
        zpty -d shell
        """
            .formatted(folder, SCRIPTS, SCRIPTS, line, expected));
    return in("zsh", "-f", script.toString()).stdout();
  }

  @Test
  void bash_offers_the_sites_of_the_database() {
    String offered = bash("policy show ");
    assertTrue(offered.contains("voice"), offered);
    assertTrue(bash("--db x st").contains("stats"), "commands after an option");
  }

  @Test
  void a_name_that_could_drive_the_terminal_is_not_offered() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.open(folder.resolve("sdwan.db"))) {
      database.site("aaaaaaaa-0000-4000-8000-000000000003", "red\u001b[31mred");
      database.site("id\u001b[5m", "blink\u009b5m");
    }
    String path = folder.resolve("sdwan.db").toString();
    String offered =
        Program.patronus("__complete", "--", "--db", path, "site", "delete", "").run().stdout();
    assertTrue(offered.contains("aaaaaaaa-0000-4000-8000-000000000003\tred\ufffd[31mred"), offered);
    assertFalse(offered.contains("\u001b"), offered);
    assertFalse(offered.contains("\u009b"), offered);
  }

  /// A shell as a person has it before them, in a terminal, with the completion loaded.
  private TerminalWindow person(String shell) throws IOException {
    Tools.require("tmux");
    Tools.require(shell);
    Program program =
        switch (shell) {
          case "bash" -> Program.of("bash", "--noprofile", "--norc", "-i");
          case "zsh" -> Program.of("zsh", "-f", "-i");
          default -> Program.of("fish", "--no-config", "-i");
        };
    String path = Program.home().resolve("bin") + ":" + System.getenv("PATH");
    TerminalWindow window =
        TerminalWindow.open(
            folder,
            100,
            30,
            program
                .env("PATH", path)
                .env("HOME", folder)
                .env("HISTFILE", "/dev/null") // what bash writes when its terminal is gone
                .env("fish_history", "")
                .env("LANG", "C.UTF-8")
                .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db")));
    window.type(loading(shell) + "; echo load''ed").press("Enter");
    window.await("\nloaded");
    return window;
  }

  private String loading(String shell) {
    return switch (shell) {
      case "bash" -> "source " + SCRIPTS + "/patronus.bash";
      case "zsh" ->
          "autoload -Uz compinit; compinit -u -d "
              + folder
              + "/dump; source "
              + SCRIPTS
              + "/_patronus";
      default -> "source " + SCRIPTS + "/patronus.fish";
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void a_person_who_presses_tab_behind_site_delete_is_offered_the_sites(String shell)
      throws IOException {
    try (TerminalWindow window = person(shell)) {
      window.type("patronus site delete ").press("Tab", "Tab");
      window.await(
          "the sites by name and id",
          screen ->
              screen.contains("berlin")
                  && screen.contains("paulo")
                  && screen.contains("0b6f1a52-6f5e-4b4e-9d7b-1c2d3e4f5a6b"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void the_beginning_of_an_id_is_completed_for_a_person_who_presses_tab(String shell)
      throws IOException {
    try (TerminalWindow window = person(shell)) {
      window.type("patronus site delete 7c1e").press("Tab");
      window.await("delete 7c1e2d3f-0000-4000-8000-000000000001");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void a_name_whose_quote_is_open_is_completed(String shell) throws IOException {
    try (TerminalWindow window = person(shell)) {
      window.type("patronus site show 'ber").press("Tab");
      window.await("show 'berlin'");
    }
  }

  /// The option names of each command, as the model has them.
  private static SortedMap<String, SortedSet<String>> options() {
    SortedMap<String, SortedSet<String>> options = new TreeMap<>();
    addOptions(
        CommandModel.whole(CommandTree.ROOT, new GlobalOptions()).getCommandSpec(), "", options);
    return options;
  }

  private static void addOptions(
      CommandSpec spec, String path, SortedMap<String, SortedSet<String>> options) {
    options.put(
        path,
        spec.options().stream()
            .filter(option -> !option.hidden())
            .map(OptionSpec::longestName)
            .collect(Collectors.toCollection(TreeSet::new)));
    spec.subcommands()
        .forEach((name, child) -> {
          if (!child.getCommandSpec().usageMessage().hidden()) {
            addOptions(child.getCommandSpec(), (path + " " + name).strip(), options);
          }
        });
  }

  /// What a shell offers behind `--`, for each command in one run of the shell.
  private static SortedMap<String, SortedSet<String>> offered(String printed) {
    SortedMap<String, SortedSet<String>> offered = new TreeMap<>();
    String command = "";
    for (String line : printed.lines().toList()) {
      if (line.startsWith("=")) {
        command = line.substring(1);
        offered.put(command, new TreeSet<>());
      } else if (!line.isBlank()) {
        offered.get(command).add(line.split("\t", 2)[0]);
      }
    }
    return offered;
  }

  @Test
  void bash_offers_exactly_the_options_of_each_command() {
    StringBuilder script = new StringBuilder("source " + SCRIPTS + "/patronus.bash\n");
    options()
        .keySet()
        .forEach(command ->
            script.append(
                """
                echo '=%s'
                COMP_LINE='patronus %s --'; COMP_POINT=${#COMP_LINE}
                read -ra COMP_WORDS <<<"$COMP_LINE"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _patronus; printf '%%s\\n' "${COMPREPLY[@]}"
                """
                    .formatted(command, command)));
    assertEquals(options(), offered(in("bash", "-c", script.toString()).stdout()));
  }

  @Test
  void fish_offers_exactly_the_options_of_each_command() {
    StringBuilder script = new StringBuilder("source " + SCRIPTS + "/patronus.fish\n");
    options()
        .keySet()
        .forEach(command ->
            script.append("echo '=" + command + "'; complete -C 'patronus " + command + " --'\n"));
    assertEquals(options(), offered(in("fish", "-c", script.toString()).stdout()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void a_value_behind_an_equals_sign_and_a_comma_is_completed(String shell) throws IOException {
    try (TerminalWindow window = person(shell)) {
      window.type("patronus site list --sort=st").press("Tab");
      window.await("list --sort=status");
      window.press("C-u").type("patronus site list --columns site_name,pa").press("Tab");
      window.await("--columns site_name,paths");
      window.press("C-u").type("patronus stats history --range last-m").press("Tab");
      window.await("--range last-month");
      window.press("C-u").type("patronus stats --tz Europe/Berl").press("Tab");
      window.await("--tz Europe/Berlin");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void files_are_completed_where_an_option_takes_one(String shell) throws IOException {
    Files.createFile(folder.resolve("rows-of-november.csv"));
    try (TerminalWindow window = person(shell)) {
      window.type("cd " + folder + "; echo ch''anged").press("Enter");
      window.await("\nchanged"); // fish loses keys that come before its prompt
      window.type("patronus export stats --file rows-of").press("Tab");
      window.await("--file rows-of-november.csv");
      window.press("C-u").type("patronus export stats --file=rows-of").press("Tab");
      window.await("--file=rows-of-november.csv");
    }
  }

  @Test
  void where_nothing_fits_no_file_is_offered() throws IOException {
    Files.createFile(folder.resolve("zebra"));
    assertEquals("\n", bash("site list --status zeb"));
  }

  @Test
  void fish_offers_names_with_what_they_are() {
    String offered = fish("policy show ");
    assertTrue(offered.contains("voice\t18446744073709551615"), offered);
    assertTrue(fish("stats --so").contains("--sort\t"), fish("stats --so"));
  }

  @Test
  void zsh_offers_names() throws IOException {
    String offered = zsh("policy show v", "voice");
    assertTrue(offered.contains("voice"), offered);
  }

  @Test
  void without_a_database_nothing_is_said() {
    ProgramOutcome outcome =
        Program.patronus("__complete", "--", "policy", "show", "")
            .env("PATRONUS_DB_PATH", folder.resolve("none.db"))
            .run();
    assertEquals(0, outcome.exitCode(), outcome.toString());
    assertEquals("", outcome.stderr());
  }

  @Test
  void the_scripts_are_those_that_the_program_prints() throws IOException {
    for (CompletionCommand.Shell shell : CompletionCommand.Shell.values()) {
      assertEquals(
          CompletionCommand.script(shell),
          Files.readString(SCRIPTS.resolve(shell.file())),
          "run: patronus completion " + EnumNames.of(shell) + " > completions/" + shell.file());
    }
  }
}
