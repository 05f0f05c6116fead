package dev.patronus.cli;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.CommandModel;
import dev.patronus.cli.command.GlobalOptions;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.help.ConfigManPage;
import dev.patronus.cli.help.ManPage;
import dev.patronus.output.Answer;
import dev.patronus.role.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;

/// `patronus __man DIR`: writes the manual pages of all commands, and of the configuration.
final class ManCommand extends Command {
  private final Option<Path> folder =
      argument("DIR", "1", text -> Path.of(text), Completes.FILE, "the folder for the pages");

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    Map<String, String> pages = pages();
    for (Map.Entry<String, String> page : pages.entrySet()) {
      Files.writeString(folder.get().resolve(page.getKey()), page.getValue());
    }
    return new Answer().report().outcome(true, pages.size() + " pages written to " + folder.get());
  }

  /// All pages by the names of their files.
  static Map<String, String> pages() {
    Map<String, String> pages = new TreeMap<>();
    CommandSpec root = CommandModel.whole(CommandTree.ROOT, new GlobalOptions()).getCommandSpec();
    add(root, pages);
    pages.put("patronus.conf.5", ConfigManPage.of(root));
    return pages;
  }

  private static void add(CommandSpec spec, Map<String, String> pages) {
    pages.put(ManPage.name(spec) + ".1", ManPage.of(spec));
    ManPage.children(spec).forEach(child -> add(child, pages));
  }
}
