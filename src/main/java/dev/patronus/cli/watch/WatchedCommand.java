package dev.patronus.cli.watch;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.WatchOptions;
import dev.patronus.output.Answer;
import java.io.IOException;

/// A command whose answer `--watch` repeats.
///
/// Confined to the command's thread.
public abstract class WatchedCommand extends Command {
  private final WatchOptions watch;

  @SuppressWarnings("this-escape") // the options only register themselves
  protected WatchedCommand(String... description) {
    super(description);
    watch = new WatchOptions(this, "");
    showOptionsLast();
  }

  /// Answers once, with what holds at the call's time.
  protected abstract Answer answer(Invocation now) throws IOException;

  protected final boolean isWatched() {
    return watch.given();
  }

  @Override
  protected void check() {
    watch.check();
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    return watch.given() ? AnswerWatch.run(call, watch, this::answer) : answer(call);
  }
}
