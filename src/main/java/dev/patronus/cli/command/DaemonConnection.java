package dev.patronus.cli.command;

import dev.patronus.control.ControlClient;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/// The way from a command to the daemon: one connection, one question.
///
/// Confined to the command's thread.
public final class DaemonConnection {
  private final Invocation call;

  public DaemonConnection(Invocation call) {
    this.call = call;
  }

  /// Asks the daemon; empty if there is none.
  ///
  /// @throws UserError if it refuses, or one is there but cannot be talked to
  public Optional<Reply> ask(Request request) {
    Path socket = call.socketFile();
    try {
      Optional<ControlClient> connected = ControlClient.connect(socket);
      if (connected.isEmpty()) {
        return Optional.empty();
      }
      try (ControlClient client = connected.get()) {
        return Optional.of(accepted(client.ask(request), socket));
      }
    } catch (IOException e) {
      throw new UserError(
          ExitCode.NO_DAEMON, "cannot talk to the daemon at " + socket + ": " + reason(e), e);
    }
  }

  /// Why the daemon cannot be talked to; what helps where permission is missing.
  private static String reason(IOException e) {
    return e instanceof AccessDeniedException denied
        ? denied.getReason() + "; run it as root, or as a member of the socket's group"
        : ErrorText.of(e);
  }

  /// Asks the daemon that works on this call's database; empty if none does, or if it cannot be
  /// asked, and then that is said.
  ///
  /// @param database the file that the reply comes from
  public <T extends Reply> Optional<T> askHere(
      Request request, Class<T> kind, Function<? super T, String> database) {
    return tryAsk(request)
        .map(kind::cast)
        .filter(reply -> isSame(Path.of(database.apply(reply)), call.databaseFile()));
  }

  /// Asks the daemon; empty if there is none, or if it cannot be asked, and then that is said.
  public Optional<Reply> tryAsk(Request request) {
    if (Files.notExists(call.socketFile())) {
      return Optional.empty();
    }
    try {
      return ask(request);
    } catch (UserError e) {
      call.say("The daemon cannot be queried (" + e.getMessage() + ").");
      return Optional.empty();
    }
  }

  /// Whether both are the same file.
  public static boolean isSame(Path theirs, Path ours) {
    try {
      return Files.isSameFile(theirs, ours);
    } catch (IOException _) {
      return false;
    }
  }

  /// Tells the daemon, if there is one, that the database was changed, and waits until it has taken
  /// that in. What goes wrong is said and harms nothing: the daemon notices by itself within a
  /// second.
  public void tellChanged() {
    if (Files.notExists(call.socketFile())) {
      return;
    }
    try {
      ask(new Request.Changed());
    } catch (UserError e) {
      call.say(
          "The daemon could not be notified ("
              + e.getMessage()
              + "); it detects the change within a second.");
    }
  }

  /// Asks the daemon.
  ///
  /// @param why what is missing without it: `there is nothing to clear, because …`
  /// @throws UserError if there is none
  public Reply require(Request request, String why) {
    return ask(request)
        .orElseThrow(() ->
            new UserError(
                ExitCode.NO_DAEMON,
                "no daemon answers at "
                    + call.socketFile()
                    + "; "
                    + why
                    + " Start it with 'systemctl start patronus' or 'patronus daemon'."));
  }

  private static Reply accepted(Reply reply, Path socket) {
    if (reply instanceof Reply.Refused(ExitCode code, String message)) {
      if (message.startsWith(Request.UNKNOWN)) {
        throw new UserError(
            ExitCode.FAILED,
            "the daemon at "
                + socket
                + " is of an older version and does not know this request; restart it with"
                + " 'systemctl restart patronus'");
      }
      throw new UserError(code, message);
    }
    return reply;
  }

  /// Who asks for a change.
  public Request.Client client() {
    return new Request.Client(
        call.actor().userId(),
        Optional.ofNullable(call.actor().ipAddress()),
        call.actor().userAgent());
  }
}
