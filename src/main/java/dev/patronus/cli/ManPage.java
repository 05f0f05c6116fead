package dev.patronus.cli;

import dev.patronus.cli.Subcommand.Example;
import dev.patronus.error.ExitCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The manual page of a command, read from its model, in the language of man(7).
final class ManPage {
  private static final String DATE = "2026-11-23";

  private final StringBuilder page = new StringBuilder();
  private final CommandSpec spec;

  private ManPage(CommandSpec spec) {
    this.spec = spec;
  }

  /// The page of this command.
  static String of(CommandSpec spec) {
    return new ManPage(spec).render();
  }

  /// Its name: `patronus-site-delete`.
  static String name(CommandSpec spec) {
    return spec.qualifiedName("-");
  }

  private String render() {
    String name = name(spec);
    line(
        ".TH "
            + name.toUpperCase(Locale.ROOT)
            + " 1 "
            + DATE
            + " \"patronus "
            + Version.TEXT
            + "\"");
    section("NAME");
    String header = String.join(" ", spec.usageMessage().header());
    String summary = header.endsWith(".") ? header.substring(0, header.length() - 1) : header;
    line(
        escape(name)
            + " \\- "
            + escape(summary.substring(0, 1).toLowerCase(Locale.ROOT) + summary.substring(1)));
    section("SYNOPSIS");
    line(".B " + escape(HelpText.synopsis(spec)));
    examples();
    description();
    commands();
    options("OPTIONS", false);
    if (spec.parent() == null) {
      options("OPTIONS OF EVERY COMMAND", true);
      exitStatus();
      environment();
      files();
    }
    seeAlso();
    return page.toString();
  }

  private void examples() {
    if (!(spec.userObject() instanceof Subcommand command) || command.examples().isEmpty()) {
      return;
    }
    section("EXAMPLES");
    for (Example example : command.examples()) {
      line(".TP");
      line(".B patronus " + escape(example.command()));
      line(escape(example.what()));
    }
  }

  private void description() {
    String[] paragraphs = spec.usageMessage().description();
    section("DESCRIPTION");
    if (paragraphs.length == 0) {
      line(escape(String.join(" ", spec.usageMessage().header())));
    }
    for (int i = 0; i < paragraphs.length; i++) {
      if (i > 0) {
        line(".PP");
      }
      line(escape(paragraphs[i]));
    }
  }

  private void commands() {
    List<CommandSpec> children = children(spec);
    if (children.isEmpty()) {
      return;
    }
    section("COMMANDS");
    for (CommandSpec child : children) {
      line(".TP");
      line(".BR " + escape(name(child)) + " (1)");
      line(escape(String.join(" ", child.usageMessage().header())));
    }
  }

  /// The commands below this one that the manual shows.
  static List<CommandSpec> children(CommandSpec spec) {
    return spec.subcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .filter(child -> !child.usageMessage().hidden())
        .toList();
  }

  private void options(String title, boolean ofEvery) {
    List<OptionSpec> options =
        spec.options().stream()
            .filter(option -> !option.hidden())
            .filter(option -> (option.inherited() || spec.parent() == null) == ofEvery)
            .toList();
    if (options.isEmpty() && (ofEvery || spec.positionalParameters().isEmpty())) {
      return;
    }
    section(title);
    if (!ofEvery) {
      for (PositionalParamSpec argument : spec.positionalParameters()) {
        item(argument.paramLabel(), argument.description());
      }
    }
    for (OptionSpec option : options) {
      item(names(option), option.description());
    }
  }

  private void item(String term, String... text) {
    line(".TP");
    line(".B " + escape(term));
    line(escape(String.join(" ", text)));
  }

  private static String names(OptionSpec option) {
    List<String> names = new ArrayList<>(Arrays.asList(option.names()));
    names.sort(Comparator.comparingInt(String::length));
    String joined = String.join(", ", names);
    return joined + HelpText.value(option);
  }

  private void exitStatus() {
    section("EXIT STATUS");
    for (ExitCode code : ExitCode.values()) {
      item(Integer.toString(code.code()), code.meaning());
    }
  }

  private void environment() {
    section("ENVIRONMENT");
    item("PATRONUS_DB_PATH", "the database, where --db does not name it");
    item("PATRONUS_SOCKET", "the daemon's control socket, where --socket does not name it");
    item("PATRONUS_CONFIG", "the configuration file, where --config does not name it");
    item("PATRONUS_PAGER, PAGER", "the pager for output that is longer than the screen");
    item("NO_COLOR", "if it is set, nothing is coloured");
  }

  private void files() {
    section("FILES");
    item("/var/lib/patronus/sdwan.db", "the platform's database");
    item("/etc/patronus/patronus.conf", "the configuration; see patronus.conf(5)");
    item("/run/patronus/patronus.sock", "the daemon's control socket");
  }

  private void seeAlso() {
    List<String> others = new ArrayList<>();
    if (spec.parent() != null) {
      others.add(name(spec.parent()) + "(1)");
      children(spec.parent()).stream()
          .filter(sibling -> !sibling.name().equals(spec.name()) && spec.parent().parent() != null)
          .forEach(sibling -> others.add(name(sibling) + "(1)"));
    }
    others.add("patronus.conf(5)");
    section("SEE ALSO");
    line(escape(String.join(", ", others)));
  }

  private void section(String title) {
    line(".SH " + title);
  }

  private void line(String text) {
    page.append(text).append('\n');
  }

  /// Text as it is meant, whatever characters it begins with (groff_char(7)).
  private static String escape(String text) {
    String escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("\"", "\\(dq");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
