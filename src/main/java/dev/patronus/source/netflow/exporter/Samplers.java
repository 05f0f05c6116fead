package dev.patronus.source.netflow.exporter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The sampling rates that an exporter announced for one observation domain.
///
/// Kept by address and domain, without the port: options and data may come from different ports.
/// Bounded; confined to the decoder's thread, but for what it shows to others.
public final class Samplers {
  /// The maximum number of samplers of one domain; at the limit the oldest one is evicted.
  static final int LIMIT = 256;

  private final Map<Long, Rate> bySampler = new LinkedHashMap<>();
  private final Map<Long, Rate> shown = new ConcurrentHashMap<>(4); // for other threads
  private volatile @Nullable Rate announced;
  private @Nullable Rate ofDomain;

  /// What options without a sampler said; true if that is new.
  public boolean announce(Rate rate) {
    Rate said = rate.saidBy(Rate.Origin.OPTIONS);
    boolean same = said.equals(announced);
    announced = said;
    ofDomain = said;
    return !same;
  }

  /// What the options of one sampler said; true if that is new.
  public boolean announce(long sampler, Rate rate) {
    if (bySampler.size() >= LIMIT && !bySampler.containsKey(sampler)) {
      Long oldest = bySampler.keySet().iterator().next();
      bySampler.remove(oldest);
      shown.remove(oldest);
    }
    Rate said = rate.saidBy(Rate.Origin.SAMPLER);
    boolean same = said.equals(bySampler.put(sampler, said));
    if (!same) {
      shown.put(sampler, said);
    }
    ofDomain = announced == null ? agreed() : announced;
    return !same;
  }

  /// Takes up what others have announced.
  ///
  /// @return how many samplers are new
  public int addAll(Samplers others) {
    int before = bySampler.size();
    Rate whole = others.announced;
    if (whole != null) {
      announce(whole);
    }
    others.bySampler.forEach(this::announce);
    return bySampler.size() - before;
  }

  /// The rate of one sampler, or null.
  public @Nullable Rate of(long sampler) {
    return bySampler.get(sampler);
  }

  /// The rate of records that name no sampler, or null: what was said of the domain, or of its
  /// samplers if they agree.
  public @Nullable Rate ofDomain() {
    return ofDomain;
  }

  /// What was announced: of the domain, then of its samplers by id. Safe from any thread.
  List<TemplateListing.Announced> announced(int domain) {
    List<TemplateListing.Announced> rates = new ArrayList<>();
    Rate whole = announced;
    if (whole != null) {
      rates.add(new TemplateListing.Announced(domain, null, whole));
    }
    new TreeMap<>(shown)
        .forEach(
            (sampler, rate) -> rates.add(new TemplateListing.Announced(domain, sampler, rate)));
    return rates;
  }

  private @Nullable Rate agreed() {
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
  public @Nullable Rate announcedOfDomain() {
    return announced;
  }
}
