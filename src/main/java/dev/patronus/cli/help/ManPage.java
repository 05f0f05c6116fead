package dev.patronus.cli.help;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Example;
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
public final class ManPage {
  private final CommandSpec spec;
  private final Roff page;

  private ManPage(CommandSpec spec) {
    this.spec = spec;
    this.page = new Roff(name(spec), 1);
  }

  /// The page of this command.
  public static String of(CommandSpec spec) {
    return new ManPage(spec).render();
  }

  /// Its name: `patronus-site-delete`.
  public static String name(CommandSpec spec) {
    return spec.qualifiedName("-");
  }

  private String render() {
    page.section("NAME");
    String header = String.join(" ", spec.usageMessage().header());
    String summary = header.endsWith(".") ? header.substring(0, header.length() - 1) : header;
    page.summary(
        name(spec), summary.substring(0, 1).toLowerCase(Locale.ROOT) + summary.substring(1));
    page.section("SYNOPSIS");
    page.bold(HelpText.synopsis(spec));
    examples();
    description();
    commands();
    options("OPTIONS", false);
    if (spec.parent() == null) {
      options("COMMON OPTIONS", true);
    } else {
      page.section("COMMON OPTIONS");
      page.text(
          "The options that all commands accept (--db, --output, --tz and others) are"
              + " described in patronus(1).");
    }
    exitStatus();
    environment();
    files();
    seeAlso();
    return page.toString();
  }

  private void examples() {
    if (!(spec.userObject() instanceof Command command) || command.examples().isEmpty()) {
      return;
    }
    page.section("EXAMPLES");
    for (Example example : command.examples()) {
      page.item("patronus " + example.command(), example.what());
    }
  }

  private void description() {
    String[] paragraphs = spec.usageMessage().description();
    page.section("DESCRIPTION");
    if (paragraphs.length == 0) {
      page.text(String.join(" ", spec.usageMessage().header()));
    }
    for (int i = 0; i < paragraphs.length; i++) {
      if (i > 0) {
        page.paragraph();
      }
      page.text(paragraphs[i]);
    }
  }

  private void commands() {
    List<CommandSpec> children = children(spec);
    if (children.isEmpty()) {
      return;
    }
    page.section("COMMANDS");
    for (CommandSpec child : children) {
      page.page(name(child), String.join(" ", child.usageMessage().header()));
    }
  }

  /// The commands below this one that the manual shows.
  public static List<CommandSpec> children(CommandSpec spec) {
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
    page.section(title);
    if (!ofEvery) {
      for (PositionalParamSpec argument : spec.positionalParameters()) {
        page.item(argument.paramLabel(), argument.description());
      }
    }
    for (OptionSpec option : options) {
      page.item(names(option), option.description());
    }
  }

  private static String names(OptionSpec option) {
    List<String> names = new ArrayList<>(Arrays.asList(option.names()));
    names.sort(Comparator.comparingInt(String::length));
    String joined = String.join(", ", names);
    return joined + HelpText.value(option);
  }

  private void exitStatus() {
    page.section("EXIT STATUS");
    for (ExitCode code : ExitCode.values()) {
      page.item(Integer.toString(code.code()), code.meaning());
    }
  }

  private void environment() {
    page.section("ENVIRONMENT");
    page.item("PATRONUS_DB_PATH", "the database, if --db is not given");
    page.item("PATRONUS_SOCKET", "the daemon's control socket, if --socket is not given");
    page.item("PATRONUS_CONFIG", "the configuration file, if --config is not given");
    page.item(
        "PATRONUS_PAGER, PAGER",
        "the pager for output longer than the screen; for root, and under sudo or su,"
            + " an empty value means no pager, and any other value means less in its secure"
            + " mode");
    page.item("NO_COLOR", "if set, output is not coloured");
    page.item(
        "COLUMNS",
        "the width of tables, also where the output is no terminal; without it, lines in a pipe or"
            + " a file have any length. watch(1) sets it");
  }

  private void files() {
    page.section("FILES");
    page.item("/var/lib/patronus/sdwan.db", "the platform's database");
    page.item("/etc/patronus/patronus.conf", "the configuration; see patronus.conf(5)");
    page.item("/run/patronus/patronus.sock", "the daemon's control socket");
  }

  private void seeAlso() {
    List<String> others = new ArrayList<>();
    if (spec.parent() != null) {
      others.add(name(spec.root()) + "(1)");
      if (spec.parent().parent() != null) {
        others.add(name(spec.parent()) + "(1)");
      }
      children(spec.parent()).stream()
          .filter(sibling -> !sibling.name().equals(spec.name()) && spec.parent().parent() != null)
          .forEach(sibling -> others.add(name(sibling) + "(1)"));
    }
    others.add("patronus.conf(5)");
    page.section("SEE ALSO");
    page.text(String.join(", ", others));
  }
}
