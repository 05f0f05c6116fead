package dev.patronus.cli;

import dev.patronus.export.Answer;
import dev.patronus.export.AnswerPrinter;
import dev.patronus.export.Format;
import dev.patronus.export.OneLine;
import dev.patronus.policy.TrafficNow;
import java.io.BufferedOutputStream;
import java.io.IOException;

/// A watch as JSON documents, one a line: for each reading the document of `stats`.
final class WatchDocuments implements WatchOutput {
  private static final int BUFFER = 1 << 16;

  private final Call call;
  private final OneLine line;

  WatchDocuments(Call call) {
    this.call = call;
    this.line = new OneLine(new BufferedOutputStream(call.out(), BUFFER));
  }

  @Override
  public void show(WatchReading reading) throws IOException {
    call.stream();
    TrafficNow now = reading.now();
    Answer answer =
        new Answer()
            .member("time", reading.time())
            .member("source", Words.of(now.source()))
            .member("as_of", now.asOf().orElse(null))
            .member("estimated", now.estimated())
            .table(WatchTable.programs(call, reading, false));
    TrafficAnswer.addSums(
        answer, now, TrafficSum.of(reading.rows().stream().map(WatchedRow::row).toList()));
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
