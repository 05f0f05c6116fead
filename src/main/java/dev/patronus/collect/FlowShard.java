package dev.patronus.collect;

import dev.patronus.collect.table.FlowTable;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import java.util.concurrent.atomic.AtomicInteger;

/// What the records of one receiving thread are added to: a flow table with the classification of
/// its flows, and the counts since the last commit. Each flow is classified once, and again when
/// policies change.
///
/// A reply finds the flow that it answers in its own shard only. Confined to one thread at a time
/// (see [Collector]). Time is in ticks of [FlowTable].
final class FlowShard {
  /// The number of flows that are visited for expiry with each batch.
  private static final int STEP = 512;

  /// How many are classified again in such a step: each asks all policies.
  private static final int CLASSIFY_STEP = 64;

  private final FlowTable flows;
  private final PendingCounts pending = new PendingCounts();
  private Classifier classifier;
  private boolean countReplies;
  private int[] hashes = new int[64];
  private int[] likely = new int[64];
  private int[] slots = new int[64];
  private int reclassified;
  private final AtomicInteger live = new AtomicInteger();
  private final Counter expired;
  private final Counter evicted;
  private long expiredPublished;
  private long evictedPublished;

  FlowShard(FlowTable flows, Classifier classifier, boolean countReplies, Metrics metrics) {
    this.flows = flows;
    this.classifier = classifier;
    this.countReplies = countReplies;
    expired = metrics.counter("flows_expired");
    evicted = metrics.counter("flows_evicted");
  }

  FlowTable flows() {
    return flows;
  }

  /// The number of flows that were seen within the flow timeout. Safe from any thread.
  int live() {
    return live.get();
  }

  /// Classifies by other policies from now on: each live flow when it is seen again, or in [#tidy].
  ///
  /// @param repliesCounted whether a reply is counted to the policy of the flow that it answers
  void use(Classifier next, boolean repliesCounted) {
    classifier = next;
    countReplies = repliesCounted;
    reclassified = 0;
  }

  /// The counts since the last commit.
  PendingCounts pending() {
    return pending;
  }

  /// Adds the first `count` records, all of one source, to their flows and to the pending counts,
  /// which have room for them.
  void count(FlowRecord[] records, int count, CountingProgress progress, int tick) {
    if (hashes.length < count) {
      hashes = new int[count];
      likely = new int[count];
      slots = new int[count];
    }
    for (int i = 0; i < count; i++) {
      hashes[i] = flows.hash(records[i].key());
    }
    flows.lookAhead(hashes, count, likely);
    for (int i = 0; i < count; i++) {
      slots[i] = observe(records[i], hashes[i], likely[i], tick);
    }
    pending.add(slots, records, count, progress);
  }

  private int observe(FlowRecord seen, int hash, int likelyEntry, int tick) {
    int entry = flows.find(seen.key(), hash, likelyEntry);
    if (entry == FlowTable.ABSENT) {
      entry = flows.add(seen.key(), hash, tick, seen.startMillis());
      classify(entry, seen.key());
    } else if (flows.generation(entry) != classifier.generation()) {
      classify(entry, seen.key());
    }
    flows.observe(entry, seen, tick);
    return flows.slot(entry);
  }

  private void classify(int entry, FlowKey key) {
    int slot = classifier.slot(key);
    flows.markReply(entry, false);
    flows.assign(entry, slot, classifier.generation());
    if (countReplies && slot != PolicyCounters.TUNNEL) {
      ReplyKey.opposite(key).ifPresent(opposite -> pair(entry, key, opposite));
    }
  }

  /// Counts the reply of two opposite flows to the policy of the request. If the opposite flow was
  /// not seen yet (exporters report the two in any order), an unmatched flow is the reply to one
  /// that a policy would match.
  private void pair(int entry, FlowKey key, FlowKey oppositeKey) {
    int opposite = flows.find(oppositeKey, flows.hash(oppositeKey));
    if (opposite == FlowTable.ABSENT) {
      if (flows.slot(entry) == PolicyCounters.UNMATCHED) {
        answer(entry, oppositeKey);
      }
    } else if (asks(opposite, oppositeKey, entry)) {
      answer(entry, oppositeKey);
    } else {
      answer(opposite, key);
    }
  }

  private void answer(int reply, FlowKey work) {
    int slot = classifier.slot(work);
    if (slot != PolicyCounters.UNMATCHED) {
      flows.markReply(reply, true);
      flows.assign(reply, slot, classifier.generation());
    }
  }

  /// Whether the known flow is the request: it started earlier, or both started at the same time
  /// and it looks more like a request.
  private boolean asks(int known, FlowKey key, int other) {
    int earlier = Long.compare(flows.firstSeen(known), flows.firstSeen(other));
    return earlier != 0 ? earlier < 0 : ReplyKey.isLikelyQuestion(key);
  }

  /// Removes expired flows and reclassifies some, in a small step.
  ///
  /// @return whether nothing is left to do for the moment
  boolean tidy(int tick) {
    boolean settled = flows.expire(tick, STEP);
    int end = Math.min(reclassified + CLASSIFY_STEP, flows.entries());
    while (reclassified < end) {
      reclassify(reclassified++);
    }
    publish();
    return settled && reclassified == flows.entries();
  }

  private void publish() {
    live.lazySet(flows.size());
    expired.add(flows.expired() - expiredPublished);
    evicted.add(flows.evicted() - evictedPublished);
    expiredPublished = flows.expired();
    evictedPublished = flows.evicted();
  }

  private void reclassify(int entry) {
    if (flows.isUsed(entry) && flows.generation(entry) != classifier.generation()) {
      classify(entry, flows.key(entry));
    }
  }
}
