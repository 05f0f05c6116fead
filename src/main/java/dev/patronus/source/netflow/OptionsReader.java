package dev.patronus.source.netflow;

import dev.patronus.source.netflow.exporter.Rate;
import dev.patronus.source.netflow.exporter.Samplers;
import dev.patronus.source.netflow.exporter.Stream;
import dev.patronus.source.netflow.template.FieldIndex;
import dev.patronus.source.netflow.template.Layout;
import dev.patronus.source.netflow.wire.Wire;
import org.jspecify.annotations.Nullable;

/// Reads options records, in which an exporter describes itself: sampling rates and its boot time.
///
/// Four ways of announcing a rate are understood (RFC 3954 §8, RFC 5477 §8.2): elements 34, 50, 305
/// with 306, 309 with 310; and the probability 311. A rate of 0, or one that is no rate, is
/// ignored. Confined to the decoder's thread.
final class OptionsReader {
  private final int[] places = new int[FieldIndex.COUNT];
  private final int[] sizes = new int[FieldIndex.COUNT];
  private byte[] bytes = {};

  @SuppressWarnings("NullAway.Init") // set by each read
  private Layout layout;

  private boolean learned;

  /// Reads the records in `[from, end)` into the stream.
  ///
  /// @return how many there were
  int read(Stream stream, Layout layout, byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.layout = layout;
    int records = 0;
    int at = from;
    while (end - at >= layout.recordLength) {
      int next = place(at, end);
      if (next < 0) {
        break;
      }
      record(stream);
      at = next;
      records++;
    }
    return records;
  }

  private int place(int at, int end) {
    if (layout.variable) {
      return layout.locate(bytes, at, end, places, sizes);
    }
    for (int field = 0; field < places.length; field++) {
      places[field] = at + layout.at[field];
    }
    return at + layout.recordLength;
  }

  private void record(Stream stream) {
    long boot = value(FieldIndex.BOOT_MILLIS);
    if (boot > 0 && boot != stream.bootMillis()) {
      stream.bootedAt(boot);
      learned = true;
    }
    Rate rate = rate();
    if (rate != null) {
      learned |= announce(stream.samplers(), rate);
    }
  }

  private boolean announce(Samplers samplers, Rate rate) {
    if (layout.has(FieldIndex.SAMPLER_ID)) {
      return samplers.announce(value(FieldIndex.SAMPLER_ID), rate);
    }
    if (layout.has(FieldIndex.SELECTOR_ID)) {
      return samplers.announce(value(FieldIndex.SELECTOR_ID), rate);
    }
    return samplers.announce(rate);
  }

  /// The sampling rate that this record announces, or null.
  private @Nullable Rate rate() {
    Rate rate = rate(value(FieldIndex.INTERVAL), 1);
    if (rate == null) {
      rate = rate(value(FieldIndex.SAMPLER_INTERVAL), 1);
    }
    if (rate == null && layout.has(FieldIndex.PACKET_SPACE)) {
      long sampled = value(FieldIndex.PACKET_INTERVAL);
      rate = rate(sampled + value(FieldIndex.PACKET_SPACE), sampled);
    }
    if (rate == null) {
      rate = rate(value(FieldIndex.SAMPLE_POPULATION), value(FieldIndex.SAMPLE_SIZE));
    }
    return rate == null ? ofProbability() : rate;
  }

  private @Nullable Rate ofProbability() {
    if (!layout.has(FieldIndex.PROBABILITY)) {
      return null;
    }
    int at = places[FieldIndex.PROBABILITY];
    double probability =
        layout.length[FieldIndex.PROBABILITY] == 4
            ? Float.intBitsToFloat(Wire.i32(bytes, at))
            : Double.longBitsToDouble(Wire.i64(bytes, at));
    return probability > 0 && probability <= 1 ? rate(Math.round(1 / probability), 1) : null;
  }

  private static @Nullable Rate rate(long population, long sample) {
    return Rate.isRate(population, sample)
        ? new Rate(population, sample, Rate.Origin.OPTIONS)
        : null;
  }

  private long value(int field) {
    return layout.has(field) ? Wire.integer(bytes, places[field], layout.length[field]) : 0;
  }

  /// Whether a new rate or boot time was read since the last call.
  boolean takeLearned() {
    boolean taken = learned;
    learned = false;
    return taken;
  }
}
