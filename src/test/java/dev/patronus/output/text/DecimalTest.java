package dev.patronus.output.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.output.row.ByteWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecimalTest {
  private static final long SEED = 20261123;

  @Test
  void a_whole_number_shows_that_it_could_have_a_fraction() {
    assertEquals("3.0", Decimal.text(3));
    assertEquals("-0.5", Decimal.text(-0.5));
    assertEquals("0.0", Decimal.text(-0.0));
  }

  @Test
  void an_exponent_stands_where_sqlite_has_one() {
    assertEquals("100000000000000.0", Decimal.text(1e14));
    assertEquals("1.0e+15", Decimal.text(1e15));
    assertEquals("12345678.9", Decimal.text(12345678.9));
    assertEquals("0.0001", Decimal.text(1e-4));
    assertEquals("1.0e-05", Decimal.text(1e-5));
    assertEquals("-1.5e-300", Decimal.text(-1.5e-300));
  }

  @Test
  void what_fifteen_digits_say_reads_as_sqlite_writes_it() throws SQLException {
    Random random = new Random(SEED);
    try (Connection memory = DriverManager.getConnection("jdbc:sqlite::memory:");
        PreparedStatement select = memory.prepareStatement("SELECT printf('%!.15g', ?)")) {
      for (int i = 0; i < 20_000; i++) {
        double value = short15(random);
        select.setDouble(1, value);
        try (ResultSet row = select.executeQuery()) {
          assertEquals(row.getString(1), Decimal.text(value), "seed " + SEED);
        }
      }
    }
  }

  /// A number of any size whose first fifteen digits say all.
  private static double short15(Random random) {
    double any = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(60) - 30);
    int digits = 1 + random.nextInt(15);
    return new BigDecimal(any).round(new MathContext(digits)).doubleValue();
  }

  @Test
  void every_number_is_read_back_as_itself_whichever_way_it_was_written() throws IOException {
    Random random = new Random(SEED);
    for (int i = 0; i < 50_000; i++) {
      double value = i % 2 == 0 ? short15(random) : Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        assertEquals(value, Double.parseDouble(Decimal.text(value)), "seed " + SEED);
        assertEquals(Decimal.text(value), written(value), "seed " + SEED);
      }
    }
  }

  @Test
  void thousandths_are_written_like_all_others() throws IOException {
    for (int i = -20_000; i < 20_000; i++) {
      assertEquals(Decimal.text(i / 1000.0), written(i / 1000.0));
    }
  }

  private static String written(double value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ByteWriter writer = new ByteWriter(bytes);
    writer.decimal(value);
    writer.flush();
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
