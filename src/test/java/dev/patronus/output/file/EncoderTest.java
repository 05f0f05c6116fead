package dev.patronus.output.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.output.row.Batch;
import dev.patronus.output.row.CsvWriter;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncoderTest {
  private static final List<Heading> COLUMNS = List.of(Heading.of("n", Kind.COUNT));

  private static void fill(Batch batch, long from, int rows) {
    for (int i = 0; i < rows; i++) {
      batch.number(0, from + i);
      batch.endRow();
    }
  }

  private static Encoder encoder(OutputStream out) throws IOException {
    CsvWriter writer = new CsvWriter(out, true, false);
    writer.begin(COLUMNS);
    Encoder encoder = new Encoder(writer, 1);
    encoder.start();
    return encoder;
  }

  @Test
  void rows_come_out_in_the_order_in_which_they_were_put_in() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StringBuilder expected = new StringBuilder("n\r\n");
    try (Encoder encoder = encoder(out)) {
      for (int i = 0; i < 20; i++) {
        Batch batch = encoder.next();
        fill(batch, i * 1000L, 1000);
        encoder.put(batch);
      }
      encoder.finish();
    }
    for (int i = 0; i < 20_000; i++) {
      expected.append(i).append("\r\n");
    }
    assertEquals(expected.toString(), out.toString(StandardCharsets.UTF_8));
  }

  /// A disk that is full after some bytes.
  private static final class FullDisk extends OutputStream {
    private int left;

    FullDisk(int bytes) {
      left = bytes;
    }

    @Override
    public void write(int b) throws IOException {
      if (left-- <= 0) {
        throw new IOException("No space left on device");
      }
    }
  }

  @Test
  void a_failure_of_writing_reaches_the_reader() throws IOException {
    try (Encoder encoder = encoder(new FullDisk(100_000))) {
      IOException failure =
          assertThrows(
              IOException.class,
              () -> {
                while (true) {
                  Batch batch = encoder.next();
                  fill(batch, 0, Batch.ROWS);
                  encoder.put(batch);
                }
              });
      assertEquals("No space left on device", failure.getMessage());
    }
  }

  @Test
  void a_failure_of_the_last_bytes_reaches_the_one_who_finishes() throws IOException {
    try (Encoder encoder = encoder(new FullDisk(0))) {
      assertThrows(IOException.class, encoder::finish);
    }
  }

  @Test
  void closing_without_finishing_leaves_the_output_unfinished() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Encoder encoder = encoder(out)) {
      Batch batch = encoder.next();
      fill(batch, 0, 3);
      encoder.put(batch);
    }
    assertEquals("", out.toString(StandardCharsets.UTF_8), "nothing was flushed");
  }
}
