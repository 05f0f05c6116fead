package dev.patronus.output.row;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteWriterTest {
  /// What writes one value.
  @FunctionalInterface
  private interface Writing {
    void to(ByteWriter writer) throws IOException;
  }

  private static String written(Writing writing) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteWriter writer = new ByteWriter(out);
    writing.to(writer);
    writer.flush();
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void numbers_of_every_length_have_the_digits_that_java_gives_them() throws IOException {
    for (long power = 1; power > 0 && power <= Long.MAX_VALUE / 10; power *= 10) {
      for (long value : new long[] {power - 1, power, power + 1, 9 * power, -power}) {
        assertEquals(Long.toString(value), written(writer -> writer.number(value)));
        assertEquals(Long.toUnsignedString(value), written(writer -> writer.unsigned(value)));
      }
    }
    for (long value :
        new long[] {
          Long.MAX_VALUE, Long.MIN_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE + 1L, 21474836470L
        }) {
      assertEquals(Long.toString(value), written(writer -> writer.number(value)));
      assertEquals(Long.toUnsignedString(value), written(writer -> writer.unsigned(value)));
    }
  }

  @Test
  void times_have_the_text_of_instants_from_the_year_0_to_9999() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteWriter writer = new ByteWriter(out);
    List<Instant> expected = new ArrayList<>();
    long day = 0;
    for (int i = 0; i < 100_000; i++) {
      day = random.nextInt(3) == 0 ? random.nextLong(-719_528, 2_932_897) : day;
      long second = day * 86_400 + random.nextInt(86_400);
      writer.time(second);
      writer.ascii('\n');
      expected.add(Instant.ofEpochSecond(second));
    }
    writer.flush();
    List<String> written = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(expected.size(), written.size());
    for (int i = 0; i < written.size(); i++) {
      assertEquals(expected.get(i).toString(), written.get(i), () -> "repeat with -Dseed=" + seed);
    }
  }

  @Test
  void a_time_that_no_calendar_reaches_becomes_the_nearest_that_one_does() throws IOException {
    assertEquals("0000-01-01T00:00:00Z", written(writer -> writer.time(Long.MIN_VALUE)));
    assertEquals("9999-12-31T23:59:59Z", written(writer -> writer.time(Long.MAX_VALUE)));
  }
}
