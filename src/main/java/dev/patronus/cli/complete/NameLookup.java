package dev.patronus.cli.complete;

import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Session;
import dev.patronus.cli.complete.Completer.Candidate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Live names for somebody who types and must not wait: none where they do not come soon enough.
///
/// Asked on the shell's thread. The database is read on a thread of its own, with a connection of
/// its own; both end with [#close()].
public final class NameLookup implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofMillis(700);

  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("names").factory());
  private final Session session;
  private final Invocation call;

  /// @param outer the call of the shell, whose database it is
  public NameLookup(Invocation outer) {
    this.session = outer.session().lasting(outer.terminal().withoutPerson(), _ -> null);
    this.call = outer.on(session);
  }

  /// The names of a kind.
  ///
  /// @param named the database and hub of the line
  /// @param typed the beginning of the name or id
  public List<Candidate> of(NamedOnLine named, Completes completes, String typed) {
    Future<List<Candidate>> names =
        reader.submit(() -> {
          session.begin();
          return NameCandidates.of(call, named, completes, typed);
        });
    try {
      return names.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException _) {
      return List.of();
    } catch (TimeoutException _) {
      names.cancel(true);
      return List.of();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  @Override
  public void close() {
    reader.execute(session::close);
    reader.shutdown();
  }
}
