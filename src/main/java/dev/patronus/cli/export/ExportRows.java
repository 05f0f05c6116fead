package dev.patronus.cli.export;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.ProgressLine;
import dev.patronus.output.Format;
import dev.patronus.output.file.Encoder;
import dev.patronus.output.row.Batch;
import dev.patronus.output.row.CsvWriter;
import dev.patronus.output.row.JoinableWriter;
import dev.patronus.output.row.JsonDocument;
import dev.patronus.output.row.JsonRows;
import dev.patronus.output.row.RowWriter;
import dev.patronus.output.row.StreamedTable;
import dev.patronus.output.table.Heading;
import dev.patronus.store.scan.RowScan;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Rows of an export on their way: from a scan into a stream.
///
/// @param asked what was asked, for the document that says so
record ExportRows(RowScan scan, List<Heading> columns, Map<String, Object> asked) {

  /// Writes all rows; gives how many there were.
  long writeTo(OutputStream out, Format format, Invocation call, ProgressLine progress)
      throws IOException {
    RowWriter writer = writer(out, format, call, asked);
    writer.begin(columns);
    Optional<SlicedRows> sliced = sliced(writer);
    if (sliced.isPresent()) {
      try (SlicedRows slices = sliced.get()) {
        return slices.writeAll(progress);
      }
    }
    long rows = 0;
    try (Encoder encoder = new Encoder(writer, columns.size())) {
      encoder.start();
      Batch batch = encoder.next();
      while (scan.fill(batch)) {
        rows += batch.rows();
        encoder.put(batch);
        progress.at(rows, scan.done());
        batch = encoder.next();
      }
      encoder.finish();
    }
    return rows;
  }

  private Optional<SlicedRows> sliced(RowWriter writer) {
    return writer instanceof JoinableWriter joinable
        ? scan.slices()
            .flatMap(slices ->
                SlicedRows.start(
                    slices, joinable, columns.size(), Runtime.getRuntime().availableProcessors()))
        : Optional.empty();
  }

  /// What a file of rows begins with.
  static byte[] head(List<Heading> columns, Format format, Invocation call) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    RowWriter writer = writer(head, format, call, Map.of());
    writer.begin(columns);
    writer.finish();
    return head.toByteArray();
  }

  /// What writes rows in a format.
  ///
  /// @param asked what was asked, for the document that says so
  static RowWriter writer(
      OutputStream out, Format format, Invocation call, Map<String, Object> asked)
      throws IOException {
    return switch (format) {
      case CSV -> csv(out, call);
      case NDJSON -> JsonRows.lines(out);
      case JSON -> document(out, asked);
      case TABLE -> new StreamedTable(out, call.screen());
    };
  }

  /// A terminal is spared what could drive it; a file takes all text as it is.
  @SuppressWarnings("ReferenceEquality") // which of the two streams it is
  private static RowWriter csv(OutputStream out, Invocation call) {
    return out == call.out()
        ? new CsvWriter(out, call.screen(), call.spreadsheetSafe())
        : new CsvWriter(out, call.screen().headers(), call.spreadsheetSafe());
  }

  private static RowWriter document(OutputStream out, Map<String, Object> asked)
      throws IOException {
    JsonDocument document = new JsonDocument(out);
    document.member("asked", asked);
    return document.lastRows("rows");
  }
}
