package dev.patronus.cli.command;

import dev.patronus.output.Answer;
import dev.patronus.shell.PipeFilter;
import java.io.IOException;
import java.util.List;

/// A call whose answer goes through the stages behind a bar.
public record PipedCall(Invocation call, List<PipeFilter> stages) {

  /// Calls the command; what it writes itself is filtered on its way, what it answers afterwards.
  public Answer run(Command command) throws IOException {
    Session session = call.session();
    PipeFilters lines = new PipeFilters(session.out(), stages);
    session.filter(lines);
    try {
      Answer answer = staged(command.run(call));
      long count = lines.finish();
      return count < 0 ? answer : PipedAnswer.count(count).exit(answer.exitCode());
    } finally {
      session.filter(null);
    }
  }

  /// An answer behind the stages.
  public Answer staged(Answer answer) {
    return new PipedAnswer(call.screen().humane()).through(stages, answer);
  }
}
