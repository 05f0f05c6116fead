package dev.patronus.output.row;

import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What it costs to encode a row of an export: six numbers, and with `time` a time of its own second.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=WriterBenchmark
///
/// Recorded in `src/jmh/results/export.md`.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class WriterBenchmark {
  private static final int NUMBERS = 6;

  @Param({"false", "true"})
  public boolean time;

  private Batch batch;
  private RowWriter csv;
  private RowWriter lines;

  @Setup
  public void fill() throws IOException {
    int columns = time ? NUMBERS + 1 : NUMBERS;
    batch = new Batch(columns);
    for (int row = 0; row < Batch.ROWS; row++) {
      batch.number(0, row + 1_000_000);
      batch.unsigned(1, row % 1_000);
      batch.number(2, 1_795_000_000L + row);
      batch.number(3, row * 7_000L);
      batch.number(4, row * 7_123_000L);
      batch.number(5, row % 97);
      if (time) {
        batch.time(NUMBERS, 1_795_000_000L + row);
      }
      batch.endRow();
    }
    List<Heading> headings =
        java.util.stream.IntStream.range(0, columns)
            .mapToObj(i -> Heading.of("column_" + i, Kind.ID))
            .toList();
    csv = new CsvWriter(OutputStream.nullOutputStream(), true, false);
    csv.begin(headings);
    lines = JsonRows.lines(OutputStream.nullOutputStream());
    lines.begin(headings);
  }

  @Benchmark
  @OperationsPerInvocation(Batch.ROWS)
  public void csv() throws IOException {
    batch.writeTo(csv);
  }

  @Benchmark
  @OperationsPerInvocation(Batch.ROWS)
  public void ndjson() throws IOException {
    batch.writeTo(lines);
  }
}
