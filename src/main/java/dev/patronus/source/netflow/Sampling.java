package dev.patronus.source.netflow;

import dev.patronus.flow.IpAddress;
import dev.patronus.source.netflow.exporter.Rate;
import dev.patronus.source.netflow.exporter.Stream;
import dev.patronus.source.netflow.template.FieldIndex;
import dev.patronus.source.netflow.template.Layout;
import dev.patronus.source.netflow.wire.Header;
import dev.patronus.source.netflow.wire.Wire;

/// Selects the sampling rate of a record.
///
/// In this order: the administrator's override; the record itself (IE 34, 305 with 306); the
/// sampler that the record names (IE 48, 302); the options of the domain; the header (v5); the
/// administrator's default; else each packet counts once. A rate of 0 is none. Confined to the
/// decoder's thread.
final class Sampling {
  private static final int V5_INTERVAL = 0x3fff; // the top two bits are the mode

  private NetflowSettings settings;
  private Rate ofSet = Rate.NONE;
  private Rate ofHeader = Rate.NONE;
  private Rate ofRecord = Rate.NONE;
  private long unknown;

  Sampling(NetflowSettings settings) {
    this.settings = settings;
  }

  /// Uses other settings from the next set on.
  void use(NetflowSettings other) {
    settings = other;
  }

  /// The rate of records that say nothing themselves; holds until the next set.
  Rate ofSet(IpAddress exporter, Stream stream, Header header) {
    Rate override = settings.samplingOf(exporter, header.domain());
    Rate ofDomain = stream.samplers().ofDomain();
    int interval = header.sampling() & V5_INTERVAL;
    if (override.isOverride()) {
      ofSet = override;
    } else if (ofDomain != null) {
      ofSet = ofDomain;
    } else if (interval > 0) {
      ofSet = ofHeader(interval);
    } else {
      ofSet = settings.samplingDefault();
    }
    return ofSet;
  }

  private Rate ofHeader(int interval) {
    if (ofHeader.population() != interval || ofHeader.origin() != Rate.Origin.HEADER) {
      ofHeader = new Rate(interval, 1, Rate.Origin.HEADER);
    }
    return ofHeader;
  }

  /// The rate of a record with sampling elements.
  Rate ofRecord(Stream stream, Layout layout, byte[] bytes, int[] at, int base) {
    if (ofSet.isOverride()) {
      return ofSet;
    }
    long interval = value(layout, bytes, at, base, FieldIndex.INTERVAL);
    if (Rate.isRate(interval, 1)) {
      return ofRecord(interval, 1);
    }
    long sampled = value(layout, bytes, at, base, FieldIndex.PACKET_INTERVAL);
    long population = sampled + value(layout, bytes, at, base, FieldIndex.PACKET_SPACE);
    if (layout.has(FieldIndex.PACKET_SPACE) && Rate.isRate(population, sampled)) {
      return ofRecord(population, sampled);
    }
    int field = layout.has(FieldIndex.SAMPLER_ID) ? FieldIndex.SAMPLER_ID : FieldIndex.SELECTOR_ID;
    Rate ofSampler = stream.samplers().of(value(layout, bytes, at, base, field));
    return ofSampler == null ? unnamed(value(layout, bytes, at, base, field)) : ofSampler;
  }

  private Rate unnamed(long sampler) {
    if (sampler != 0 && ofSet.origin() == Rate.Origin.NONE) {
      unknown++;
    }
    return ofSet;
  }

  private Rate ofRecord(long population, long sample) {
    if (ofRecord.population() != population
        || ofRecord.sample() != sample
        || ofRecord.origin() != Rate.Origin.RECORD) {
      ofRecord = new Rate(population, sample, Rate.Origin.RECORD);
    }
    return ofRecord;
  }

  private static long value(Layout layout, byte[] bytes, int[] at, int base, int field) {
    return layout.has(field) ? Wire.integer(bytes, base + at[field], layout.length[field]) : 0;
  }

  /// Records since the last call that name a sampler of which no rate is known.
  long takeUnknown() {
    long taken = unknown;
    unknown = 0;
    return taken;
  }
}
