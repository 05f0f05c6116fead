package dev.patronus.cli.policy;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.error.Utf8Lines;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.store.Database;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `patronus policy test`: whether flows have the policies and paths that they should have.
public final class PolicyTestCommand extends Command {
  private static final Path STANDARD_INPUT = Path.of("-");

  /// A flow whose decision differs from the expected one.
  private record Difference(FlowExpectation expected, String got, String why) {}

  private static final List<Column<Difference>> COLUMNS =
      List.of(
          Column.of("line", Kind.NUMBER, row -> row.expected().line()),
          Column.of("flow", Kind.TEXT, row -> flow(row.expected())),
          Column.of("expected", Kind.TEXT, row -> row.expected().wanted()),
          Column.of("got", Kind.TEXT, Difference::got),
          Column.of("why", Kind.TEXT, Difference::why));

  private final Option<Path> file =
      argument(
          "FILE", "1", Path::of, Completes.FILE, "the expected decisions; - for standard input");
  private final Option<Path> with =
      option(
          "--with",
          "FILE",
          Path::of,
          Completes.FILE,
          "test the policies in this JSON file instead of those in force");

  public PolicyTestCommand() {
    super(
        "Tests the policies: each line of the file names a flow, and the policy and path that it"
            + " should have. Shows the lines that differ, and why. Exits with 0 if there are none,"
            + " with 1 if there are. The decisions are those that the daemon makes with the"
            + " current database.",
        "Lines are 'SRC > DST [PROTOCOL] is POLICY [via path ID]', with 'unmatched' for no policy"
            + " and 'via none' for no path; without a protocol it is tcp, and a missing port is 0."
            + " Names with blanks stand in double quotes. Empty lines, and those that begin with"
            + " #, are skipped.",
        "--with reads policies as 'policy list --json' and 'export policies -o json' write them;"
            + " the paths are those of the database.");
    example("policy test flows.txt", "the policies in force");
    example("policy test flows.txt --with rules.json", "policies that are not in force yet");
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    List<FlowExpectation> expected = read(call);
    FlowRouting inForce = FlowRouting.ofDatabase(call);
    FlowRouting routing = with.given() ? inForce.with(PolicyFile.read(with.get())) : inForce;
    List<Difference> differences = new ArrayList<>();
    for (FlowExpectation each : expected) {
      routing
          .difference(each)
          .ifPresent(why ->
              differences.add(
                  new Difference(each, FlowRouting.text(routing.decide(each.flow())), why)));
    }
    int differing = differences.size();
    Table<Difference> table = Table.of("differences", COLUMNS, differences);
    Answer answer = new Answer().member("tested", expected.size()).member("differing", differing);
    if (differing == 0) {
      return answer
          .report()
          .say(Counted.of(expected.size(), "flow") + " tested, all as expected.")
          .table(table);
    }
    return answer
        .table(table)
        .say(
            Counted.grouped(differing)
                + " of "
                + Counted.of(expected.size(), "flow")
                + (differing == 1 ? " differs." : " differ."))
        .exit(ExitCode.FAILED);
  }

  private static String flow(FlowExpectation expected) {
    int is = expected.text().indexOf(" is ");
    return is < 0 ? expected.text() : expected.text().substring(0, is).strip();
  }

  private List<FlowExpectation> read(Invocation call) throws IOException {
    if (file.get().equals(STANDARD_INPUT)) {
      if (call.session().isLasting()) {
        throw new UserError(ExitCode.USAGE, "standard input is the shell's own here; give a file");
      }
      return read(call.session().in(), "standard input");
    }
    Database.requireNotOpen(file.get(), "file of flows");
    try (InputStream in = Files.newInputStream(file.get())) {
      return read(in, file.get().toString());
    } catch (NoSuchFileException e) {
      throw new UserError(ExitCode.FAILED, "there is no file " + file.get() + " with flows", e);
    } catch (IOException e) {
      throw new UserError(ExitCode.FAILED, "cannot read " + file.get() + ": " + e.getMessage(), e);
    }
  }

  private static List<FlowExpectation> read(InputStream in, String called) throws IOException {
    List<FlowExpectation> expected = new ArrayList<>();
    Utf8Lines lines = new Utf8Lines(called, in);
    int number = 0;
    for (String line = lines.next(); line != null; line = lines.next()) {
      number++;
      String text = line.strip();
      if (!text.isEmpty() && !text.startsWith("#")) {
        try {
          expected.add(FlowExpectation.parse(number, text));
        } catch (IllegalArgumentException e) {
          throw new UserError(
              ExitCode.USAGE, called + " line " + number + ": " + e.getMessage(), e);
        }
      }
    }
    return expected;
  }
}
