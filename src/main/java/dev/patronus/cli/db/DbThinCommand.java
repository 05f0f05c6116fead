package dev.patronus.cli.db;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;

/// `patronus db thin`: refuses, and says what has replaced it. Scripts may still have it.
public final class DbThinCommand extends Command {
  public DbThinCommand() {
    super("Is gone; the setting 'retention' replaces it.");
    Option<String> _ = option("--retention", "TIERS", text -> text, "ignored");
    Option<Boolean> _ = flag("--dry-run", "ignored");
    Option<Boolean> _ = flag("-y --yes", "ignored");
    example("db thin", "says what replaces it");
  }

  @Override
  public Answer run(Invocation call) {
    throw new UserError(
        ExitCode.REFUSED,
        "db thin is gone, nothing was changed: traffic is rolled up by 5 minutes, hours and days,"
            + " the setting 'retention' says how long each is kept, and 'patronus db prune"
            + " --table stats --older-than 30d' deletes raw rows at once");
  }
}
