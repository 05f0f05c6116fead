package dev.patronus.source.netflow.exporter;

import java.util.LinkedHashMap;
import java.util.Map;

/// The sampling rates that an exporter announced for one observation domain.
///
/// Kept by address and domain, without the port: options and data may come from different ports.
/// Bounded; confined to the decoder's thread.
public final class Samplers {
  /// The maximum number of samplers of one domain; at the limit the oldest one is evicted.
  static final int LIMIT = 256;

  private final Map<Long, Rate> bySampler = new LinkedHashMap<>();
  private Rate announced;
  private Rate ofDomain;

  /// What options without a sampler said; true if that is new.
  public boolean announce(Rate rate) {
    boolean same = announced != null && announced.equals(rate.saidBy(Rate.Origin.OPTIONS));
    announced = rate.saidBy(Rate.Origin.OPTIONS);
    ofDomain = announced;
    return !same;
  }

  /// What the options of one sampler said; true if that is new.
  public boolean announce(long sampler, Rate rate) {
    if (bySampler.size() >= LIMIT && !bySampler.containsKey(sampler)) {
      bySampler.remove(bySampler.keySet().iterator().next());
    }
    Rate said = rate.saidBy(Rate.Origin.SAMPLER);
    boolean same = said.equals(bySampler.put(sampler, said));
    ofDomain = announced == null ? agreed() : announced;
    return !same;
  }

  /// Takes up what others have announced.
  ///
  /// @return how many samplers are new
  public int addAll(Samplers others) {
    int before = bySampler.size();
    if (others.announced != null) {
      announce(others.announced);
    }
    others.bySampler.forEach(this::announce);
    return bySampler.size() - before;
  }

  /// The rate of one sampler, or null.
  public Rate of(long sampler) {
    return bySampler.get(sampler);
  }

  /// The rate of records that name no sampler, or null: what was said of the domain, or of its
  /// samplers if they agree.
  public Rate ofDomain() {
    return ofDomain;
  }

  private Rate agreed() {
    Rate any = bySampler.values().iterator().next();
    return bySampler.values().stream().allMatch(any::equals) ? any : null;
  }

  /// How many samplers have announced a rate.
  public int size() {
    return bySampler.size();
  }

  /// The samplers by id, for saving.
  public Map<Long, Rate> bySampler() {
    return bySampler;
  }

  /// What was said of the domain, for saving; or null.
  public Rate announcedOfDomain() {
    return announced;
  }
}
