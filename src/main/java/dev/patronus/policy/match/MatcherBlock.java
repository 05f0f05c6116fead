package dev.patronus.policy.match;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.policy.rule.ApplicationClass;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.PortRange;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The compiled form of up to [#SIZE_MAX] policies in their order.
///
/// Each field has its [Intervals]; the interval that a flow's value lies in names the row of
/// policies that allow it. The rows are intersected word by word; the first bit is the policy.
/// Protocol, application class and destination port are one field, because the class follows from
/// the other two: there is one line of destination ports for TCP, one for UDP and one for the rest,
/// where the class is always Other and the protocol has rows of its own.
///
/// Immutable. Blocks keep the rows short: n policies in one block would need rows of n bits for up
/// to 2n+1 intervals a field.
final class MatcherBlock {
  static final int SIZE_MAX = 1024;

  private static final int PROTOCOLS = 256;

  private final int width;
  private final long[] rows;
  private final Intervals srcV4;
  private final Intervals dstV4;
  private final WideIntervals srcV6;
  private final WideIntervals dstV6;
  private final Intervals srcPorts;
  private final Intervals tcpPorts;
  private final Intervals udpPorts;
  private final Intervals otherPorts;
  private final int[] protocols;

  MatcherBlock(List<MatchRules> rules) {
    width = (rules.size() + Long.SIZE - 1) / Long.SIZE;
    BitRows kept = new BitRows(width);
    srcV4 = v4(rules, MatchRules::src).narrow(kept);
    dstV4 = v4(rules, MatchRules::dst).narrow(kept);
    srcV6 = v6(rules, MatchRules::src).wide(kept);
    dstV6 = v6(rules, MatchRules::dst).wide(kept);
    srcPorts = srcPorts(rules).narrow(kept);
    tcpPorts = dstPorts(rules, FlowKey.TCP).narrow(kept);
    udpPorts = dstPorts(rules, FlowKey.UDP).narrow(kept);
    otherPorts = otherPorts(rules).narrow(kept);
    protocols = protocols(rules, kept);
    rows = kept.toArray();
  }

  /// The position of the first policy that takes the flow; -1 if none does.
  int match(FlowKey flow) {
    int src = address(srcV4, srcV6, flow.srcHigh(), flow.srcLow());
    int dst = address(dstV4, dstV6, flow.dstHigh(), flow.dstLow());
    int srcPort = srcPorts.offset(flow.srcPort());
    return switch (flow.protocol()) {
      case FlowKey.TCP -> first(src, dst, srcPort, tcpPorts.offset(flow.dstPort()));
      case FlowKey.UDP -> first(src, dst, srcPort, udpPorts.offset(flow.dstPort()));
      default -> {
        int dstPort = otherPorts.offset(flow.dstPort());
        yield first(src, dst, srcPort, dstPort, protocols[flow.protocol()]);
      }
    };
  }

  private static int address(Intervals v4, WideIntervals v6, long high, long low) {
    return IpAddress.isV4(high, low) ? v4.offset((int) low) : v6.offset(high, low);
  }

  private int first(int a, int b, int c, int d) {
    return first(a, b, c, d, d);
  }

  private int first(int a, int b, int c, int d, int e) {
    long[] bits = rows;
    for (int word = 0; word < width; word++) {
      long all = bits[a + word] & bits[b + word] & bits[c + word] & bits[d + word] & bits[e + word];
      if (all != 0) {
        return word * Long.SIZE + Long.numberOfTrailingZeros(all);
      }
    }
    return -1;
  }

  private IntervalBuilder v4(
      List<MatchRules> rules, Function<MatchRules, Optional<IpPrefix>> field) {
    IntervalBuilder sweep = new IntervalBuilder(width);
    for (int i = 0; i < rules.size(); i++) {
      Optional<IpPrefix> block = field.apply(rules.get(i));
      if (block.isEmpty()) {
        sweep.allow(i, 0, 0xffff_ffffL);
      } else if (block.get().isV4()) {
        long first = block.get().first().low() & 0xffff_ffffL;
        sweep.allow(i, first, block.get().last().low() & 0xffff_ffffL);
      }
    }
    return sweep;
  }

  private IntervalBuilder v6(
      List<MatchRules> rules, Function<MatchRules, Optional<IpPrefix>> field) {
    IntervalBuilder sweep = new IntervalBuilder(width);
    for (int i = 0; i < rules.size(); i++) {
      IpPrefix block = field.apply(rules.get(i)).orElse(IpPrefix.ALL);
      if (!block.isV4()) {
        sweep.allow(i, block.first(), block.last());
      }
    }
    return sweep;
  }

  private IntervalBuilder srcPorts(List<MatchRules> rules) {
    IntervalBuilder sweep = new IntervalBuilder(width);
    for (int i = 0; i < rules.size(); i++) {
      var port = rules.get(i).srcPort();
      sweep.allow(i, port.orElse(0), port.orElse(PortRange.PORT_MAX));
    }
    return sweep;
  }

  private IntervalBuilder dstPorts(List<MatchRules> rules, int protocol) {
    IntervalBuilder sweep = new IntervalBuilder(width);
    for (int i = 0; i < rules.size(); i++) {
      MatchRules rule = rules.get(i);
      if (MatchRules.fits(rule.protocol(), protocol)) {
        for (PortRange range : classPorts(rule, protocol)) {
          allowWithin(sweep, i, range, rule.dstPorts().orElse(PortRange.ALL));
        }
      }
    }
    return sweep;
  }

  private static List<PortRange> classPorts(MatchRules rule, int protocol) {
    return rule.application()
        .map(application -> ClassPorts.of(application, protocol))
        .orElse(List.of(PortRange.ALL));
  }

  private static void allowWithin(IntervalBuilder sweep, int policy, PortRange a, PortRange b) {
    int low = Math.max(a.low(), b.low());
    int high = Math.min(a.high(), b.high());
    if (low <= high) {
      sweep.allow(policy, low, high);
    }
  }

  private IntervalBuilder otherPorts(List<MatchRules> rules) {
    IntervalBuilder sweep = new IntervalBuilder(width);
    for (int i = 0; i < rules.size(); i++) {
      MatchRules rule = rules.get(i);
      if (rule.application().orElse(ApplicationClass.OTHER) == ApplicationClass.OTHER) {
        allowWithin(sweep, i, PortRange.ALL, rule.dstPorts().orElse(PortRange.ALL));
      }
    }
    return sweep;
  }

  private int[] protocols(List<MatchRules> rules, BitRows kept) {
    int[] offsets = new int[PROTOCOLS];
    for (int protocol = 0; protocol < PROTOCOLS; protocol++) {
      long[] row = new long[width];
      for (int i = 0; i < rules.size(); i++) {
        if (MatchRules.fits(rules.get(i).protocol(), protocol)) {
          row[i >>> 6] |= 1L << i;
        }
      }
      offsets[protocol] = kept.offset(row);
    }
    return offsets;
  }
}
