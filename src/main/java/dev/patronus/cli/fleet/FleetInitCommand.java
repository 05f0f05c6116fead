package dev.patronus.cli.fleet;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.error.Counted;
import dev.patronus.fleet.Hub;
import dev.patronus.fleet.HubSchema;
import dev.patronus.output.Answer;

/// `patronus fleet init`: makes or updates a hub.
public final class FleetInitCommand extends Command {
  private final HubOption hub = new HubOption(this);

  public FleetInitCommand() {
    super(
        "Makes a PostgreSQL database (15 or newer) a hub: the schema fleet, the roles that own and"
            + " read it, and its partitions; or updates a hub that an older version made. The"
            + " database must exist and should be used for nothing else, because its public rights"
            + " are taken away. May be repeated.",
        "The login needs the right to create roles and owns the database, or is a superuser; only a"
            + " superuser can also keep gateways from large objects, locks and anonymous code.");
    example(
        "fleet init --hub postgresql:///patronus",
        "make the database patronus on this machine a hub");
  }

  @Override
  public Answer run(Invocation call) {
    HubSchema.Made made;
    String name;
    try (Hub open = hub.open(call)) {
      made = HubSchema.init(open, HubSchema.day(call.now()));
      name = open.login().name();
    }
    String what =
        made.before().isEmpty()
            ? "is a hub now"
            : made.before().get() == made.version()
                ? "is a hub of this version already"
                : "was updated from version " + made.before().get();
    Answer answer =
        new Answer()
            .report()
            .outcome(
                true,
                name
                    + " "
                    + what
                    + " (schema version "
                    + made.version()
                    + ", "
                    + Counted.of(made.partitions(), "new partition", "new partitions")
                    + ")")
            .member("hub", name)
            .member("version", made.version())
            .member("partitions_made", made.partitions())
            .member("hardened", made.hardened())
            .member("owner_role", made.owner())
            .member("reader_role", made.reader());
    answer.note(
        "Next: 'patronus fleet enrol NAME' for each gateway; GRANT "
            + made.reader()
            + " TO a role lets it read.");
    if (!made.hardened()) {
      answer.note(
          "The login is no superuser: gateways could still make large objects and hold advisory"
              + " locks; repeat this as a superuser to take those rights away.");
    }
    return answer;
  }
}
