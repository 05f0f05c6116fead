package dev.patronus.cli.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyTestCommandTest {
  @TempDir private Path folder;
  private Path file;
  private CommandLineRun cli;

  @BeforeEach
  void makeDatabase() throws Exception {
    cli = CommandLineRun.on(SampleDatabase.make(folder, Age.NEWEST));
    file = folder.resolve("flows.txt");
  }

  private Outcome test(String lines, String... more) throws Exception {
    Files.writeString(file, lines);
    String[] words = new String[3 + more.length];
    words[0] = "policy";
    words[1] = "test";
    words[2] = file.toString();
    System.arraycopy(more, 0, words, 3, more.length);
    return cli.run(words);
  }

  private String differences(String lines, String... more) throws Exception {
    Outcome outcome = test(lines, more);
    assertEquals(ExitCode.FAILED, outcome.exitCode(), outcome::toString);
    return outcome.out();
  }

  @Test
  void flows_that_are_as_expected_end_with_0() throws Exception {
    Outcome outcome =
        test(
            """
            # voice comes first
            10.1.2.3 > 10.2.0.5:5060 udp is voice
            10.1.2.3:40000 > 192.0.2.1:443 is office

            [2001:db8::1]:1 > [2001:db8::2]:5061 17 is voice
            10.1.2.3 > 192.0.2.1:22 tcp is "default"
            """);
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.out().startsWith("4 flows tested, all as expected."), outcome.out());
  }

  @Test
  void a_flow_that_another_policy_takes_is_shown_with_the_reason() throws Exception {
    String csv =
        differences(
            "10.1.2.3 > 10.2.0.5:5070 udp is voice\n10.1.2.3 > 10.2.0.5:5060 udp is unmatched\n",
            "-o",
            "csv",
            "--no-headers",
            "--columns",
            "line,expected,why");
    assertTrue(csv.contains("voice") && csv.contains("port range reached 5070"), csv);
    assertTrue(csv.contains("policy 'voice' takes it"), csv);
  }

  @Test
  void a_path_that_is_not_chosen_is_shown_with_the_reason() throws Exception {
    String flow = "10.1.2.3 > 10.2.0.5:5060 udp is voice via ";
    String got = differences(flow + "path 99\n");
    assertTrue(got.contains("there is no path 99"), got);
    assertTrue(differences(flow + "none\n").contains("it has a path"));
    String chosen = got.replaceAll("(?s).*voice via path ([0-9]+) .*there is.*", "$1");
    assertEquals(ExitCode.DONE, test(flow + "path " + chosen + "\n").exitCode());
  }

  @Test
  void policies_in_a_file_are_tested_instead_of_those_in_force() throws Exception {
    Path rules = folder.resolve("rules.json");
    String lines = "10.1.2.3 > 10.2.0.5:5060 udp is voice\n";
    Files.writeString(rules, cli.out("policy", "list", "--json"));
    assertEquals(ExitCode.DONE, test(lines, "--with", rules.toString()).exitCode());
    Files.writeString(rules, cli.out("export", "policies", "-o", "json"));
    assertEquals(ExitCode.DONE, test(lines, "--with", rules.toString()).exitCode());
    Files.writeString(
        rules,
        "[{\"name\":\"voice\",\"priority\":1,\"enabled\":false,\"match_rules\":{}},"
            + "{\"name\":\"all\",\"priority\":0}]");
    String got = differences(lines, "--with", rules.toString());
    assertTrue(got.contains("all via path"), got);
    assertTrue(got.contains("enabled"), got);
  }

  @Test
  void mistakes_are_refused_with_their_place() throws Exception {
    String[] bad = {
      "10.1.2.3 10.2.0.5:5060 udp is voice",
      "10.1.2.3 > 10.2.0.5:5060 udp voice",
      "10.1.2.3 > 10.2.0.5:5060 xdp is voice",
      "10.1.2.3 > 10.2.0.5:99999 udp is voice",
      "10.1.2.3 > [2001:db8::2]:1 udp is voice",
      "10.1.2.3 > 10.2.0.5:5060 udp is voice path 7",
      "10.1.2.3 > 10.2.0.5:5060 udp is",
    };
    for (String line : bad) {
      Outcome outcome = test("\n" + line + "\n");
      assertEquals(ExitCode.USAGE, outcome.exitCode(), line);
      assertTrue(outcome.err().contains(file + " line 2: "), outcome.err());
    }
    Path rules = folder.resolve("rules.json");
    for (String json :
        new String[] {"{", "{}", "[1]", "[{\"priority\":1}]", "[{\"name\":\"x\"}]"}) {
      Files.writeString(rules, json);
      Outcome outcome = test("", "--with", rules.toString());
      assertEquals(ExitCode.USAGE, outcome.exitCode(), json);
      assertTrue(outcome.err().contains(rules.toString()), outcome.err());
      assertEquals(1, outcome.err().lines().count(), outcome.err());
    }
    assertEquals(
        ExitCode.FAILED, cli.run("policy", "test", folder.resolve("no").toString()).exitCode());
  }

  @Test
  void flows_are_read_from_standard_input_too() {
    Outcome outcome =
        cli.typing("10.1.2.3 > 10.2.0.5:5060 udp is office\n").run("policy", "test", "-");
    assertEquals(ExitCode.FAILED, outcome.exitCode());
  }
}
