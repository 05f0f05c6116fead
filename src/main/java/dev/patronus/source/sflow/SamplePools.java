package dev.patronus.source.sflow;

import dev.patronus.flow.IpAddress;
import dev.patronus.source.netflow.exporter.Rate;
import java.util.LinkedHashMap;
import java.util.Map;

/// The sample pools of data sources: how many packets could have been sampled, and how many samples
/// an agent itself had to drop.
///
/// A sample stands for as many packets as its rate says. If the agent dropped samples since the
/// last one, the samples that it did send stand for those too, provided that the pool has grown by
/// enough packets for that. Bounded: at the limit the data source that was silent for longest is
/// forgotten. Confined to the decoder's thread.
///
/// Source: sFlow Version 5 (sflow.org, July 2004), section 5, `flow_sample`.
final class SamplePools {
  /// The maximum number of data sources of all agents: some 2 MB.
  static final int LIMIT = 16_384;

  /// The most samples that can be missing between two samples; beyond it the agent has restarted.
  private static final int MOST_MISSING = 1 << 20;

  /// How many samples the rate is compared with the pool over.
  static final int COMPARED = 256;

  /// A data source of a sub-agent.
  record DataSource(IpAddress agent, long subAgent, long id) {}

  /// The state of a data source, as its last sample told it.
  private static final class Pool {
    int sequence;
    int pool;
    int drops;
    long samples; // since the comparison
    long expected; // packets that those stand for by their rates
    long grown; // packets that the pool has grown by meanwhile
  }

  private final int limit;
  private final Map<DataSource, Pool> pools = new LinkedHashMap<>(16, 0.75f, true);
  private long dropped;
  private long contradicting;

  /// @param parts how many decoders share the limit
  SamplePools(int parts) {
    limit = LIMIT / parts;
  }

  /// Begins anew with each data source: samples may have gone elsewhere.
  void forget() {
    pools.clear();
  }

  /// The rate that a sample stands for.
  ///
  /// @param rate what the sample says itself
  /// @param sequence the number of the sample, modulo 2^32
  /// @param pool the packets that could have been sampled, modulo 2^32
  /// @param drops the samples that the agent dropped, modulo 2^32
  Rate rate(DataSource source, Rate rate, int sequence, int pool, int drops) {
    Pool known = pools.get(source);
    if (known == null) {
      known = add(source);
      known.sequence = sequence - 1; // nothing is known of what came before
      known.pool = pool - (int) rate.population();
      known.drops = drops;
    }
    int samples = sequence - known.sequence;
    if (samples <= 0 && samples > -MOST_MISSING) {
      return rate; // late, or sent twice
    }
    int missing = drops - known.drops;
    long grown = pool - known.pool & 0xffff_ffffL;
    known.sequence = sequence;
    known.pool = pool;
    known.drops = drops;
    if (samples < 0 || samples > MOST_MISSING || missing < 0 || missing > MOST_MISSING) {
      known.samples = 0; // the agent has restarted
      known.expected = 0;
      known.grown = 0;
      return rate;
    }
    dropped += missing;
    compare(known, samples, rate.population() * (samples + missing), grown);
    long population = rate.population() * (samples + missing);
    return missing > 0 && grown >= population / 2 && Rate.isRate(population, samples)
        ? new Rate(population, samples, rate.origin())
        : rate;
  }

  private Pool add(DataSource source) {
    if (pools.size() >= limit) {
      pools.remove(pools.keySet().iterator().next());
    }
    Pool added = new Pool();
    pools.put(source, added);
    return added;
  }

  /// Compares the rates with the growth of the pool; chance alone makes no factor of two.
  private void compare(Pool known, int samples, long expected, long grown) {
    known.samples += samples;
    known.expected += expected;
    known.grown += grown;
    if (known.samples >= COMPARED) {
      if (known.expected / 2 > known.grown || known.grown / 2 > known.expected) {
        contradicting += known.samples;
      }
      known.samples = 0;
      known.expected = 0;
      known.grown = 0;
    }
  }

  /// The samples that agents dropped since the last call.
  long takeDropped() {
    long taken = dropped;
    dropped = 0;
    return taken;
  }

  /// The samples since the last call whose rate is not that of the pool, by a factor of two or
  /// more.
  long takeContradicting() {
    long taken = contradicting;
    contradicting = 0;
    return taken;
  }
}
