package dev.patronus.cli.help;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Example;
import dev.patronus.error.ExitCode;
import dev.patronus.output.text.Paragraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The help of a command, read from its model: what it is, examples first, then what it takes.
public final class HelpText {
  private static final int WIDEST = 100;
  private static final int INDENT = 2;
  private static final int CONTINUED = 4;

  private final StringBuilder text = new StringBuilder();
  private final CommandSpec spec;
  private final int width;

  private HelpText(CommandSpec spec, int width) {
    this.spec = spec;
    this.width = Math.clamp(width, 40, WIDEST);
  }

  /// The help of this command, within this many columns.
  public static String of(CommandSpec spec, int width) {
    return new HelpText(spec, width).render();
  }

  private String render() {
    for (String header : spec.usageMessage().header()) {
      paragraph(header, 0);
    }
    for (String paragraph : spec.usageMessage().description()) {
      text.append('\n');
      paragraph(paragraph, 0);
    }
    examples();
    text.append('\n')
        .append(new Paragraph(width, 7).words("Usage: " + synopsis(spec)))
        .append('\n');
    commands();
    list("Arguments", arguments());
    list("Options", options(false));
    list("Common options", options(true));
    exitCodes();
    return text.toString();
  }

  /// The command's synopsis: `patronus site delete [OPTIONS] SITE...`.
  public static String synopsis(CommandSpec spec) {
    StringBuilder line = new StringBuilder(spec.qualifiedName()).append(" [OPTIONS]");
    for (PositionalParamSpec argument : spec.positionalParameters()) {
      String label = argument.paramLabel() + (argument.arity().max() > 1 ? "..." : "");
      line.append(' ').append(argument.arity().min() == 0 ? "[" + label + "]" : label);
    }
    if (!spec.subcommands().isEmpty()) {
      line.append(" COMMAND");
    }
    return line.toString();
  }

  private void examples() {
    if (!(spec.userObject() instanceof Command command) || command.examples().isEmpty()) {
      return;
    }
    text.append("\nExamples:\n");
    for (Example example : command.examples()) {
      text.append(continued(example.words()));
      paragraph(example.what(), 6);
    }
  }

  /// A command line as the shell takes it: what does not fit goes on after a backslash.
  private String continued(List<String> words) {
    StringBuilder lines = new StringBuilder("  patronus");
    int at = lines.length();
    for (int i = 0; i < words.size(); i++) {
      int backslash = i + 1 < words.size() ? 2 : 0;
      if (at > CONTINUED && at + 1 + words.get(i).length() + backslash > width) {
        lines.append(" \\\n").append(" ".repeat(CONTINUED - 1));
        at = CONTINUED - 1;
      }
      lines.append(' ').append(words.get(i));
      at += 1 + words.get(i).length();
    }
    return lines.append('\n').toString();
  }

  private void commands() {
    List<String[]> rows = new ArrayList<>();
    for (CommandLine child : spec.subcommands().values()) {
      CommandSpec childSpec = child.getCommandSpec();
      if (!childSpec.usageMessage().hidden()) {
        rows.add(
            new String[] {childSpec.name(), String.join(" ", childSpec.usageMessage().header())});
      }
    }
    list("Commands", rows);
  }

  private List<String[]> arguments() {
    List<String[]> rows = new ArrayList<>();
    for (PositionalParamSpec argument : spec.positionalParameters()) {
      rows.add(new String[] {argument.paramLabel(), String.join(" ", argument.description())});
    }
    return rows;
  }

  private List<String[]> options(boolean ofEvery) {
    List<String[]> rows = new ArrayList<>();
    for (OptionSpec option : spec.options()) {
      if (!option.hidden() && isOfEvery(option) == ofEvery) {
        rows.add(new String[] {names(option), String.join(" ", option.description())});
      }
    }
    return rows;
  }

  private boolean isOfEvery(OptionSpec option) {
    return option.inherited() || spec.parent() == null;
  }

  private static String names(OptionSpec option) {
    List<String> names = new ArrayList<>(Arrays.asList(option.names()));
    names.sort(Comparator.comparingInt(String::length));
    String joined = String.join(", ", names);
    String padded = names.getFirst().startsWith("--") ? "    " + joined : joined;
    return padded + value(option);
  }

  /// What follows the names of an option: ` FILE`, ` [INTERVAL]` if it may be left out, nothing if
  /// it takes none.
  static String value(OptionSpec option) {
    if (option.arity().max() == 0) {
      return "";
    }
    boolean optional = option.arity().min() == 0;
    return optional ? " [" + option.paramLabel() + "]" : " " + option.paramLabel();
  }

  private void list(String title, List<String[]> rows) {
    if (rows.isEmpty()) {
      return;
    }
    text.append('\n').append(title).append(":\n");
    int left = 0;
    for (String[] row : rows) {
      left = Math.max(left, row[0].length());
    }
    int column = INDENT + Math.min(left, width / 3) + 2;
    for (String[] row : rows) {
      text.append(" ".repeat(INDENT)).append(row[0]);
      int at = INDENT + row[0].length();
      if (at + 2 > column) {
        text.append('\n');
        at = 0;
      }
      text.append(" ".repeat(column - at));
      wrapped(row[1], column);
    }
  }

  private void exitCodes() {
    if (spec.parent() != null) {
      return;
    }
    List<String[]> rows = new ArrayList<>();
    for (ExitCode code : ExitCode.values()) {
      rows.add(new String[] {Integer.toString(code.code()), code.meaning()});
    }
    list("Exit codes", rows);
  }

  private void paragraph(String words, int indent) {
    text.append(" ".repeat(indent));
    wrapped(words, indent);
  }

  private void wrapped(String words, int indent) {
    String lines = new Paragraph(width - indent, 0).words(words).toString();
    text.append(lines.replace("\n", "\n" + " ".repeat(indent))).append('\n');
  }
}
