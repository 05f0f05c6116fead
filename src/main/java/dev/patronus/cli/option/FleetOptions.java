package dev.patronus.cli.option;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.util.List;
import java.util.Optional;

/// `--fleet`, `--gateway` and `--hub`: that a hub is read in place of this machine's database,
/// which gateways of it, and where it is.
///
/// Confined to the command's thread. Nothing of the hub is loaded where none of them is given.
public final class FleetOptions {
  private final Option<Boolean> all;
  private final Option<List<String>> gateways;
  private final Option<String> hub;

  public FleetOptions(Command command) {
    all = command.flag("--fleet", "read all gateways from the hub");
    gateways =
        command.options(
            "--gateway",
            "GATEWAY",
            text -> text,
            Completes.GATEWAY,
            "read these gateways from the hub, by name; * and ? stand for any characters; may be"
                + " repeated");
    hub =
        command.option(
            "--hub",
            "ADDRESS",
            text -> text,
            Completes.NOTHING,
            "the hub, as postgresql://[USER@]HOST[:PORT]/DATABASE (or PATRONUS_FLEET; default: the"
                + " setting fleet)");
  }

  /// An option of a list that shows deleted things, too: the hub remembers them.
  ///
  /// @param things what they are: `sites`
  public Option<Boolean> deleted(Command command, String things) {
    return command.flag("--deleted", "with a hub: also deleted " + things + ", with the time");
  }

  /// Refuses `--deleted` without a hub.
  ///
  /// @param instead the command that shows what can be restored; empty where there is none
  public void checkDeleted(boolean deleted, String instead) {
    if (deleted && !given()) {
      throw new UserError(
          ExitCode.USAGE,
          "--deleted lists what a hub remembers; add --fleet or --gateway NAME"
              + (instead.isEmpty() ? "" : ", or see 'patronus " + instead + "'"));
    }
  }

  /// Whether a hub is read.
  public boolean given() {
    return all.get() || gateways.given();
  }

  /// Whether one gateway is named, whichever there are.
  public boolean isOne() {
    return patterns().size() == 1
        && patterns().getFirst().indexOf('*') < 0
        && patterns().getFirst().indexOf('?') < 0;
  }

  /// Refuses what cannot be combined.
  public void check() {
    if (all.get() && gateways.given()) {
      throw new UserError(
          ExitCode.USAGE, "--fleet reads all gateways; remove it, or remove --gateway");
    }
    if (hub.given() && !given()) {
      throw new UserError(
          ExitCode.USAGE, "--hub needs --fleet or --gateway NAME: which gateways to read");
    }
  }

  /// Refuses an option that has no meaning on a hub.
  ///
  /// @param given whether it is given
  /// @param why the rest of the sentence
  public void refuse(boolean given, String option, String why) {
    if (given() && given) {
      throw new UserError(
          ExitCode.USAGE,
          option + " " + why + "; remove it, or remove " + (all.get() ? "--fleet" : "--gateway"));
    }
  }

  /// The address that was typed; empty for that of the settings.
  Optional<String> hub() {
    return hub.find();
  }

  /// The names that were typed; empty for all gateways.
  public List<String> patterns() {
    return gateways.or(List.of());
  }
}
