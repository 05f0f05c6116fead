package dev.patronus.cli;

import dev.patronus.export.Answer;
import dev.patronus.shell.Stage;
import java.io.IOException;
import java.util.List;

/// A call whose answer goes through the stages behind a bar.
record StagedCall(Call call, List<Stage> stages) {

  /// Calls the command; what it writes itself is filtered on its way, what it answers afterwards.
  Answer run(Subcommand command) throws IOException {
    Session session = call.session();
    FilteredLines lines = new FilteredLines(session.out(), stages);
    session.filter(lines);
    try {
      Answer answer = staged(command.run(call));
      long count = lines.finish();
      return count < 0 ? answer : StagedAnswer.count(count).exit(answer.exitCode());
    } finally {
      session.filter(null);
    }
  }

  /// An answer behind the stages.
  Answer staged(Answer answer) {
    return new StagedAnswer(call.screen().humane()).through(stages, answer);
  }
}
