package dev.patronus.output.row;

import dev.patronus.json.Json;
import java.io.IOException;
import java.util.Objects;

/// Some thousand rows on their way from a table to a [RowWriter], column by column, without an
/// object for a row or a number.
///
/// ```
///             column 0   column 1   …
///   kinds     byte[]     byte[]         what each cell is
///   numbers   long[]     long[]         whole numbers, the bits of decimals, flags, seconds
///   objects   Object[]   Object[]       texts and JSON; only where a column has some
/// ```
///
/// Confined to one thread at a time: the producer fills it, passes it on and gets it back to be
/// filled again.
public final class Batch {
  /// How many rows fit: a millisecond or two of reading.
  public static final int ROWS = 4096;

  private static final byte ABSENT = 0;
  private static final byte NUMBER = 1;
  private static final byte UNSIGNED = 2;
  private static final byte DECIMAL = 3;
  private static final byte FLAG = 4;
  private static final byte TIME = 5;
  private static final byte TEXT = 6;
  private static final byte JSON = 7;

  private final byte[][] kinds;
  private final long[][] numbers;
  private final Object[][] objects;
  private int rows;

  public Batch(int columns) {
    kinds = new byte[columns][ROWS];
    numbers = new long[columns][ROWS];
    objects = new Object[columns][];
  }

  public int rows() {
    return rows;
  }

  public boolean full() {
    return rows == ROWS;
  }

  /// Forgets all rows.
  public void clear() {
    rows = 0;
  }

  /// Ends the row whose cells were set; each column must have been.
  public void endRow() {
    rows++;
  }

  public void absent(int column) {
    kinds[column][rows] = ABSENT;
  }

  public void number(int column, long value) {
    set(column, NUMBER, value);
  }

  /// Sets an unsigned 64-bit identifier.
  public void unsigned(int column, long value) {
    set(column, UNSIGNED, value);
  }

  public void decimal(int column, double value) {
    set(column, DECIMAL, Double.doubleToRawLongBits(value));
  }

  public void flag(int column, boolean value) {
    set(column, FLAG, value ? 1 : 0);
  }

  /// Sets an instant in epoch seconds.
  public void time(int column, long epochSecond) {
    set(column, TIME, epochSecond);
  }

  public void text(int column, String value) {
    set(column, TEXT, Objects.requireNonNull(value));
  }

  public void json(int column, Json value) {
    set(column, JSON, Objects.requireNonNull(value));
  }

  private void set(int column, byte kind, long value) {
    kinds[column][rows] = kind;
    numbers[column][rows] = value;
  }

  private void set(int column, byte kind, Object value) {
    if (objects[column] == null) {
      objects[column] = new Object[ROWS];
    }
    kinds[column][rows] = kind;
    objects[column][rows] = value;
  }

  /// Whether the cell holds a whole number, an identifier, a flag or an instant.
  public boolean isWhole(int row, int column) {
    return switch (kinds[column][row]) {
      case NUMBER, UNSIGNED, FLAG, TIME -> true;
      default -> false;
    };
  }

  /// The cell's whole number; only where [#isWhole] says so.
  public long whole(int row, int column) {
    return numbers[column][row];
  }

  /// The cell's number, whole or with a fraction; not a number where the cell holds none.
  public double decimal(int row, int column) {
    return switch (kinds[column][row]) {
      case NUMBER -> numbers[column][row];
      case DECIMAL -> Double.longBitsToDouble(numbers[column][row]);
      default -> Double.NaN;
    };
  }

  /// The cell's text; empty where the cell holds none.
  public String text(int row, int column) {
    return kinds[column][row] == TEXT ? (String) objects[column][row] : "";
  }

  /// Copies a cell of another batch into the row that is being filled.
  public void copy(int column, Batch from, int row, int fromColumn) {
    byte kind = from.kinds[fromColumn][row];
    if (kind == TEXT || kind == JSON) {
      set(column, kind, from.objects[fromColumn][row]);
    } else {
      set(column, kind, from.numbers[fromColumn][row]);
    }
  }

  /// Writes all rows.
  public void writeTo(RowWriter writer) throws IOException {
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < kinds.length; column++) {
        write(row, column, writer);
      }
      writer.endRow();
    }
  }

  private void write(int row, int column, RowWriter writer) throws IOException {
    long number = numbers[column][row];
    switch (kinds[column][row]) {
      case NUMBER -> writer.number(number);
      case UNSIGNED -> writer.unsigned(number);
      case DECIMAL -> writer.decimal(Double.longBitsToDouble(number));
      case FLAG -> writer.flag(number != 0);
      case TIME -> writer.time(number);
      case TEXT -> writer.text((String) objects[column][row]);
      case JSON -> writer.json((Json) objects[column][row]);
      default -> writer.absent();
    }
  }
}
