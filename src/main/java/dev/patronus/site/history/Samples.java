package dev.patronus.site.history;

import java.util.Arrays;

/// The samples of one measure, as they come.
///
/// Confined to one thread. Memory: 8 to 12 bytes a sample.
final class Samples {
  private static final int FIRST = 8;

  private double[] values = new double[FIRST];
  private int size;

  void add(double value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size + size / 2);
    }
    values[size++] = value;
  }

  Distribution distribution() {
    return Distribution.of(Arrays.copyOf(values, size));
  }
}
