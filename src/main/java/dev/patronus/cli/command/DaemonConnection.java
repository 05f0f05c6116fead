package dev.patronus.cli.command;

import dev.patronus.control.ControlClient;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.Json;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// The way from a command to the daemon: one connection, one question.
///
/// Confined to the command's thread.
public final class DaemonConnection {
  private final Invocation call;

  public DaemonConnection(Invocation call) {
    this.call = call;
  }

  /// What is made of a reply.
  private interface Reading<T> {
    T of(Reply reply) throws IOException;
  }

  /// Asks the daemon; empty if there is none.
  ///
  /// @throws UserError if it refuses, or one is there but cannot be talked to
  public Optional<Reply> ask(Request request) {
    return exchange(request, reply -> reply);
  }

  /// Asks the daemon for a document; empty if there is none.
  ///
  /// @param reading what reads it
  /// @throws UserError if it refuses, or one is there but cannot be talked to
  public <T> Optional<T> ask(Request request, Function<Json.Obj, T> reading) {
    return exchange(request, reply -> ((Reply.Document) reply).read(reading));
  }

  private <T> Optional<T> exchange(Request request, Reading<T> reading) {
    Path socket = call.socketFile();
    try {
      Optional<ControlClient> connected = ControlClient.connect(socket);
      if (connected.isEmpty()) {
        return Optional.empty();
      }
      try (ControlClient client = connected.get()) {
        return Optional.of(reading.of(accepted(client.ask(request), socket)));
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
    return here(tryAsk(request).map(kind::cast), database);
  }

  /// Asks the daemon that works on this call's database for a document; empty if none does, or if
  /// it cannot be asked, and then that is said.
  ///
  /// @param reading what reads the document
  /// @param database the file that it comes from
  public <T> Optional<T> askHere(
      Request request, Function<Json.Obj, T> reading, Function<? super T, String> database) {
    return here(attempt(() -> ask(request, reading)), database);
  }

  private <T> Optional<T> here(Optional<T> reply, Function<? super T, String> database) {
    return reply.filter(each -> isSame(Path.of(database.apply(each)), call.databaseFile()));
  }

  /// Asks the daemon; empty if there is none, or if it cannot be asked, and then that is said.
  public Optional<Reply> tryAsk(Request request) {
    return attempt(() -> ask(request));
  }

  private <T> Optional<T> attempt(Supplier<Optional<T>> question) {
    if (Files.notExists(call.socketFile())) {
      return Optional.empty();
    }
    try {
      return question.get();
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
    return ask(request).orElseThrow(() -> missing(why));
  }

  /// Asks the daemon for a document.
  ///
  /// @param reading what reads it
  /// @param why what is missing without it
  /// @throws UserError if there is none
  public <T> T require(Request request, Function<Json.Obj, T> reading, String why) {
    return ask(request, reading).orElseThrow(() -> missing(why));
  }

  private UserError missing(String why) {
    return new UserError(
        ExitCode.NO_DAEMON,
        "no daemon answers at "
            + call.socketFile()
            + "; "
            + why
            + " Start it with 'systemctl start patronus' or 'patronus daemon'.");
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
