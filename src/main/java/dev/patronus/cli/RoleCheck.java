package dev.patronus.cli;

import dev.patronus.audit.AuditEvent;
import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.terminal.CurrentUser;
import dev.patronus.config.DaemonSettings;
import dev.patronus.config.Settings;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.libc.UserGroups;
import dev.patronus.role.Caller;
import dev.patronus.role.Role;
import dev.patronus.role.Roles;
import dev.patronus.store.AuditTable;
import java.util.Optional;

/// Refuses commands to users whose role is not enough, where the configuration of the database maps
/// groups to roles.
///
/// Confined to one thread. It holds for those who use this program; who may write to the database's
/// file can do so with others. SECURITY.md says more.
final class RoleCheck {
  private RoleCheck() {}

  /// Lets the command pass.
  ///
  /// @throws UserError if it is refused; the audit trail says so then, as far as this user may
  ///   write to it
  static void require(Command command, Invocation call) {
    Optional<Role> required = command.requiredRole();
    if (required.isEmpty()) {
      return;
    }
    for (Settings each : call.settings().withRolesFor(call.databaseFile())) {
      require(action(command), required.get(), DaemonSettings.roles(each), call);
    }
  }

  private static void require(String action, Role required, Roles roles, Invocation call) {
    Caller caller = CurrentUser.caller(UserGroups::of);
    Optional<String> refusal = roles.refusal(action, required, caller, UserGroups::id);
    if (refusal.isPresent()) {
      record(new AuditEvent.AuthorizationFailed(action, required.word()), call);
      throw new UserError(ExitCode.REFUSED, refusal.get() + "; nothing was done");
    }
  }

  /// `site delete`.
  private static String action(Command command) {
    String name = command.spec().qualifiedName(" ");
    return name.substring(name.indexOf(' ') + 1);
  }

  private static void record(AuditEvent event, Invocation call) {
    try {
      new AuditTable(call.writableDatabase()).recordRefusal(call.actor(), call.now(), event);
    } catch (UserError e) {
      if (call.verbose()) {
        call.say("The refusal is not in the audit trail: " + e.getMessage());
      }
    }
  }
}
