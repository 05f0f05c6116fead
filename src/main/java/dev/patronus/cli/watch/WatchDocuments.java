package dev.patronus.cli.watch;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.traffic.TrafficAnswer;
import dev.patronus.cli.traffic.TrafficSum;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.text.SingleLineJson;
import dev.patronus.policy.TrafficNow;
import java.io.BufferedOutputStream;
import java.io.IOException;

/// A watch as JSON documents, one a line: for each reading the document of `stats`.
final class WatchDocuments implements WatchOutput {
  private static final int BUFFER = 1 << 16;

  private final Invocation call;
  private final SingleLineJson line;

  WatchDocuments(Invocation call) {
    this.call = call;
    this.line = new SingleLineJson(new BufferedOutputStream(call.out(), BUFFER));
  }

  @Override
  public void show(WatchReading reading) throws IOException {
    call.stream();
    TrafficNow now = reading.now();
    Answer answer =
        new Answer()
            .member("time", reading.time())
            .member("source", EnumNames.of(now.source()))
            .member("as_of", now.asOf().orElse(null))
            .member("estimated", now.estimated())
            .member("rate_window_seconds", reading.window().toMillis() / 1000.0)
            .table(WatchTable.programs(call, reading, false));
    TrafficAnswer.addSums(
        answer, reading.unmatched().map(WatchedRow::row), TrafficSum.of(reading.all()));
    reading.alerts().addMember(answer);
    new AnswerPrinter(Format.JSON, call.screen(), false).print(answer, line);
    line.end();
    call.out().flush();
  }

  @Override
  public boolean forPeople() {
    return false;
  }

  @Override
  public void close() {
    // nothing was changed
  }
}
