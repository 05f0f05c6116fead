package dev.patronus.cli;

import dev.patronus.cli.Completer.Candidate;
import dev.patronus.cli.Subcommand.Completes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
final class PatientNames implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMillis(700);

  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("names").factory());
  private final Session session;
  private final Call call;

  /// @param outer the call of the shell, whose database it is
  PatientNames(Call outer) {
    this.session = outer.session().lasting(outer.terminal().withoutPerson(), _ -> null);
    this.call = outer.on(session);
  }

  /// The names of a kind.
  ///
  /// @param database the file that was named on the line; empty for the usual one
  List<Candidate> of(Optional<Path> database, Completes completes) {
    Future<List<Candidate>> names =
        reader.submit(() -> {
          session.begin();
          return NameCandidates.of(call, database, completes);
        });
    try {
      return names.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
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
