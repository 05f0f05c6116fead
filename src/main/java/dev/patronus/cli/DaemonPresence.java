package dev.patronus.cli;

import dev.patronus.control.ControlClient;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.shell.Prompt;
import dev.patronus.shell.Prompt.Presence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// Whether a daemon collects into the shell's database, for the prompt.
///
/// Asked on the shell's thread before each line. Without a socket the answer costs one look at the
/// disk; with one, it is waited for [#TIMEOUT] and no longer: a daemon that hangs is `?`.
final class DaemonPresence implements Supplier<Prompt> {
  private static final Duration TIMEOUT = Duration.ofMillis(150);

  private final Path database;
  private final Path socket;

  DaemonPresence(Path database, Path socket) {
    this.database = database;
    this.socket = socket;
  }

  @Override
  public Prompt get() {
    return new Prompt(HumanFormat.visible(String.valueOf(database.getFileName())), presence());
  }

  private Presence presence() {
    if (!Files.exists(database)) {
      return Presence.NO_DATABASE;
    }
    return Files.exists(socket) ? withTimeout() : Presence.NO_DAEMON;
  }

  private Presence withTimeout() {
    CompletableFuture<Presence> asked = new CompletableFuture<>();
    Thread.ofVirtual().name("presence").start(() -> asked.complete(ask()));
    try {
      return asked.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException _) {
      return Presence.UNKNOWN;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Presence.UNKNOWN;
    }
  }

  private Presence ask() {
    try {
      ControlClient client = ControlClient.connect(socket).orElse(null);
      try (client) {
        return client != null && isOurs(client.ask(new Request.Status()))
            ? Presence.LIVE
            : Presence.NO_DAEMON;
      }
    } catch (IOException | RuntimeException _) {
      return Presence.UNKNOWN;
    }
  }

  private boolean isOurs(Reply reply) throws IOException {
    return reply instanceof Reply.Document document
        && Files.isSameFile(
            Path.of(document.read(StatusAnswer::read).instance().database()), database);
  }
}
