package dev.patronus.cli.stats;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.role.Role;
import java.util.List;
import java.util.Optional;

/// `patronus stats reset`: sets the counters to zero.
public final class StatsResetCommand extends Command {
  private final Option<String> policy =
      argument("POLICY", "0..1", text -> text, Completes.POLICY, "the policy, by id or name");
  private final Option<Boolean> all = flag("--all", "all policies and the unmatched traffic");
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be reset without changing anything");
  private final Option<Boolean> yes = flag("-y --yes", "proceed without confirmation");

  public StatsResetCommand() {
    super(
        "Resets the counters of one policy or of all. The history is kept, and deltas"
            + " and rates stay correct across the reset.");
    example("stats reset voice", "confirm, then reset the policy voice");
    example("stats reset --all --yes", "reset all counters without confirmation");
  }

  @Override
  protected void check() {
    if (policy.given() == all.get()) {
      throw new UserError(
          ExitCode.USAGE, "give one policy or --all; 'patronus stats' lists the policies");
    }
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) {
    DaemonConnection daemon = new DaemonConnection(call);
    String why = "the counters exist only in the daemon.";
    Reply.Stats stats = (Reply.Stats) daemon.require(new Request.Stats(), why);
    Optional<Long> id =
        policy.find().map(text -> StatsCommand.finder(stats.policies()).find(text).policyId());
    String what = describe(stats.policies(), id);
    if (dryRun.get()) {
      return new Answer().member("dry_run", true).outcome(true, "would reset " + what);
    }
    call.confirm(this, yes.get(), "Reset " + what + "?");
    Reply.Done done = (Reply.Done) daemon.require(new Request.Reset(id, daemon.client()), why);
    return new Answer()
        .report()
        .outcome(true, done.message())
        .member("rows_affected", done.count());
  }

  private static String describe(List<PolicyTraffic> policies, Optional<Long> id) {
    List<PolicyTraffic> chosen =
        policies.stream().filter(each -> id.isEmpty() || each.policyId() == id.get()).toList();
    long bytes = chosen.stream().mapToLong(PolicyTraffic::bytes).sum();
    String name =
        id.isPresent()
            ? "policy '" + chosen.getFirst().name() + "'"
            : chosen.size() == 1 ? "the only policy" : "all " + chosen.size() + " policies";
    return name + ", which carried " + HumanFormat.bytes(bytes);
  }
}
