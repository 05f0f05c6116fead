package dev.patronus.source.conntrack;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.Volume;
import java.util.Optional;

/// An entry of the kernel's table: a connection, and what both its directions have carried until
/// now.
///
/// Immutable.
///
/// @param id the kernel's number for it; it can come again for a later entry
/// @param zone of connection tracking; mostly 0
/// @param original the flow of the initiator, before any address translation
/// @param replyIcmp type and code of the reply (`type << 8 | code`) if it is ICMP; else 0
/// @param status the kernel's flags, `enum ip_conntrack_status`
/// @param counted what each direction has carried; empty if the kernel did not count when the
///   connection began (`nf_conntrack_acct` was 0)
record ConntrackEntry(
    int id, int zone, FlowKey original, int replyIcmp, int status, Optional<Counted> counted) {
  /// What the two directions have carried, in IP bytes.
  record Counted(Volume original, Volume reply) {}

  private static final int DYING = 1 << 9;
  private static final int OFFLOADED = 1 << 14;
  private static final int OFFLOADED_TO_HARDWARE = 1 << 15;

  /// The flow that answers: the original turned round, so that policies meet it with the addresses
  /// that the two ends know, whatever was translated between them. Of ICMP it has its own type: an
  /// echo is answered by an echo reply.
  FlowKey reply() {
    FlowKey back = original.reversed();
    return isIcmp()
        ? new FlowKey(
            back.srcHigh(),
            back.srcLow(),
            back.dstHigh(),
            back.dstLow(),
            0,
            replyIcmp,
            back.protocol())
        : back;
  }

  private boolean isIcmp() {
    return original.protocol() == FlowKey.ICMP || original.protocol() == FlowKey.ICMPV6;
  }

  /// Whether it is being destroyed: its end was reported, or is about to be.
  boolean isDying() {
    return (status & DYING) != 0;
  }

  /// Whether its packets may go past the kernel's counters.
  boolean isOffloaded() {
    return (status & (OFFLOADED | OFFLOADED_TO_HARDWARE)) != 0;
  }

  /// Added to the identity of an entry it stands for the flow that answers.
  static final long REPLY = 1;

  /// What tells it from all others that are there at the same time; an even number. The kernel's id
  /// alone does not: it has 32 bits, and is a hash.
  long identity() {
    return (long) (id ^ zone * 0x9E3779B9) << 32 | (original.hashCode() & 0xffff_fffeL);
  }
}
