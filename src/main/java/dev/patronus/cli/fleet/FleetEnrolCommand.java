package dev.patronus.cli.fleet;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.fleet.Hub;
import dev.patronus.fleet.HubGateways;
import dev.patronus.fleet.address.HubAddress;
import dev.patronus.output.Answer;
import java.util.Optional;
import java.util.OptionalLong;

/// `patronus fleet enrol`: lets a gateway send to a hub.
public final class FleetEnrolCommand extends Command {
  private final Option<String> name =
      argument("GATEWAY", "1", text -> text, Completes.GATEWAY, "the name of the gateway");
  private final HubOption hub = new HubOption(this);
  private final Option<Boolean> certificate =
      flag("--certificate", "it logs in by a TLS client certificate, and gets no password");
  private final Option<Long> quota =
      option(
          "--quota",
          "RECORDS",
          FleetEnrolCommand::records,
          Completes.NOTHING,
          "how many records it may send per day (default: 1000000)");

  public FleetEnrolCommand() {
    super(
        "Makes a role for a gateway, and prints the setting for its configuration and the line for"
            + " its password file. The role may call one function and nothing else. A gateway that"
            + " was enrolled before gets a new password, and goes on where it was.",
        "With --certificate the gateway logs in by a client certificate whose common name is the"
            + " role; pg_hba.conf on the hub must ask for it (method cert).");
    example("fleet enrol berlin", "let the gateway berlin send");
  }

  private static Long records(String text) {
    try {
      long records = Long.parseLong(text.strip());
      if (records > 0 && records <= 1_000_000_000_000L) {
        return records;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw new IllegalArgumentException("must be a number of records, was '" + text + "'");
  }

  @Override
  protected void check() {
    if (name.get().isBlank()) {
      throw new UserError(ExitCode.USAGE, "the name of the gateway is empty");
    }
  }

  @Override
  public Answer run(Invocation call) {
    HubAddress address = hub.address(call);
    OptionalLong perDay = quota.given() ? OptionalLong.of(quota.get()) : OptionalLong.empty();
    HubGateways.Enrolled made;
    String database;
    try (Hub open = hub.open(call)) {
      made = HubGateways.enrol(open, name.get(), certificate.get(), perDay);
      database = open.login().database();
    }
    HubAddress sends = address.of(made.role(), Optional.of(name.get()));
    Answer answer =
        new Answer()
            .outcome(
                true,
                "gateway "
                    + name.get()
                    + (made.again() ? " was enrolled again" : " may send to the hub now"))
            .member("gateway", name.get())
            .member("role", made.role())
            .member("fleet", sends.text())
            .member("password", made.password().orElse(null));
    answer.say("In /etc/patronus/patronus.conf on the gateway:");
    answer.say("  fleet = " + sends.text());
    if (made.password().isPresent()) {
      answer.say(
          "In the password file of its daemon's user (~/.pgpass, mode 600), once; the password is"
              + " not shown again:");
      answer.say("  *:*:" + database + ":" + made.role() + ":" + made.password().get());
    } else {
      answer.say(
          "The certificate's common name must be "
              + made.role()
              + "; add &sslcert=FILE&sslkey=FILE to the setting.");
    }
    if (sends.isLocal()) {
      answer.note(
          "The address is good on this machine only: for a gateway elsewhere, write the name of"
              + " this machine into it, as in postgresql://"
              + made.role()
              + "@hub.example.net/"
              + database
              + ".");
    }
    return answer;
  }
}
